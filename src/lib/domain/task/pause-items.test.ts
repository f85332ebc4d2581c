import { expect, test } from 'vitest';
import { buildDisputable } from '../../../../test/support/dispute-cases.ts';
import { blockedOf, collectableOf } from '../dispute/blocked.ts';
import { pauseItems } from './pause-items.ts';
import type { Task } from './task.ts';

const TODAY = '2026-11-20';
type Request = Pick<Task, 'kind' | 'state' | 'disputeId' | 'dueDay' | 'itemIds'>;
const request: Request = {
  kind: 'send_document',
  state: 'open',
  disputeId: null,
  dueDay: '2026-11-24',
  itemIds: ['i1'],
};
const [one, other] = [buildDisputable(), buildDisputable({ id: 'i2', disputedCents: 30_000 })];

test('[TSK-11] the items that a request names wait until its day, whole; the others as they were', () => {
  const [paused, left] = pauseItems([one, other], [request], TODAY);
  expect(paused).toMatchObject({ pausedUntil: '2026-11-24' });
  expect(left).toBe(other);
  if (paused === undefined) return;
  expect([blockedOf(paused), collectableOf(paused)]).toEqual([100_000, 0]);
  expect(blockedOf({ ...paused, kind: 'credit_note', openCents: -5_000 })).toBe(0);
  expect(pauseItems([paused], [request], TODAY)[0]).toBe(paused);
  expect(pauseItems([paused], [request, { ...request, dueDay: '2026-11-27' }], TODAY)[0]?.pausedUntil).toBe(
    '2026-11-27',
  );
});

test.each<[string, Partial<Request>]>([
  ['its day has come', { dueDay: TODAY }],
  ['it is closed', { state: 'done' }],
  ['it is about something else', { kind: 'question' }],
  ['it is part of a dispute', { disputeId: 'd1' }],
])('[TSK-11] nothing waits once %s', (_why, given) => {
  const waiting = { ...one, pausedUntil: '2026-11-23' };
  expect(pauseItems([waiting], [{ ...request, ...given }], TODAY)[0]).toEqual(one);
  expect(pauseItems([one], [{ ...request, ...given }], TODAY)[0]).toBe(one);
});
