import fc from 'fast-check';
import { expect, test } from 'vitest';
import { addDays } from '../calendar/calendar.ts';
import { ageOf, amountOf, centsWithin, DISPUTE_AGES, DISPUTE_AMOUNTS, openedWithin } from './bands.ts';

const TODAY = '2026-11-20';

test.each([
  [0, 'd0_7'],
  [7, 'd0_7'],
  [8, 'd8_15'],
  [15, 'd8_15'],
  [16, 'd16_30'],
  [30, 'd16_30'],
  [31, 'over_30'],
  [400, 'over_30'],
  [-1, 'd0_7'],
])('opened %i days ago is %s', (days, age) => expect(ageOf(addDays(TODAY, -days), TODAY)).toBe(age));

test.each([
  [0, 'below_500'],
  [49_999, 'below_500'],
  [50_000, 'below_2000'],
  [199_999, 'below_2000'],
  [200_000, 'below_10000'],
  [999_999, 'below_10000'],
  [1_000_000, 'from_10000'],
])('%i cents are %s', (cents, band) => expect(amountOf(cents)).toBe(band));

test('each dispute is in one age and one band, that of their ranges', () => {
  fc.assert(
    fc.property(fc.integer({ min: -5, max: 200 }), fc.nat(5_000_000), (days, cents) => {
      const openedOn = addDays(TODAY, -days);
      const ages = DISPUTE_AGES.filter((age) => {
        const { from, until } = openedWithin(age, TODAY);
        return (from === null || openedOn >= from) && (until === null || openedOn <= until);
      });
      expect(ages).toEqual([ageOf(openedOn, TODAY)]);
      const bands = DISPUTE_AMOUNTS.filter((band) => {
        const { from, below } = centsWithin(band);
        return cents >= from && (below === null || cents < below);
      });
      expect(bands).toEqual([amountOf(cents)]);
    }),
  );
});
