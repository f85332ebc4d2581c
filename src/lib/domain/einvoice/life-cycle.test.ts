import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { firstTaskOf, isContest, reasonOfCode, stateOfCode, taskOfFirst } from './codes.ts';
import { detailOf } from './detail.ts';
import { itemEinvoiceOf, outcomeOf, stepOf } from './life-cycle.ts';
import { amountOf, announcedDayOf, type Characteristic } from './statement.ts';

interface GoldenCase {
  id: string;
  input: {
    code?: string;
    sequence?: string[];
    reasons?: string[];
    actions?: string[];
  };
  expected: {
    workspaceState?: string;
    states?: string[];
    departments?: string[];
    tasks?: string[];
    disputesOpened?: number;
    disputeOpened?: boolean;
    disputeProposedForClosure?: boolean;
    disputeAutoClosedBy205?: boolean;
    [status: string]: unknown;
  };
}
const golden = JSON.parse(
  readFileSync(new URL('../../../../test/fixtures/golden/einvoice_lifecycle_map.json', import.meta.url), 'utf8'),
) as { cases: GoldenCase[] };
const caseOf = (id: string): GoldenCase => {
  const found = golden.cases.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no golden case ${id}`);
  return found;
};

interface Message {
  code: string;
  statedAt: string;
}
interface Heard extends Message {
  receivedAt: string;
  cents: number | null;
  announcedDay: string | null;
  disputeId: string | null;
}

/** What services do with the steps, in small: disputes by number, with their marks. */
function play(messages: readonly Message[]) {
  const heard: Heard[] = [];
  const disputes: { id: string; closureProposed: boolean; codes: string[] }[] = [];
  const states: string[] = [];
  const outcomes: string[] = [];
  let tasks = 0;
  messages.forEach((message, n) => {
    const before = itemEinvoiceOf(heard);
    const step = stepOf(message, heard, disputes[0]?.id ?? null);
    let disputeId: string | null = null;
    if (step.do === 'open_dispute') {
      disputeId = `d${disputes.length}`;
      disputes.push({ id: disputeId, closureProposed: step.closureProposed, codes: [message.code] });
    } else if ('disputeId' in step) {
      const dispute = disputes.find(({ id }) => id === step.disputeId);
      if (dispute === undefined) throw new Error('no such dispute');
      if (step.do === 'update_dispute') dispute.closureProposed = step.closureProposed;
      if (step.do === 'propose_closure') dispute.closureProposed = true;
      disputeId = step.disputeId;
    } else if (step.do === 'ask_document' || step.do === 'ask_correction') tasks += 1;
    heard.push({
      ...message,
      receivedAt: `2026-09-01T00:00:${String(n).padStart(2, '0')}Z`,
      cents: 100,
      announcedDay: null,
      disputeId: isContest(message.code) ? disputeId : null,
    });
    const after = itemEinvoiceOf(heard);
    outcomes.push(outcomeOf(message, before, after));
    states.push(after?.state ?? 'none');
  });
  return { states, disputes, outcomes, tasks };
}
const at = (n: number): string => `2026-09-${String(n + 1).padStart(2, '0')}T10:00:00.000Z`;
const sequence = (codes: readonly string[]): Message[] => codes.map((code, n) => ({ code, statedAt: at(n) }));

describe('[EIN-1] a status says where the invoice stands', () => {
  const single = golden.cases.filter((one) => one.input.code !== undefined);
  it.each(single.map((one) => [one.id, one] as const))('golden %s', (_id, one) => {
    expect(stateOfCode(one.input.code ?? '')).toBe(one.expected.workspaceState);
  });
  it('knows all fourteen, and keeps an unknown code as information', () => {
    expect(single).toHaveLength(14);
    expect(stateOfCode('299')).toBe('information');
    expect(play(sequence(['203', '299'])).states).toEqual(['received', 'received']);
    expect(play(sequence(['299', '203'])).states).toEqual(['information', 'received']);
    expect(play(sequence(['299'])).outcomes).toEqual(['information']);
  });
});

describe('[EIN-4] a reason says who settles it', () => {
  it('golden reason-to-department', () => {
    const { input, expected } = caseOf('reason-to-department');
    expect(input.reasons?.map((code) => reasonOfCode(code).department)).toEqual(expected.departments);
  });
  it('knows every reason that a status may carry', () => {
    const { expected } = caseOf('reasons-allowed-per-status');
    for (const code of ['200', '208', '210'])
      for (const reason of expected[code] as string[])
        expect([reason, reasonOfCode(reason).department]).not.toEqual([reason, 'credit']);
  });
  it('follows the workspace, and leaves what it does not know to the credit team', () => {
    expect(reasonOfCode('PU_ERR', { price: 'adv' })).toEqual({ reason: 'price', department: 'adv' });
    expect(reasonOfCode('JUSTIF_ABS', { other: 'quality' })).toEqual({ reason: 'other', department: 'adv' });
    expect(reasonOfCode('AUTRE', { other: 'quality' })).toEqual({ reason: 'other', department: 'quality' });
    expect(reasonOfCode('NEW_ERR')).toEqual({ reason: 'other', department: 'credit' });
    expect(reasonOfCode(null)).toEqual({ reason: 'other', department: 'credit' });
  });
});

describe('[EIN-5] the requested action is the first task', () => {
  it('golden requested-action', () => {
    const { input, expected } = caseOf('requested-action');
    expect(input.actions?.map(firstTaskOf)).toEqual(expected.tasks);
  });
  it('asks the department that can do it', () => {
    expect(taskOfFirst(firstTaskOf('NIN'), 'accounting')).toEqual({
      kind: 'corrective_invoice',
      department: 'accounting',
    });
    expect(taskOfFirst(firstTaskOf('CNP'), 'logistics')).toEqual({ kind: 'credit_note', department: 'adv' });
    expect(taskOfFirst(firstTaskOf('OTH'), 'quality')).toEqual({ kind: 'answer_dispute', department: 'quality' });
    expect(taskOfFirst(firstTaskOf(null), 'sales')).toEqual({ kind: 'answer_dispute', department: 'sales' });
    expect(taskOfFirst(firstTaskOf('NOA'), 'sales')).toBeNull();
  });
});

describe('[EIN-2] messages repeat and come out of order', () => {
  it('golden out-of-order', () => {
    const { input, expected } = caseOf('out-of-order');
    const { states, disputes } = play(sequence(input.sequence ?? []));
    expect(states).toEqual(expected.states);
    expect(disputes).toHaveLength(1);
    expect(disputes[0]?.closureProposed).toBe(expected.disputeProposedForClosure);
  });
  it('golden late-207-after-212', () => {
    const { input, expected } = caseOf('late-207-after-212');
    expect(play(sequence(input.sequence ?? [])).disputes.length === 1).toBe(expected.disputeOpened);
    const [paid, contested] = sequence(['207', '212']).reverse() as [Message, Message];
    const late = play([paid, contested]);
    expect(late.outcomes).toEqual(['applied', 'late']);
    expect(late.states).toEqual(['paid', 'paid']);
    expect(late.disputes).toHaveLength(1);
  });
  it('golden duplicate-message', () => {
    const { input, expected } = caseOf('duplicate-message');
    expect(play(sequence(input.sequence ?? [])).disputes).toHaveLength(expected.disputesOpened ?? -1);
    const same = sequence(['207'])[0] as Message;
    expect(play([same, same]).disputes).toHaveLength(1);
  });
  it('golden real-sequence-uc1', () => {
    const { expected } = caseOf('real-sequence-uc1');
    expect(play(sequence(['200', '202', '203', '204', '205', '211', '212'])).states).toEqual(expected.states);
  });
  it('does not let an older statement move the state back', () => {
    const [received, contested, approved] = sequence(['203', '207', '205']) as [Message, Message, Message];
    const { states, outcomes, disputes } = play([approved, contested, received]);
    expect(states).toEqual(['approved', 'approved', 'approved']);
    expect(outcomes).toEqual(['applied', 'late', 'late']);
    expect(disputes).toEqual([{ id: 'd0', closureProposed: true, codes: ['207'] }]);
  });
  it('takes a refusal for what it is, however late it comes', () => {
    const [refused, approved] = sequence(['210', '205']) as [Message, Message];
    expect(play([approved, refused])).toMatchObject({
      states: ['approved', 'refused'],
      outcomes: ['applied', 'applied'],
    });
  });
  it('keeps a refusal for good, and a rejection until the invoice is deposited again', () => {
    expect(play(sequence(['210', '205', '211', '200'])).states).toEqual(Array(4).fill('refused'));
    expect(play(sequence(['213', '203', '200', '202'])).states).toEqual(['rejected', 'rejected', 'sent', 'received']);
  });
  it('does not ask again for what was given since', () => {
    const [asked, given] = sequence(['208', '209']) as [Message, Message];
    expect(play([given, asked]).tasks).toBe(0);
    expect(stepOf(given, [], null)).toEqual({ do: 'complete', codes: ['208'], until: given.statedAt });
    expect(play(sequence(['200', '213'])).tasks).toBe(1);
  });
  it('ends at the same state and with one dispute at most, whatever the order of arrival', () => {
    const codes = ['200', '202', '203', '204', '205', '206', '207', '208', '209', '210', '211', '212', '213', '299'];
    const message = fc.record({ code: fc.constantFrom(...codes), n: fc.integer({ min: 0, max: 27 }) });
    const some = fc.uniqueArray(message, { selector: ({ n }) => n, minLength: 1, maxLength: 9 });
    const two = some.chain((list) =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
    );
    fc.assert(
      fc.property(two, ([one, other]) => {
        const [a, b] = [one, other].map((list) => play(list.map(({ code, n }) => ({ code, statedAt: at(n) }))));
        expect(a?.states.at(-1)).toBe(b?.states.at(-1));
        const contests = one.filter(({ code }) => isContest(code)).length;
        for (const played of [a, b]) expect(played?.disputes).toHaveLength(contests > 0 ? 1 : 0);
        expect(a?.disputes[0]?.closureProposed).toBe(b?.disputes[0]?.closureProposed);
      }),
    );
  });
});

describe('[EIN-6] amounts', () => {
  const of = (type: string, cents: number | null, more: Partial<Characteristic> = {}): Characteristic => ({
    id: null,
    type,
    name: null,
    cents,
    currency: cents === null ? null : 'EUR',
    percent: null,
    text: null,
    day: null,
    ...more,
  });
  it('takes what is refused, announced or collected, rates of VAT added up', () => {
    expect(amountOf({ code: '206', characteristics: [of('MNATTC', 12_000), of('MNATTC', 300)] })).toEqual({
      cents: 12_300,
      currency: 'EUR',
    });
    expect(amountOf({ code: '206', characteristics: [of('MAPTTC', 80_000)] }, 100_000)?.cents).toBe(20_000);
    expect(amountOf({ code: '206', characteristics: [of('MAPTTC', 80_000)] })).toBeNull();
    expect(amountOf({ code: '207', characteristics: [] }, 100_000)).toBeNull();
    const announced = [of('MPA', 1_200_000, { day: '2026-09-30' })];
    expect(amountOf({ code: '211', characteristics: announced })?.cents).toBe(1_200_000);
    expect(announcedDayOf({ code: '211', characteristics: announced })).toBe('2026-09-30');
    expect(amountOf({ code: '212', characteristics: [of('MEN', 10_000), of('MEN', 500)] })?.cents).toBe(10_500);
    expect(amountOf({ code: '203', characteristics: [of('MEN', 10_000)] })).toBeNull();
  });
  it('keeps the announced payment beside whatever is heard later, and settles nothing', () => {
    const announced = { code: '211', statedAt: at(3), receivedAt: at(3), cents: 5_000, announcedDay: '2026-10-02' };
    const contested = { code: '207', statedAt: at(4), receivedAt: at(4), cents: null, announcedDay: null };
    expect(itemEinvoiceOf([contested, announced])).toEqual({
      state: 'dispute',
      code: '207',
      at: at(4),
      announcedCents: 5_000,
      announcedDay: '2026-10-02',
    });
  });
  it('says what was given and what was expected, in both languages', () => {
    const rate = (type: string, percent: string): Characteristic =>
      of(type, null, { id: 'BT-152', name: 'Taux', percent });
    const characteristics = [rate('DIV', '10.00'), rate('DVA', '20.00')];
    expect(detailOf({ words: [], characteristics }, 'en')).toBe('VAT rate 10.00 % given, 20.00 % expected');
    expect(detailOf({ words: ['Taux erroné', 'Taux erroné'], characteristics }, 'fr')).toBe(
      'Taux erroné · Taux de TVA : 10.00 % indiqué, 20.00 % attendu',
    );
    const named = [of('DIV', null, { name: 'Rate: 10 %' }), of('DVA', null, { name: 'Rate: 20 %' })];
    expect(detailOf({ words: [], characteristics: named }, 'en')).toBe('Rate: 10 % → Rate: 20 %');
    expect(detailOf({ words: [' ', '\u202e'], characteristics: [] }, 'fr')).toBeNull();
  });
});
