import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { WireEvent } from '#lib/protocol/events.ts';
import { StreamWatch } from './stream-watch.ts';

const event = (seq: number): WireEvent => ({
  id: `e${seq}`,
  stream: 'account:a:internal',
  seq,
  name: 'account.imported',
  at: '2026-03-16T08:00:00.000Z',
  day: '2026-03-16',
  actor: 'm',
  data: {},
  personal: null,
  erased: false,
});
const range = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);

/** A screen that notes what it was shown, and a server that answers when told to. */
function screen(since: number, head = { seq: since }) {
  const shown: number[] = [];
  const asked: number[] = [];
  let refetches = 0;
  const watch: StreamWatch = new StreamWatch(
    'account:a:internal',
    since,
    {
      event: (one) => void shown.push(one.seq),
      refetch: () => {
        refetches += 1;
        shown.push(...range((shown.at(-1) ?? since) + 1, head.seq));
        return Promise.resolve(head.seq);
      },
    },
    () => asked.push(watch.seq),
  );
  const answer = () =>
    watch.caughtUp({ seq: head.seq, events: range(asked.at(-1) ?? 0, head.seq).map(event), refetch: false });
  return { watch, shown, asked, answer, refetches: () => refetches };
}

describe('[C4] one stream on one screen', () => {
  it('[C4] shows each event once, in order, whatever comes twice, early or late', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.oneof(fc.integer({ min: 1, max: 30 }), fc.constant('answer' as const)), { maxLength: 120 }),
        fc.integer({ min: 0, max: 5 }),
        async (wire, since) => {
          const head = { seq: 30 };
          const { watch, shown, asked, answer } = screen(since, head);
          watch.catchUp();
          for (const one of wire)
            if (one === 'answer') {
              if (watch.busy) await answer();
            } else watch.hear(event(one));
          for (let turn = 0; turn < 5 && watch.busy; turn += 1) await answer();
          expect(watch.seq).toBe(30);
          expect(shown).toEqual(range(since + 1, 30));
          expect(asked.length).toBeGreaterThan(0);
        },
      ),
    );
  });

  it('[C4] asks for what is missing when an event comes too early', async () => {
    const { watch, shown, asked, answer } = screen(4, { seq: 7 });
    watch.hear(event(7));
    expect(shown).toEqual([]);
    expect(asked).toEqual([4]);
    await answer();
    expect(shown).toEqual([5, 6, 7]);
  });

  it('[C4] loads anew when the server says that too much is missing, and goes on from there', async () => {
    const { watch, shown, refetches } = screen(4, { seq: 900 });
    watch.catchUp();
    watch.hear(event(901));
    await watch.caughtUp({ seq: 900, events: [], refetch: true });
    expect(refetches()).toBe(1);
    expect(shown.at(-1)).toBe(901);
    expect(watch.seq).toBe(901);
  });

  it('[C4] takes the sequence of a server that was restored to an earlier day', async () => {
    const head = { seq: 12 };
    const { watch, shown } = screen(20, head);
    await watch.caughtUp({ seq: 12, events: [], refetch: true });
    watch.hear(event(13));
    expect(shown).toEqual([13]);
  });

  it('[C4] hears nothing once it ended', () => {
    const { watch, shown } = screen(0);
    watch.end();
    watch.hear(event(1));
    expect(shown).toEqual([]);
  });
});
