import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays } from '../calendar/calendar.ts';
import { addWorkingDays, workingDaysBetween } from '../calendar/working-days.ts';
import { DEPARTMENTS } from '../member/member.ts';
import { parseAmount } from '../money/money.ts';
import { FAR_DAY, type Cents, type Day } from '../values.ts';
import {
  anyDispute,
  anyRoom,
  buildAct,
  buildDispute,
  buildDisputable,
  NO_PARTS,
  TODAY,
} from '../../../../test/support/dispute-cases.ts';
import { blockedOf, collectableOf } from './blocked.ts';
import { isLate } from './deadlines.ts';
import { DISPUTE_REASONS, DISPUTE_STATES, type Dispute, type DisputeState } from './dispute.ts';
import { departmentOf } from './reasons.ts';
import { approveResolution, closeDispute, reopenDispute, resolveDispute } from './resolution.ts';
import {
  answerDispute,
  assignDispute,
  changeDispute,
  escalateDispute,
  openDispute,
  qualifyDispute,
  resumeDispute,
  waitForCustomer,
} from './rules.ts';
import type { DisputeResult } from './step.ts';
import { settleDisputes } from './settle-disputes.ts';
import { isLive, mayMove } from './transitions.ts';

interface Golden {
  cases: { id: string; input: Record<string, unknown>; expected: Record<string, unknown> }[];
}
const golden = JSON.parse(
  readFileSync(new URL('../../../../test/fixtures/golden/dispute_workflow.json', import.meta.url), 'utf8'),
) as Golden;
const goldenCase = (id: string): Golden['cases'][number] => {
  const found = golden.cases.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no golden case ${id}`);
  return found;
};
const cents = (text: unknown): Cents => parseAmount(String(text), '.')?.cents ?? NaN;

const act = buildAct();
const on = (today: Day): ReturnType<typeof buildAct> => buildAct({ today });
const ok = (result: DisputeResult): Dispute => {
  if (!result.ok) throw new Error(result.code);
  return result.dispute;
};
const codeOf = (result: DisputeResult): string => (result.ok ? 'ok' : result.code);
const inState = (state: DisputeState, more: Partial<Dispute> = {}): Dispute => buildDispute({ state, ...more });

describe('the life of a dispute', () => {
  test('[DIS-1] golden transitions: these moves and no others', () => {
    const { allowed, deniedExamples } = goldenCase('transitions').expected as Record<string, [string, string][]>;
    const found = DISPUTE_STATES.flatMap((from) =>
      DISPUTE_STATES.filter((to) => mayMove(from, to)).map((to) => [from, to]),
    );
    expect(found.sort()).toEqual([...(allowed ?? [])].sort());
    for (const [from, to] of deniedExamples ?? [])
      expect(mayMove(from as DisputeState, to as DisputeState)).toBe(false);
  });

  const STEPS: { [name: string]: (dispute: Dispute) => DisputeResult } = {
    change: (one) => changeDispute(one, { detail: 'x' }, { items: [], disputes: [], account: { words: [] } }),
    qualify: (one) => qualifyDispute(one, { reason: 'price', department: null, memberId: null }, act),
    assign: (one) => assignDispute(one, { department: 'quality', memberId: 'm5' }, act),
    wait: (one) => waitForCustomer(one, { until: addDays(TODAY, 5) }, act),
    resume: (one) => resumeDispute(one, act),
    answer: (one) => answerDispute(one, { decision: 'accepted', rootCause: 'carrier' }, act),
    reject: (one) =>
      resolveDispute(
        one,
        { parts: { ...NO_PARTS, rejectedCents: one.disputedCents }, rootCause: null, answered: true },
        act,
      ),
    withdraw: (one) =>
      resolveDispute(
        one,
        { parts: { ...NO_PARTS, withdrawnCents: one.disputedCents }, rootCause: null, answered: false },
        act,
      ),
    close: (one) => closeDispute(one, { reason: 'opened by mistake' }, act),
    reopen: (one) => reopenDispute(one, { reason: 'again' }, { items: [buildDisputable()], disputes: [one] }, act),
  };

  test.each<[string, Partial<Record<DisputeState, DisputeState>>]>([
    ['change', { open: 'open', qualified: 'qualified', assigned: 'assigned', waiting_customer: 'waiting_customer' }],
    [
      'qualify',
      { open: 'qualified', qualified: 'qualified', assigned: 'assigned', waiting_customer: 'waiting_customer' },
    ],
    ['assign', { qualified: 'assigned', assigned: 'assigned', waiting_customer: 'assigned' }],
    ['wait', { assigned: 'waiting_customer' }],
    ['resume', { waiting_customer: 'assigned' }],
    ['answer', { qualified: 'qualified', assigned: 'assigned', waiting_customer: 'waiting_customer' }],
    ['reject', { qualified: 'resolved', assigned: 'resolved' }],
    ['withdraw', { open: 'resolved', qualified: 'resolved', assigned: 'resolved', waiting_customer: 'resolved' }],
    ['close', { open: 'closed', resolved: 'closed' }],
    ['reopen', { resolved: 'assigned', closed: 'assigned' }],
  ])('[DIS-1] %s, from each state', (name, expected) => {
    const found: Partial<Record<DisputeState, string>> = {};
    for (const state of DISPUTE_STATES) {
      const result = STEPS[name]?.(inState(state)) ?? { ok: false, code: 'dispute_state' as const };
      if (result.ok) found[state] = result.dispute.state;
      else expect(result.code).toBe('dispute_state');
    }
    expect(found).toEqual(expected);
  });

  test('[DIS-1] whatever people do, states follow the table and the parts stay within what is open', () => {
    const names = Object.keys(STEPS);
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...names), { maxLength: 20 }), (steps) => {
        let dispute = buildDispute();
        for (const name of steps) {
          const result = STEPS[name]?.(dispute);
          if (result?.ok !== true) continue;
          const next = result.dispute;
          expect(next.state === dispute.state || mayMove(dispute.state, next.state)).toBe(true);
          expect(next.dueDay === FAR_DAY).toBe(!isLive(next) || next.state === 'waiting_customer');
          expect(next.stoppedOn === null).toBe(next.state !== 'waiting_customer');
          expect(next.resolution === null).toBe(isLive(next) || (next.state === 'closed' && dispute.state === 'open'));
          expect(next.disputedCents + next.awaitingCents).toBeLessThanOrEqual(100_000);
          dispute = next;
        }
      }),
    );
  });

  test('[DIS-1] closing from open and reopening need a reason; nothing closes while a credit note is awaited', () => {
    expect(codeOf(closeDispute(inState('open'), { reason: ' ' }, act))).toBe('reason_required');
    expect(codeOf(closeDispute(inState('resolved', { awaitingCents: 100 }), { reason: null }, act))).toBe(
      'awaiting_credit_note',
    );
    const room = { items: [buildDisputable()], disputes: [] };
    expect(codeOf(reopenDispute(inState('closed'), { reason: '' }, room, act))).toBe('reason_required');
    expect(codeOf(reopenDispute(inState('closed'), { reason: 'x' }, { items: [], disputes: [] }, act))).toBe(
      'nothing_open',
    );
    const closed = ok(closeDispute(inState('open'), { reason: 'mistake' }, act));
    expect(closed).toMatchObject({ disputedCents: 0, closedOn: TODAY, resolution: null });
  });

  test('[DIS-1] reopened, it disputes again what was claimed, less what was credited, within what is open', () => {
    const resolved = ok(
      resolveDispute(
        inState('assigned'),
        {
          parts: { ...NO_PARTS, creditNoteCents: 30_000, rejectedCents: 10_000 },
          rootCause: 'carrier',
          answered: true,
        },
        act,
      ),
    );
    expect([resolved.disputedCents, resolved.awaitingCents]).toEqual([0, 30_000]);
    const again = (open: Cents, one = resolved): Dispute =>
      ok(
        reopenDispute(
          one,
          { reason: 'x' },
          { items: [buildDisputable({ openCents: open })], disputes: [one] },
          on('2026-12-01'),
        ),
      );
    expect(again(100_000)).toMatchObject({
      state: 'assigned',
      disputedCents: 40_000,
      awaitingCents: 0,
      reopened: 1,
      resolution: null,
      answer: null,
      dueDay: addWorkingDays('2026-12-01', 5),
      resolveBy: addWorkingDays('2026-12-01', 15),
    });
    expect(again(15_000).disputedCents).toBe(15_000);
    const credited = {
      ...resolved,
      awaitingCents: 0,
      items: resolved.items.map((one) => ({ ...one, awaitingCents: 0 })),
    };
    expect(again(70_000, credited).disputedCents).toBe(10_000);
  });
});

describe('who settles it', () => {
  test('[DIS-2] every reason has a department, and a workspace may choose another', () => {
    for (const reason of DISPUTE_REASONS) expect(DEPARTMENTS).toContain(departmentOf(reason, { departments: {} }));
    expect(departmentOf('price', { departments: {} })).toBe('sales');
    expect(departmentOf('price', { departments: { price: 'adv' } })).toBe('adv');
  });

  test('[DIS-2] qualifying moves it to the reason’s department; later only a named one moves it', () => {
    const open = inState('open', { department: 'credit', memberId: 'm1' });
    const qualified = ok(qualifyDispute(open, { reason: 'quality', department: null, memberId: null }, act));
    expect(qualified).toMatchObject({ department: 'quality', memberId: null, dueDay: addWorkingDays(TODAY, 5) });
    const assigned = ok(assignDispute(qualified, { department: 'quality', memberId: 'm5' }, act));
    const corrected = ok(qualifyDispute(assigned, { reason: 'price', department: null, memberId: null }, act));
    expect(corrected).toMatchObject({ reason: 'price', department: 'quality', memberId: 'm5', state: 'assigned' });
  });

  test('[DIS-5] the answer leaves the days to resolve; another department answers anew, the same keeps its day', () => {
    const assigned = ok(assignDispute(inState('qualified'), { department: 'quality', memberId: null }, act));
    const answered = ok(
      answerDispute(assigned, { decision: 'refused', rootCause: 'customer_error' }, on('2026-11-24')),
    );
    expect(answered).toMatchObject({
      rootCause: 'customer_error',
      dueDay: assigned.resolveBy,
      answer: { decision: 'refused', by: 'm1', on: '2026-11-24' },
    });
    const same = ok(assignDispute(answered, { department: 'quality', memberId: 'm5' }, on('2026-11-25')));
    expect(same).toMatchObject({ dueDay: answered.dueDay, answer: answered.answer });
    const other = ok(assignDispute(answered, { department: 'sales', memberId: null }, on('2026-11-25')));
    expect(other).toMatchObject({ answer: null, dueDay: addWorkingDays('2026-11-25', 5) });
    const late = ok(assignDispute(answered, { department: 'sales', memberId: null }, on('2026-12-30')));
    expect(late.dueDay).toBe(answered.resolveBy);
  });
});

describe('deadlines', () => {
  test.each(['sla-2-days-from-friday', 'sla-started-on-sunday'])('[DIS-3] golden %s', (id) => {
    const { input, expected } = goldenCase(id);
    const today = String(input.start);
    const settings = { ...act.workspace.settings.disputes, qualifyDays: Number(input.workingDays) };
    const workspace = { ...act.workspace, settings: { ...act.workspace.settings, disputes: settings } };
    const opened = ok(openDispute({ ...OPEN_FACTS, disputes: [] }, ASKED, { ...act, today, workspace }));
    expect(opened.dueDay).toBe(expected.deadline);
  });

  const days = fc.integer({ min: 0, max: 700 }).map((days) => addDays('2026-01-01', days));

  test('[DIS-4] waiting for the customer takes nothing from the days that are left', () => {
    fc.assert(
      fc.property(days, fc.integer({ min: 0, max: 12 }), fc.integer({ min: 0, max: 40 }), (start, before, waited) => {
        const opened = ok(openDispute({ ...OPEN_FACTS, disputes: [] }, ASKED, on(start)));
        const qualified = ok(qualifyDispute(opened, { reason: 'price', department: null, memberId: null }, on(start)));
        const assigned = ok(assignDispute(qualified, { department: 'sales', memberId: null }, on(start)));
        const stop = addDays(start, before);
        const waiting = ok(waitForCustomer(assigned, { until: addDays(stop, 50) }, on(stop)));
        expect(waiting).toMatchObject({ dueDay: FAR_DAY, stoppedOn: stop, resolveBy: assigned.resolveBy });
        expect(isLate(waiting, addDays(stop, 400))).toBe(false);
        const again = addDays(stop, waited);
        const resumed = ok(resumeDispute(waiting, on(again)));
        expect(workingDaysBetween(again, resumed.resolveBy)).toBe(workingDaysBetween(stop, assigned.resolveBy));
        expect(workingDaysBetween(again, resumed.dueDay)).toBe(workingDaysBetween(stop, assigned.dueDay));
        expect(resumed).toMatchObject({ stoppedOn: null, stoppedDueDay: null, waitingUntil: null });
      }),
    );
  });

  test('[DIS-4] an answer while waiting leaves the clock stopped; then it is the day to resolve that counts', () => {
    const waiting = ok(waitForCustomer(inState('assigned'), { until: TODAY }, act));
    const answered = ok(answerDispute(waiting, { decision: 'accepted', rootCause: 'carrier' }, act));
    expect(answered.dueDay).toBe(FAR_DAY);
    expect(ok(resumeDispute(answered, act)).dueDay).toBe(answered.resolveBy);
    expect(codeOf(waitForCustomer(inState('assigned'), { until: '2026-11-19' }, act))).toBe('day_in_past');
    expect(codeOf(waitForCustomer(inState('assigned'), { until: '2026-02-30' }, act))).toBe('day_unreadable');
  });

  test('[DIS-11] late is told once, and again when a new deadline passes', () => {
    const dispute = inState('assigned', { dueDay: '2026-11-19' });
    expect(escalateDispute({ ...dispute, dueDay: TODAY }, TODAY)).toBeNull();
    const told = escalateDispute(dispute, TODAY);
    expect(told?.escalatedOn).toBe(TODAY);
    expect(told && escalateDispute(told, addDays(TODAY, 1))).toBeNull();
    const moved = ok(assignDispute(told ?? dispute, { department: 'sales', memberId: null }, act));
    expect(moved.escalatedOn).toBeNull();
    expect(escalateDispute(moved, addDays(moved.dueDay, 1))).not.toBeNull();
  });
});

describe('resolving', () => {
  const parts = (more: Partial<typeof NO_PARTS>): typeof NO_PARTS => ({ ...NO_PARTS, ...more });
  const resolve = (more: Partial<typeof NO_PARTS>, answered = true, dispute = inState('assigned')): DisputeResult =>
    resolveDispute(dispute, { parts: parts(more), rootCause: null, answered }, act);

  test.each<[string, Partial<typeof NO_PARTS>, boolean, string]>([
    ['parts that add up', { creditNoteCents: 25_000, rejectedCents: 15_000 }, true, 'ok'],
    ['too little', { creditNoteCents: 39_999 }, true, 'parts'],
    ['too much', { creditNoteCents: 40_001 }, true, 'parts'],
    ['a negative part', { creditNoteCents: 50_000, writeOffCents: -10_000 }, true, 'parts'],
    ['half a cent', { creditNoteCents: 39_999.5, writeOffCents: 0.5 }, true, 'parts'],
    ['rejected without an answer', { rejectedCents: 40_000 }, false, 'answer_required'],
    ['replaced without an answer', { replacementCents: 40_000 }, false, 'ok'],
  ])('[DIS-6] %s', (_, more, answered, code) => {
    expect(codeOf(resolve(more, answered))).toBe(code);
  });

  test.each<[string, Partial<typeof NO_PARTS>, boolean]>([
    ['a write-off at the limit', { writeOffCents: 10_000, withdrawnCents: 30_000 }, false],
    ['a write-off above it', { writeOffCents: 10_001, withdrawnCents: 29_999 }, true],
    ['a credit note below its own', { creditNoteCents: 40_000 }, false],
  ])('[DIS-6] a second person: %s', (_, more, needed) => {
    const dispute = ok(resolve(more));
    expect(dispute.approval !== null).toBe(needed);
    expect(dispute.state).toBe(needed ? 'assigned' : 'resolved');
  });

  test('[DIS-6] limits are in the workspace’s currency', () => {
    const inYen = inState('assigned', { currency: 'JPY' });
    expect(ok(resolve({ writeOffCents: 40_000 }, true, inYen)).approval).toBeNull();
    expect(ok(resolve({ writeOffCents: 40_000 })).approval).not.toBeNull();
  });

  test('[DIS-6] another manager or finance agrees, nobody else; not agreed, it stays as it was', () => {
    const asked = ok(resolve({ writeOffCents: 40_000 }));
    const by = (who: string): ReturnType<typeof buildAct> => buildAct({ by: who });
    expect(codeOf(approveResolution(asked, { agree: true, role: 'manager' }, by('m1')))).toBe('same_person');
    for (const role of ['collector', 'sales', 'quality', 'adv', 'logistics', 'accounting', 'admin'] as const)
      expect(codeOf(approveResolution(asked, { agree: true, role }, by('m9')))).toBe('approver_role');
    expect(codeOf(approveResolution(inState('assigned'), { agree: true, role: 'finance' }, by('m9')))).toBe(
      'no_approval',
    );
    const agreed = ok(approveResolution(asked, { agree: true, role: 'finance' }, by('m9')));
    expect(agreed).toMatchObject({
      state: 'resolved',
      approval: null,
      disputedCents: 0,
      awaitingCents: 40_000,
      resolution: { writeOffCents: 40_000, by: 'm1', approvedBy: 'm9', on: TODAY },
    });
    const refused = ok(approveResolution(asked, { agree: false, role: 'manager' }, by('m9')));
    expect(refused).toMatchObject({ state: 'assigned', approval: null, resolution: null, disputedCents: 40_000 });
  });

  test('[DIS-6] a resolution asked for another amount has to be asked again', () => {
    const asked = ok(resolve({ writeOffCents: 40_000 }));
    const room = { items: [buildDisputable()], disputes: [asked], account: { words: [] } };
    const changed = ok(changeDispute(asked, { items: [{ itemId: 'i1', cents: 30_000 }] }, room));
    expect(changed.approval).toBeNull();
  });

  test('[DIS-6] and so does one on other invoices, be it the same amount', () => {
    const asked = ok(resolve({ writeOffCents: 40_000 }));
    const room = {
      items: [buildDisputable(), buildDisputable({ id: 'i2' })],
      disputes: [asked],
      account: { words: [] },
    };
    const cents = asked.disputedCents;
    const swapped = ok(changeDispute(asked, { items: [{ itemId: 'i2', cents }] }, room));
    expect(swapped).toMatchObject({ disputedCents: cents, approval: null });
    const same = ok(changeDispute(asked, { items: [{ itemId: 'i1', cents }], detail: 'Autrement dit' }, room));
    expect(same.approval).toEqual(asked.approval);
  });

  test('[DIS-6] from open, or waiting for the customer, only money or the customer’s word settles it', () => {
    for (const state of ['open', 'waiting_customer'] as const) {
      expect(codeOf(resolve({ creditNoteCents: 40_000 }, true, inState(state)))).toBe('dispute_state');
      expect(codeOf(resolve({ paidCents: 10_000, withdrawnCents: 30_000 }, false, inState(state)))).toBe('ok');
    }
  });

  test('[DIS-9] what is to be credited or written off waits, item after item; the rest is no longer contested', () => {
    const dispute = inState('assigned', {
      items: [
        { itemId: 'i1', number: 'F1', claimedCents: 10_000, disputedCents: 10_000, awaitingCents: 0 },
        { itemId: 'i2', number: 'F2', claimedCents: 30_000, disputedCents: 30_000, awaitingCents: 0 },
      ],
    });
    const resolved = ok(
      resolve({ creditNoteCents: 12_000, writeOffCents: 3_000, rejectedCents: 25_000 }, true, dispute),
    );
    expect(resolved.items.map((item) => [item.disputedCents, item.awaitingCents])).toEqual([
      [0, 10_000],
      [0, 5_000],
    ]);
    expect(resolved.awaitingCents).toBe(15_000);
  });
});

const OPEN_FACTS = {
  id: 'd1',
  number: 7,
  account: { id: 'a1', number: 'C1', name: 'Client', words: ['c1', 'client'], access: ['owner:m1'] },
  items: [buildDisputable()],
  disputes: [] as Dispute[],
};
const ASKED = {
  items: [{ itemId: 'i1', cents: null }],
  reason: 'quantity' as const,
  source: 'member' as const,
  detail: null,
  department: null,
  memberId: null,
  requestedAction: null,
};

describe('what is disputed', () => {
  test('[DIS-7] opened on all that is open and not disputed yet, with its words and tokens', () => {
    const other = buildDispute({ id: 'd0' });
    const opened = ok(openDispute({ ...OPEN_FACTS, disputes: [other] }, { ...ASKED, memberId: 'm7' }, act));
    expect(opened).toMatchObject({
      number: 7,
      state: 'open',
      department: 'logistics',
      disputedCents: 60_000,
      items: [{ itemId: 'i1', number: 'F1', claimedCents: 60_000, disputedCents: 60_000, awaitingCents: 0 }],
      dueDay: '2026-11-24',
      resolveBy: '2026-12-11',
      access: ['dept:logistics', 'member:m7', 'owner:m1'],
    });
    expect(opened.words).toEqual(expect.arrayContaining(['7', 'c1', 'client', 'f1']));
  });

  test.each<[string, { itemId: string; cents: Cents | null }[], string]>([
    ['nothing', [], 'empty'],
    ['an unknown item', [{ itemId: 'x', cents: null }], 'item_unknown'],
    [
      'one twice',
      [
        { itemId: 'i1', cents: 1 },
        { itemId: 'i1', cents: 1 },
      ],
      'item_twice',
    ],
    ['a settled one', [{ itemId: 'settled', cents: null }], 'item_settled'],
    ['a credit note', [{ itemId: 'credit', cents: null }], 'item_credit'],
    [
      'two currencies',
      [
        { itemId: 'i1', cents: 1 },
        { itemId: 'usd', cents: 1 },
      ],
      'currencies',
    ],
    ['more than is open', [{ itemId: 'i1', cents: 100_001 }], 'above_open'],
    ['nothing of it', [{ itemId: 'i1', cents: 0 }], 'above_open'],
    ['one taken whole elsewhere', [{ itemId: 'taken', cents: null }], 'already_disputed'],
  ])('[DIS-7] not %s', (_, asked, code) => {
    const items = [
      buildDisputable(),
      buildDisputable({ id: 'settled', state: 'settled', openCents: 0 }),
      buildDisputable({ id: 'credit', kind: 'credit_note', openCents: -500 }),
      buildDisputable({ id: 'usd', currency: 'USD' }),
      buildDisputable({ id: 'taken', openCents: 40_000 }),
    ];
    const elsewhere = buildDispute({
      id: 'd0',
      items: [{ itemId: 'taken', number: 'T', claimedCents: 40_000, disputedCents: 40_000, awaitingCents: 0 }],
    });
    const result = openDispute({ ...OPEN_FACTS, items, disputes: [elsewhere] }, { ...ASKED, items: asked }, act);
    expect(codeOf(result)).toBe(code);
  });

  test('[DIS-7] golden amounts: disputed, agreed, credited', () => {
    const { input, expected } = goldenCase('amounts');
    const figures = expected as Record<string, Record<string, string>>;
    const resolution = input.resolution as Record<string, string>;
    const item = buildDisputable({ openCents: cents(input.invoiceOpen), cents: cents(input.invoiceOpen) });
    const opened = ok(
      openDispute(
        { ...OPEN_FACTS, items: [item] },
        { ...ASKED, items: [{ itemId: 'i1', cents: cents(input.disputed) }] },
        act,
      ),
    );
    const check = (name: string, disputes: Dispute[], items: (typeof item)[]): void => {
      const [one] = items;
      if (one === undefined) throw new Error('no item');
      expect([name, one.openCents, one.disputedCents, one.awaitingCents, collectableOf(one)]).toEqual([
        name,
        cents(figures[name]?.open),
        cents(figures[name]?.disputed),
        cents(figures[name]?.awaitingCreditNote ?? '0.00'),
        cents(figures[name]?.collectable),
      ]);
      expect(disputes).toHaveLength(1);
    };
    const during = settleDisputes({ disputes: [opened], items: [item] }, act);
    check('duringDispute', during.disputes, during.items);
    const assigned: Dispute = { ...opened, state: 'assigned' };
    const parts = {
      ...NO_PARTS,
      creditNoteCents: cents(resolution.creditNoteAgreed),
      rejectedCents: cents(resolution.rejected),
    };
    const resolved = ok(resolveDispute(assigned, { parts, rootCause: null, answered: true }, act));
    const after = settleDisputes({ disputes: [resolved], items: during.items }, act);
    check('afterResolution', after.disputes, after.items);
    const received = cents(input.creditNoteReceived);
    const less = after.items.map((one) => ({ ...one, openCents: one.openCents - received }));
    const credited = settleDisputes({ disputes: after.disputes, items: less, drops: new Map([['i1', received]]) }, act);
    check('afterCreditNote', credited.disputes, credited.items);
    expect(credited.outcomes).toEqual([{ kind: 'credit_note_received', disputeId: 'd1', cents: received }]);
  });

  test('[DIS-8] golden amounts-payment-below-undisputed: money takes the undisputed part first', () => {
    const { input, expected } = goldenCase('amounts-payment-below-undisputed');
    const open = cents(input.invoiceOpen);
    const item = buildDisputable({ openCents: open });
    const dispute = buildDispute({}, cents(input.disputed));
    const paid = cents(input.payment);
    const { items, disputes, outcomes } = settleDisputes(
      { disputes: [dispute], items: [{ ...item, openCents: open - paid }], drops: new Map([['i1', paid]]) },
      act,
    );
    expect(items[0]).toMatchObject({
      openCents: cents(expected.openAfter),
      disputedCents: cents(expected.disputedAfter),
    });
    expect(items[0] && collectableOf(items[0])).toBe(cents(expected.collectable));
    expect([disputes[0], outcomes]).toEqual([dispute, []]);
  });

  test('[DIS-7] whatever is disputed, collectable and blocked add up to what is open, and settling twice changes nothing', () => {
    fc.assert(
      fc.property(anyRoom, ({ disputes, items, drops, credits }) => {
        const once = settleDisputes({ disputes, items, drops, credits }, act);
        for (const item of once.items) {
          expect(item.disputedCents + item.awaitingCents).toBeLessThanOrEqual(Math.max(0, item.openCents));
          expect(blockedOf(item)).toBeGreaterThanOrEqual(0);
          expect(collectableOf(item) + blockedOf(item)).toBe(item.openCents);
          const parts = once.disputes.flatMap((one) => one.items).filter((one) => one.itemId === item.id);
          expect(item.disputedCents).toBe(parts.reduce((sum, one) => sum + one.disputedCents, 0));
        }
        for (const dispute of once.disputes) {
          expect(isLive(dispute) ? dispute.disputedCents > 0 : dispute.disputedCents === 0).toBe(true);
          if (dispute.resolution === null || !isLive(disputes.find(({ id }) => id === dispute.id) ?? dispute)) continue;
          const { paidCents, creditNoteCents } = dispute.resolution;
          expect(paidCents + creditNoteCents).toBe(disputes.find(({ id }) => id === dispute.id)?.disputedCents);
        }
        const twice = settleDisputes({ disputes: once.disputes, items: once.items }, act);
        expect(twice.outcomes).toEqual([]);
        twice.disputes.forEach((one, index) => expect(one).toBe(once.disputes[index]));
        twice.items.forEach((one, index) => expect(one).toBe(once.items[index]));
      }),
    );
  });

  test('[DIS-7] opening and changing never take more than is there', () => {
    fc.assert(
      fc.property(anyRoom, fc.integer({ min: 1, max: 120_000 }), ({ disputes, items }, asked) => {
        const settled = settleDisputes({ disputes, items }, act);
        for (const item of items) {
          const result = openDispute(
            { ...OPEN_FACTS, id: 'new', items: settled.items, disputes: settled.disputes },
            { ...ASKED, items: [{ itemId: item.id, cents: asked }] },
            act,
          );
          if (!result.ok) continue;
          const after = settleDisputes({ disputes: [...settled.disputes, result.dispute], items: settled.items }, act);
          expect(after.outcomes).toEqual([]);
        }
      }),
    );
  });

  test('[DIS-1] any dispute that is made is one that the rules could have made', () => {
    fc.assert(
      fc.property(anyDispute('d1', ['i1']), (dispute) => {
        expect(dispute.disputedCents > 0).toBe(isLive(dispute));
      }),
    );
  });
});
