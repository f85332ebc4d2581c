import { describe, expect, it } from 'vitest';
import { isWorkingDay } from '#lib/domain/calendar/working-days.ts';
import { OUTCOMES } from '#lib/protocol/commands/account.ts';
import { RecordDraft, usualPlan, usualPromiseDay } from './record-draft.svelte.ts';

const TODAY = '2026-03-13';

describe('a contact being written down', () => {
  it('offers what usually comes next, on a working day to come; a promise says it by itself', () => {
    for (const outcome of OUTCOMES) {
      const plan = usualPlan(outcome, TODAY);
      if (outcome === 'promise') expect(plan).toBeNull();
      else expect(plan !== null && plan.day > TODAY && isWorkingDay(plan.day)).toBe(true);
    }
    expect(isWorkingDay(usualPromiseDay(TODAY))).toBe(true);
  });

  it('sends the promise in cents, and leaves a plan of the user’s own alone', () => {
    const draft = new RecordDraft(() => TODAY);
    draft.choose('promise');
    draft.offerPromise(1_840_050, 'EUR', 'fr');
    expect(draft.body()).toMatchObject({
      promise: { cents: 1_840_050, currency: 'EUR', dueDay: usualPromiseDay(TODAY) },
    });
    draft.amount = 'vingt mille';
    expect(draft.body()).toBeNull();
    draft.planned = true;
    draft.action = 'visit';
    draft.day = '2026-03-20';
    draft.choose('reached');
    expect(draft.body()).toMatchObject({ promise: null, nextAction: 'visit', nextActionOn: '2026-03-20' });
  });

  it('is one act until something changes: a second try carries the same key', () => {
    const draft = new RecordDraft(() => TODAY);
    draft.choose('reached');
    const body = draft.body() ?? {};
    const key = draft.keyFor(body);
    expect(draft.keyFor(body)).toBe(key);
    draft.text = 'autre chose';
    expect(draft.keyFor(draft.body() ?? {})).not.toBe(key);
  });
});
