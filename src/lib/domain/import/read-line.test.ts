import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ImportField, ImportMapping } from './import.ts';
import { duplicateOf, keyOfLine, mappingProblems, readingPlan, readLine, type ReadLine } from './read-line.ts';
import { kindFromText, readFlag } from './read-kind.ts';

const FIELDS: ImportField[] = [
  'accountNumber',
  'accountName',
  'siren',
  'itemNumber',
  'kind',
  'issueDay',
  'dueDay',
  'terms',
  'amount',
  'openAmount',
  'debit',
  'credit',
  'currency',
  'settledOn',
  'disputed',
  'country',
  'contactEmail',
];
const HEADER = [...FIELDS, 'Région'];

const mapping: ImportMapping = {
  delimiter: ';',
  encoding: 'utf-8',
  decimal: ',',
  dateOrder: 'dmy',
  complete: true,
  columns: { ...Object.fromEntries(FIELDS.map((field) => [field, field])), Région: null },
  defaultCurrency: 'EUR',
};

type Cells = Partial<Record<ImportField | 'Région', string>>;
const GOOD: Cells = { accountNumber: 'C1', itemNumber: 'F1', issueDay: '01/09/2026', amount: '1 200,50' };

const read = (more: Cells): ReadLine => {
  const cells: Cells = { ...GOOD, ...more };
  return readLine(
    HEADER.map((name) => cells[name as ImportField] ?? ''),
    readingPlan(HEADER, mapping),
    7,
  );
};

const lineOf = (more: Cells) => {
  const result = read(more);
  if (!result.ok) throw new Error(`refused: ${result.refused?.code}`);
  return result.line;
};

describe('reading a line', () => {
  test('[IMP-3] the least that a line needs', () => {
    expect(read({})).toEqual({
      ok: true,
      warnings: [],
      line: {
        line: 7,
        accountNumber: 'C1',
        accountName: 'C1',
        identity: { siren: null, siret: null, vatNumber: null, address: null, country: null },
        contact: null,
        collector: null,
        salesRep: null,
        entityCode: '',
        payingAccount: null,
        kind: 'invoice',
        number: 'F1',
        instalment: '',
        issueDay: '2026-09-01',
        dueDay: null,
        terms: null,
        currency: 'EUR',
        cents: 120_050,
        openCents: null,
        rounded: false,
        lostMillicents: 0,
        settledOn: null,
        disputed: false,
        orderNumber: null,
        deliveryNote: null,
        paymentMethod: null,
        factored: false,
        extra: {},
      },
    });
  });

  test.each<[Cells, string, string | null, string | null]>([
    [{ accountNumber: ' ' }, 'account_number_missing', 'accountNumber', null],
    [{ accountNumber: 'x'.repeat(65) }, 'account_number_too_long', 'accountNumber', 'x'.repeat(65)],
    [{ itemNumber: '' }, 'item_number_missing', 'itemNumber', null],
    [{ issueDay: '' }, 'issue_day_missing', 'issueDay', null],
    [{ issueDay: 'demain' }, 'date_unreadable', 'issueDay', 'demain'],
    [{ dueDay: '30/02/2026' }, 'date_impossible', 'dueDay', '30/02/2026'],
    [{ amount: '' }, 'amount_missing', 'amount', null],
    [{ amount: '12.50' }, 'amount_unreadable', 'amount', '12.50'],
    [{ openAmount: 'abc' }, 'amount_unreadable', 'openAmount', 'abc'],
    [{ currency: 'EURX' }, 'currency_unknown', 'currency', 'EURX'],
    [{ kind: 'Zorglub' }, 'kind_unknown', 'kind', 'Zorglub'],
  ])('[IMP-9] %o is refused: %s', (more, code, column, value) => {
    expect(read(more)).toEqual({ ok: false, refused: { line: 7, code, column, value } });
  });

  test('[IMP-9] a row with more cells than the header has shifted; an empty row is none', () => {
    const plan = readingPlan(['a'], mapping);
    expect(readLine(['1', 'x'], plan, 3)).toEqual({
      ok: false,
      refused: { line: 3, code: 'too_many_cells', column: null, value: 'x' },
    });
    expect(readLine(['', ' '], plan, 3)).toEqual({ ok: false, refused: null });
  });

  test.each<[Cells, string, number, number | null]>([
    [{ kind: 'Facture' }, 'invoice', 120_050, null],
    [{ kind: 'Facture', amount: '-10,00', openAmount: '-4,00' }, 'credit_note', -1000, -400],
    [{ kind: 'Avoir', amount: '10,00', openAmount: '4,00' }, 'credit_note', -1000, -400],
    [{ kind: 'RG', amount: '-10,00' }, 'payment', -1000, null],
    [{ amount: '-10,00' }, 'credit_note', -1000, null],
    [{ amount: '(10,00)' }, 'credit_note', -1000, null],
    [{ kind: 'OD', amount: '-10,00' }, 'other_credit', -1000, null],
    [{ amount: '', openAmount: '12,00' }, 'invoice', 1200, 1200],
    [{ amount: '', openAmount: '12,00', settledOn: '01/10/2026' }, 'invoice', 1200, null],
    [{ amount: '12,00', openAmount: '5,00', settledOn: '01/10/2026' }, 'invoice', 1200, 500],
    [{ amount: '', debit: '12,00' }, 'invoice', 1200, null],
    [{ amount: '', credit: '12,00' }, 'other_credit', -1200, null],
    [{ amount: '', credit: '12,00', kind: 'Règlement' }, 'payment', -1200, null],
    [{ amount: '', debit: '12,00', kind: 'Règlement' }, 'other_debit', 1200, null],
    [{ amount: '', debit: '0,00', credit: '12,00', kind: 'Avoir' }, 'credit_note', -1200, null],
    [{ amount: '100,00', openAmount: '0,00' }, 'invoice', 10_000, 0],
    [{ amount: '-100,00', openAmount: '0,00' }, 'credit_note', -10_000, 0],
  ])('[IMP-6] %o is %s of %i', (more, kind, cents, openCents) => {
    const line = lineOf(more);
    expect([line.kind, line.cents, line.openCents]).toEqual([kind, cents, openCents]);
  });

  test('[MON-4] what rounding took is told, with the sign that the amount ends up with', () => {
    expect(lineOf({ amount: '10,005' })).toMatchObject({ cents: 1001, rounded: true, lostMillicents: -500 });
    expect(lineOf({ amount: '10,005', kind: 'Avoir' })).toMatchObject({ cents: -1001, lostMillicents: 500 });
  });

  test('[IMP-9] what is doubtful is taken and told', () => {
    const result = read({
      siren: '123 456 789',
      terms: 'NAH4',
      disputed: 'Prix erroné',
      dueDay: '01/08/2026',
      openAmount: '2 000,00',
      contactEmail: 'nobody',
      accountName: 'Soci\ufffdt\ufffd',
    });
    if (!result.ok) throw new Error('refused');
    expect(result.warnings.map((warning) => warning.code).sort()).toEqual([
      'due_before_issue',
      'email_invalid',
      'flag_assumed',
      'open_above_amount',
      'siren_invalid',
      'terms_unreadable',
      'text_damaged',
    ]);
    expect(result.line).toMatchObject({ disputed: true, identity: { siren: '123456789' }, terms: 'NAH4' });
  });

  test('[IMP-3] unknown columns and foreign country codes are kept; leading zeros of spreadsheets too', () => {
    expect(lineOf({ Région: ' Ouest ', country: '391', accountNumber: '="0042"' })).toMatchObject({
      accountNumber: '0042',
      extra: { Région: 'Ouest', country: '391' },
      identity: { country: null },
    });
  });

  test('[IMP-8] the second line with the same item names the first', () => {
    expect(keyOfLine(lineOf({}))).toBe(keyOfLine(lineOf({ amount: '5,00', accountName: 'Other' })));
    expect(keyOfLine(lineOf({}))).not.toBe(keyOfLine(lineOf({ kind: 'Avoir' })));
    expect(duplicateOf(9, 4)).toEqual({ line: 9, code: 'duplicate_item', column: null, value: '4' });
  });

  test('[IMP-3] a mapping that lacks what every line needs is told', () => {
    const columns = (given: ImportMapping['columns']): ImportMapping => ({ ...mapping, columns: given });
    expect(mappingProblems(HEADER, mapping)).toEqual([]);
    expect(mappingProblems(['a', 'b'], columns({ a: 'accountName', b: 'accountName', c: 'siren' }))).toEqual([
      { code: 'account_number_unmapped', column: null },
      { code: 'item_number_unmapped', column: null },
      { code: 'issue_day_unmapped', column: null },
      { code: 'amount_unmapped', column: null },
      { code: 'field_mapped_twice', column: 'b' },
      { code: 'column_absent', column: 'c' },
    ]);
  });

  test('[IMP-9] no row whatever makes it throw, and every refusal names its line', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 12 }), { maxLength: 20 }), (cells) => {
        const result = readLine(cells, readingPlan(HEADER, mapping), 12);
        if (!result.ok && result.refused !== null) expect(result.refused.line).toBe(12);
        if (result.ok) expect(Number.isSafeInteger(result.line.cents)).toBe(true);
      }),
    );
  });
});

describe('words of ledgers', () => {
  test.each([
    ['Facture', 'invoice'],
    ['FACT.', 'invoice'],
    ['FA', 'invoice'],
    ['Invoice', 'invoice'],
    ['RV', 'invoice'],
    ['Facture n° 12', 'invoice'],
    ['Avoir', 'credit_note'],
    ['AV', 'credit_note'],
    ['Credit Note', 'credit_note'],
    ['credit-memo', 'credit_note'],
    ['Règlement', 'payment'],
    ['RG', 'payment'],
    ['Virement reçu', 'payment'],
    ['Impayé', 'other_debit'],
    ['OD', 'other_debit'],
    ['Escompte', 'other_credit'],
    ['Zorglub', null],
    ['', null],
  ])('[IMP-6] %s is %s', (text, kind) => {
    expect(kindFromText(text)).toBe(kind);
  });

  test.each([
    ['Yes', true],
    ['Oui', true],
    ['x', true],
    ['1', true],
    ['En litige', true],
    ['No', false],
    ['non', false],
    ['', false],
    ['0', false],
    ['Aucun', false],
    ['Prix erroné', null],
  ])('[IMP-7] %s is %s', (text, flag) => {
    expect(readFlag(text)).toBe(flag);
  });
});
