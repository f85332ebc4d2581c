import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Terms } from '../account/account.ts';
import { isDay } from '../calendar/calendar.ts';
import type { Day } from '../values.ts';
import { dueDayOf, legalMaxDay, parseTerms, resolveDueDay, type LegalContext } from './terms.ts';

const golden = JSON.parse(
  readFileSync(new URL('../../../../test/fixtures/golden/due_dates.json', import.meta.url), 'utf8'),
) as {
  cases: {
    id: string;
    input: { issueDate: Day; terms?: Terms; dueDate?: Day } & LegalContext;
    expected: { dueDate?: Day; legalMaxDate?: Day; withinLegalMax?: boolean };
  }[];
};

describe('terms', () => {
  for (const { id, input, expected } of golden.cases) {
    if (input.terms !== undefined) {
      test(`[TRM-1] golden ${id}`, () =>
        expect(dueDayOf(input.issueDate, input.terms as Terms)).toBe(expected.dueDate));
    } else {
      test(`[TRM-4] golden ${id}`, () => {
        const latest = legalMaxDay(input.issueDate, input);
        expect(latest).toBe(expected.legalMaxDate);
        expect((input.dueDate ?? '') <= latest).toBe(expected.withinLegalMax);
      });
    }
  }

  test('[TRM-1] end of month then days counts from the month’s end', () => {
    expect(dueDayOf('2026-01-15', { kind: 'eom_then_days', days: 45 })).toBe('2026-03-17');
  });

  test('[TRM-1] a day that the month lacks is its last', () => {
    expect(dueDayOf('2026-12-20', { kind: 'days_then_eom_then_day', days: 30, day: 31 })).toBe('2027-02-28');
  });

  test.each<[string, Terms | null]>([
    ['30 jours', { kind: 'net', days: 30 }],
    ['30', { kind: 'net', days: 30 }],
    ['30 j', { kind: 'net', days: 30 }],
    ['30J', { kind: 'net', days: 30 }],
    ['30 net', { kind: 'net', days: 30 }],
    ['Net 30', { kind: 'net', days: 30 }],
    ['NET30', null],
    ['30 jours nets', { kind: 'net', days: 30 }],
    ['60 jours date de facture', { kind: 'net', days: 60 }],
    ['à 45 jours', { kind: 'net', days: 45 }],
    ['30 days', { kind: 'net', days: 30 }],
    ['0', { kind: 'net', days: 0 }],
    ['Comptant', { kind: 'net', days: 0 }],
    ['À réception de facture', { kind: 'net', days: 0 }],
    ['due on receipt', { kind: 'net', days: 0 }],
    ['45 j FDM', { kind: 'days_then_eom', days: 45 }],
    ['45j F.D.M.', { kind: 'days_then_eom', days: 45 }],
    ['45 jours fin de mois', { kind: 'days_then_eom', days: 45 }],
    ['30 days end of month', { kind: 'days_then_eom', days: 30 }],
    ['30 EOM', { kind: 'days_then_eom', days: 30 }],
    ['fin de mois', { kind: 'days_then_eom', days: 0 }],
    ['fin de mois + 45 jours', { kind: 'eom_then_days', days: 45 }],
    ['30 jours fin de mois le 15', { kind: 'days_then_eom_then_day', days: 30, day: 15 }],
    ['30 days end of month the 10th', { kind: 'days_then_eom_then_day', days: 30, day: 10 }],
    ['2 mois', { kind: 'months', months: 2 }],
    ['1 month', { kind: 'months', months: 1 }],
    ['NAH4', null],
    ['', null],
    ['900 jours', null],
    ['30 jours fin de mois le 45', null],
    ['2/10 net 30', null],
  ])('[TRM-2] "%s" is %o', (text, expected) => {
    expect(parseTerms(text)).toEqual(expected);
  });

  test('[TRM-2] whatever the text, the due day is a real one', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const terms = parseTerms(text);
        if (terms !== null) expect(isDay(dueDayOf('2026-01-31', terms))).toBe(true);
      }),
    );
  });

  test.each([
    [{ issueDay: '2026-09-20', dueDay: '2026-09-25', terms: '60' }, null, '2026-09-25', false],
    [{ issueDay: '2026-09-20', dueDay: null, terms: '60' }, null, '2026-11-19', true],
    [{ issueDay: '2026-09-20', dueDay: null, terms: 'NAH4' }, { kind: 'net', days: 10 }, '2026-09-30', true],
    [{ issueDay: '2026-09-20', dueDay: null, terms: null }, null, '2026-10-20', true],
  ] as const)('[TRM-3] %o gives %s', (line, account, dueDay, assumed) => {
    expect(resolveDueDay(line, account, 30)).toEqual({ dueDay, assumed });
  });
});
