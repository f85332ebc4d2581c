import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addDays } from '../calendar/calendar.ts';
import type { Day } from '../values.ts';
import { diffItem, flagMissing, itemKey, openAsOf, openOn, type DiffContext, type ItemLine } from './diff-item.ts';
import type { Item, Movement } from './item.ts';

const line = (more: Partial<ItemLine> = {}): ItemLine => ({
  kind: 'invoice',
  number: 'F1',
  instalment: '',
  issueDay: '2026-09-01',
  currency: 'EUR',
  cents: 100_000,
  openCents: null,
  settledOn: null,
  disputed: false,
  orderNumber: null,
  deliveryNote: null,
  paymentMethod: null,
  factored: false,
  extra: {},
  ...more,
});

const context = (asOf: Day, more: Partial<DiffContext> = {}): DiffContext => ({
  itemId: 'i1',
  accountId: 'a1',
  entityId: 'e1',
  key: 'k1',
  source: `import-${asOf}`,
  asOf,
  dueDay: '2026-10-01',
  dueAssumed: false,
  ...more,
});

/** Movements without what every one of them repeats. */
const brief = (movements: Movement[]): unknown[] =>
  movements.map(({ kind, day, cents, dueDay }) => [kind, day, cents, ...(dueDay === '2026-10-01' ? [] : [dueDay])]);

const known = (asOf: Day, more: Partial<ItemLine> = {}): Item => diffItem(null, line(more), context(asOf)).item;

describe('items', () => {
  test('[ITM-1] keys tell entity, account, kind, number and instalment apart', () => {
    const parts = { entityCode: '', accountNumber: 'C1', kind: 'invoice' as const, number: 'F1', instalment: '' };
    expect(itemKey(parts)).toBe('|C1|invoice|F1|');
    expect(itemKey({ ...parts, accountNumber: 'C1|invoice', number: '' })).not.toBe(
      itemKey({ ...parts, accountNumber: 'C1', number: 'invoice' }),
    );
    fc.assert(
      fc.property(
        fc.array(fc.string(), { minLength: 4, maxLength: 4 }),
        fc.array(fc.string(), { minLength: 4, maxLength: 4 }),
        (a, b) => {
          const key = ([entityCode = '', accountNumber = '', number = '', instalment = '']: string[]): string =>
            itemKey({ entityCode, accountNumber, kind: 'invoice', number, instalment });
          const same = a.every((text, index) => text.trim() === b[index]?.trim());
          expect(key(a) === key(b)).toBe(same);
        },
      ),
    );
  });

  test.each([
    ['issued later', { issueDay: '2026-10-02' }, 0],
    ['open without more', {}, 100_000],
    ['settled before', { settledOn: '2026-09-20' }, 0],
    ['settled on the day', { settledOn: '2026-10-01' }, 0],
    ['settled later', { settledOn: '2026-10-02' }, 100_000],
    ['settled later, file says nothing is open', { settledOn: '2026-10-02', openCents: 0 }, 100_000],
    ['open amount told', { openCents: 40_000 }, 40_000],
    ['open amount told beside a past payment day', { openCents: 40_000, settledOn: '2026-09-20' }, 40_000],
  ])('[ITM-2] %s as of 1 October', (_, more, expected) => {
    expect(openAsOf(line(more), '2026-10-01')).toBe(expected);
  });

  test.each<[string, Partial<ItemLine>, string, unknown[]]>([
    ['open', {}, 'open', [['issued', '2026-09-01', 100_000]]],
    [
      'settled on a day told',
      { settledOn: '2026-09-20' },
      'settled',
      [
        ['issued', '2026-09-01', 100_000],
        ['settled', '2026-09-20', -100_000],
      ],
    ],
    [
      'part paid',
      { openCents: 30_000 },
      'open',
      [
        ['issued', '2026-09-01', 100_000],
        ['allocated', '2026-10-15', -70_000],
      ],
    ],
    [
      'paid before it was issued',
      { settledOn: '2026-08-20' },
      'settled',
      [
        ['issued', '2026-09-01', 100_000],
        ['settled', '2026-09-01', -100_000],
      ],
    ],
    ['not yet', { issueDay: '2026-10-20' }, 'not_yet', []],
  ])('[ITM-3] a new item, %s', (_, more, state, movements) => {
    const diff = diffItem(null, line(more), context('2026-10-15'));
    expect([diff.change, diff.item.state]).toEqual([state === 'not_yet' ? 'not_yet' : 'new', state]);
    expect(brief(diff.movements)).toEqual(movements);
  });

  test('[ITM-4] the same line again changes nothing and gives the very same item', () => {
    const item = known('2026-10-15', { openCents: 30_000, extra: { Region: 'Ouest' } });
    const again = diffItem(item, line({ openCents: 30_000, extra: { Region: 'Ouest' } }), context('2026-10-15'));
    expect(again).toEqual({ change: 'unchanged', item, movements: [] });
    expect(again.item).toBe(item);
  });

  test.each<[string, Partial<ItemLine>, Partial<DiffContext>, string, unknown[]]>([
    ['paid in part', { openCents: 60_000 }, {}, 'changed', [['allocated', '2026-10-31', -40_000]]],
    ['closed without a day', { openCents: 0 }, {}, 'cleared', [['settled', '2026-10-31', -100_000]]],
    ['closed on a day told late', { settledOn: '2026-10-03' }, {}, 'cleared', [['settled', '2026-10-03', -100_000]]],
    ['amount corrected', { cents: 110_000 }, {}, 'changed', [['corrected', '2026-10-31', 10_000]]],
    ['contested', { disputed: true }, {}, 'changed', []],
    ['other unknown column', { extra: { Note: 'x' } }, {}, 'changed', []],
    [
      'due day moved',
      {},
      { dueDay: '2026-11-01' },
      'changed',
      [
        ['corrected', '2026-10-31', -100_000],
        ['corrected', '2026-10-31', 100_000, '2026-11-01'],
      ],
    ],
  ])('[ITM-5] a known item, %s', (_, more, where, change, movements) => {
    const diff = diffItem(known('2026-10-15'), line(more), context('2026-10-31', where));
    expect(diff.change).toBe(change);
    expect(brief(diff.movements)).toEqual(movements);
  });

  test('[ITM-5] a rejected payment opens it again', () => {
    const diff = diffItem(known('2026-10-15', { settledOn: '2026-10-10' }), line(), context('2026-10-31'));
    expect([diff.change, diff.item.state, diff.item.settledOn]).toEqual(['changed', 'open', null]);
    expect(brief(diff.movements)).toEqual([['allocated', '2026-10-31', 100_000]]);
  });

  test('[ITM-5] an older ledger undoes a later settlement on its own day', () => {
    const diff = diffItem(known('2026-10-15', { settledOn: '2026-10-10' }), line(), context('2026-10-01'));
    expect(brief(diff.movements)).toEqual([['allocated', '2026-10-10', 100_000]]);
  });

  test('[ITM-6] an open item absent from a complete file is flagged once, and unflagged when it is back', () => {
    const item = known('2026-10-15');
    const flagged = flagMissing(item, '2026-10-31');
    expect(flagged.missingSince).toBe('2026-10-31');
    expect(flagged.openCents).toBe(100_000);
    expect(flagMissing(flagged, '2026-11-15')).toBe(flagged);
    expect(diffItem(flagged, line(), context('2026-11-15'))).toMatchObject({
      change: 'changed',
      item: { missingSince: null },
      movements: [],
    });
    const settled = known('2026-10-15', { settledOn: '2026-10-10' });
    expect(flagMissing(settled, '2026-10-31')).toBe(settled);
  });

  const anyLine = fc
    .record({
      issueDay: fc.integer({ min: -30, max: 30 }),
      cents: fc.integer({ min: -500, max: 500 }),
      open: fc.option(fc.integer({ min: 0, max: 100 }), { nil: null }),
      settled: fc.option(fc.integer({ min: -20, max: 40 }), { nil: null }),
      currency: fc.constantFrom('EUR', 'EUR', 'EUR', 'USD'),
      due: fc.constantFrom('2026-10-01', '2026-10-01', '2026-11-01'),
      asOf: fc.integer({ min: -30, max: 60 }),
    })
    .map(({ issueDay, cents, open, settled, currency, due, asOf }) => ({
      line: line({
        issueDay: addDays('2026-09-01', issueDay),
        cents,
        openCents: open === null ? null : Math.trunc((cents * open) / 100) + 0,
        settledOn: settled === null ? null : addDays('2026-09-01', settled),
        currency,
      }),
      due,
      asOf: addDays('2026-09-01', asOf),
    }));

  test('[ITM-3] whatever ledgers say one after the other, movements add up to what is open, twice changes nothing', () => {
    fc.assert(
      fc.property(fc.array(anyLine, { minLength: 1, maxLength: 6 }), (ledgers) => {
        let item: Item | null = null;
        const movements: Movement[] = [];
        for (const [index, ledger] of ledgers.entries()) {
          const where = context(ledger.asOf, { dueDay: ledger.due, source: `import-${index}` });
          const diff = diffItem(item, ledger.line, where);
          movements.push(...diff.movements);
          item = diff.item;
          expect(openOn(movements, '9999-12-31')).toBe(item.openCents);
          expect(diffItem(item, ledger.line, where).movements).toEqual([]);
          expect(item.state === 'open').toBe(item.openCents !== 0);
        }
        expect(new Set(movements.map((movement) => movement.id)).size).toBe(movements.length);
      }),
    );
  });

  test('[ITM-3] ledgers that follow each other rebuild what was open on every day between', () => {
    const life = fc.record({
      issued: fc.integer({ min: 0, max: 30 }),
      paid: fc.option(fc.integer({ min: 0, max: 60 }), { nil: null }),
      ledgers: fc.uniqueArray(fc.integer({ min: 0, max: 90 }), { minLength: 1, maxLength: 5 }),
    });
    fc.assert(
      fc.property(life, ({ issued, paid, ledgers }) => {
        const issueDay = addDays('2026-09-01', issued);
        const settledOn = paid === null ? null : addDays(issueDay, paid);
        let item: Item | null = null;
        const movements: Movement[] = [];
        const asOfs = ledgers.sort((a, b) => a - b).map((days) => addDays('2026-09-01', days));
        for (const asOf of asOfs) {
          const diff = diffItem(item, line({ issueDay, settledOn }), context(asOf));
          item = diff.item;
          movements.push(...diff.movements);
        }
        const last = asOfs.at(-1) ?? issueDay;
        for (let day: Day = '2026-08-30'; day <= last; day = addDays(day, 1)) {
          const open = day >= issueDay && (settledOn === null || day < settledOn);
          expect([day, openOn(movements, day)]).toEqual([day, open ? 100_000 : 0]);
        }
      }),
    );
  });
});
