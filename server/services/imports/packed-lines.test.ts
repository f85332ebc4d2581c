import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ITEM_KINDS } from '#lib/domain/item/item.ts';
import type { LedgerLine } from '#lib/domain/import/import.ts';
import { packLines, unpackLines } from './packed-lines.ts';

const text = fc.string({ maxLength: 8 });
const maybe = fc.option(text, { nil: null });
const day = fc.constantFrom('2026-01-31', '2026-02-28');
const line: fc.Arbitrary<LedgerLine> = fc.record({
  line: fc.nat(),
  accountNumber: fc.constant('C1'),
  accountName: fc.constantFrom('A', 'B'),
  identity: fc.record({ siren: maybe, siret: maybe, vatNumber: maybe, address: maybe, country: maybe }),
  contact: fc.option(fc.record({ name: text, email: maybe, phone: maybe }), { nil: null }),
  collector: maybe,
  salesRep: maybe,
  entityCode: fc.constantFrom('', '10'),
  payingAccount: maybe,
  kind: fc.constantFrom(...ITEM_KINDS),
  number: text,
  instalment: text,
  issueDay: day,
  dueDay: fc.option(day, { nil: null }),
  terms: maybe,
  currency: fc.constantFrom('EUR', 'CHF'),
  cents: fc.maxSafeInteger(),
  openCents: fc.option(fc.maxSafeInteger(), { nil: null }),
  rounded: fc.boolean(),
  lostMillicents: fc.integer(),
  settledOn: fc.option(day, { nil: null }),
  disputed: fc.boolean(),
  orderNumber: maybe,
  deliveryNote: maybe,
  paymentMethod: maybe,
  factored: fc.boolean(),
  extra: fc.dictionary(text, text, { noNullPrototype: true }),
});

it('gives back the lines that were packed, through JSON', () => {
  fc.assert(
    fc.property(fc.array(line, { maxLength: 6 }), (lines) => {
      expect(unpackLines(JSON.parse(JSON.stringify(packLines(lines))))).toEqual(JSON.parse(JSON.stringify(lines)));
    }),
  );
});
