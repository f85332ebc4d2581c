import { afterEach, expect, it, vi } from 'vitest';
import { NoteSession } from './collab.ts';

/** A network that takes connections and never lets them come: a tunnel. */
class Silent extends EventTarget {
  static begun = 0;
  readyState = 0;
  onclose: ((event: Event) => void) | null = null;
  constructor() {
    super();
    Silent.begun += 1;
  }
  close(): void {
    this.readyState = 3;
    const event = new Event('close');
    this.onclose?.(event);
    this.dispatchEvent(event);
  }
  send(): void {
    throw new Error('not connected');
  }
}

afterEach(() => vi.useRealTimers());

it('[C3] gives up a connection that does not come, and begins another', async () => {
  vi.useFakeTimers();
  const session = new NoteSession({
    url: 'ws://encours.example',
    document: 'note:a1',
    epoch: 1,
    memberId: 'm1',
    persist: false,
    onState: () => undefined,
    socket: Silent as unknown as typeof WebSocket,
  });
  await vi.advanceTimersByTimeAsync(9_000);
  expect(Silent.begun).toBe(1);
  await vi.advanceTimersByTimeAsync(3_000);
  expect(Silent.begun).toBe(2);
  session.destroy();
});
