import { expect, it } from 'vitest';
import type { WireEvent } from '#lib/protocol/events.ts';
import { recordsOf } from './account.ts';

const event = (data: object, personal: object | null): WireEvent =>
  ({
    id: 'e1',
    stream: 'account:a1:internal',
    seq: 4,
    name: 'dispute.opened',
    at: '2026-03-16T09:00:00.000Z',
    day: '2026-03-16',
    actor: 'm1',
    data: { records: data },
    personal: personal === null ? null : { records: personal },
    erased: false,
  }) as unknown as WireEvent;

it('keeps the records that hold no words beside those that do', () => {
  const bare = {
    disputes: [
      { id: 'd1', version: 2, detail: null },
      { id: 'd2', version: 1, detail: null },
    ],
  };
  const typed = { disputes: [{ id: 'd1', version: 2, detail: 'Deux palettes' }], tasks: [{ id: 't1', version: 1 }] };
  expect(recordsOf(event(bare, typed))).toEqual({
    disputes: [
      { id: 'd1', version: 2, detail: 'Deux palettes' },
      { id: 'd2', version: 1, detail: null },
    ],
    tasks: [{ id: 't1', version: 1 }],
  });
  expect(recordsOf(event(bare, null))).toEqual(bare);
});
