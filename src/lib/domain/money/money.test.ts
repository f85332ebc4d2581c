import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatMoney, isCurrency, MAX_CENTS, parseAmount, referenceCents, sumByCurrency, toDecimal } from './money.ts';

describe('reading amounts', () => {
  test.each([
    ['55.94', 5594],
    ['1234,5', 123450],
    ['1 234,56', 123456],
    ['1\u00a0234,56', 123456],
    ['1\u202f234\u202f567,89', 123456789],
    ["1'234.56", 123456],
    ['1’234.56', 123456],
    ['1.234,56', 123456],
    ['1,234.56', 123456],
    ['1,234,567', 123456700],
    ['1,234', 123400],
    ['0,234', 23],
    ['12,34', 1234],
    ['12.', 1200],
    [',5', 50],
    ['0000000074,70', 7470],
    ['-12,00', -1200],
    ['\u221212.00', -1200],
    ['12,00-', -1200],
    ['- 12,00', -1200],
    ['(1 200,00)', -120000],
    ['+3', 300],
    ['18 400,00 €', 1840000],
    ['€18,400.00', 1840000],
    ['-€5.00', -500],
    ['12,00 EUR', 1200],
    ['EUR 12.00', 1200],
    ['-0,00', 0],
    ['999999999999,99', 99999999999999],
  ])('[MON-1] %s is %i cents', (text, cents) => {
    expect(parseAmount(text)).toEqual({ cents, rounded: text === '0,234', lostMillicents: text === '0,234' ? 400 : 0 });
  });

  test.each([
    [''],
    ['-'],
    ['.'],
    ['abc'],
    ['12a'],
    ['1e5'],
    ['0x10'],
    ['--5'],
    ['(-5)'],
    ['-5-'],
    ['1 23,00'],
    ['12 34 567'],
    ['1.2.3'],
    ['1,2,3'],
    ['12,34,56'],
    ['1 234.567,8.9'],
    ['NaN'],
    ['Infinity'],
    ['9999999999999,00'],
    ['12 / 3'],
  ])('[MON-2] %s is no amount', (text) => {
    expect(parseAmount(text)).toBeNull();
  });

  test.each([
    ['1.234', ',', 123400],
    ['1.234', '.', 123],
    ['1,234', '.', 123400],
    ['1,234', ',', 123],
    ['55.94', ',', null],
    ['55,94', '.', null],
    ['1.234.567', ',', 123456700],
  ] as const)('[MON-3] %s with decimal %s is %s', (text, decimal, cents) => {
    expect(parseAmount(text, decimal)?.cents ?? null).toBe(cents);
  });

  test.each([
    ['1.005', 101, -500],
    ['1.0049', 100, 490],
    ['-1.005', -101, 500],
    ['0.995', 100, -500],
    ['2.675', 268, -500],
    ['12.3400', 1234, 0],
  ])('[MON-4] %s is rounded half up to %i and the difference is told', (text, cents, lostMillicents) => {
    expect(parseAmount(text, '.')).toEqual({ cents, rounded: lostMillicents !== 0, lostMillicents });
  });

  test('[MON-5] every way of writing an amount reads back exactly', () => {
    const ways = fc.record({
      cents: fc.integer({ min: -MAX_CENTS, max: MAX_CENTS }),
      decimal: fc.constantFrom('.' as const, ',' as const),
      group: fc.constantFrom('', ' ', '\u00a0', '\u202f', "'"),
      sign: fc.constantFrom('before', 'after', 'parentheses'),
      zeros: fc.constantFrom('', '000'),
    });
    fc.assert(
      fc.property(ways, ({ cents, decimal, group, sign, zeros }) => {
        const [whole = '', fraction = ''] = toDecimal(Math.abs(cents)).split('.');
        const grouped = whole.replace(/\B(?=(\d{3})+$)/g, group);
        const body = `${group === '' ? zeros : ''}${grouped}${decimal}${fraction}`;
        const text = cents >= 0 ? body : { before: `-${body}`, after: `${body}-`, parentheses: `(${body})` }[sign];
        expect(parseAmount(text ?? '', decimal)).toEqual({ cents, rounded: false, lostMillicents: 0 });
        expect(parseAmount(text ?? '')?.cents).toBe(cents);
      }),
    );
  });
});

describe('writing and adding amounts', () => {
  test('[MON-6] plain decimal text', () => {
    expect([0, 5, -5, 123450, -100].map(toDecimal)).toEqual(['0.00', '0.05', '-0.05', '1234.50', '-1.00']);
  });

  test('[MON-6] as readers of the language write it', () => {
    expect(formatMoney(1840000, 'EUR', 'fr').replace(/[\u00a0\u202f]/g, ' ')).toBe('18 400,00 €');
    expect(formatMoney(1840000, 'EUR', 'en')).toBe('€18,400.00');
    expect(formatMoney(MAX_CENTS, 'USD', 'en')).toBe('$999,999,999,999.99');
    expect(formatMoney(-1050, 'CHF', 'en').replace(/\u00a0/g, ' ')).toBe('-CHF 10.50');
  });

  test('[MON-7] currencies are never added together', () => {
    expect(
      sumByCurrency([
        { currency: 'USD', cents: 10 },
        { currency: 'EUR', cents: 5 },
        { currency: 'USD', cents: -4 },
      ]),
    ).toEqual([
      { currency: 'EUR', cents: 5 },
      { currency: 'USD', cents: 6 },
    ]);
  });

  test('[MON-7] ranking converts at the reference rate', () => {
    const reference = { currency: 'EUR', referenceRates: { USD: 0.9 } };
    expect(referenceCents(1000, 'USD', reference)).toBe(900);
    expect(referenceCents(1000, 'EUR', reference)).toBe(1000);
    expect(referenceCents(1000, 'PLN', reference)).toBe(1000);
  });

  test('[MON-8] currency codes', () => {
    expect(['EUR', 'HUF', 'eur', 'EURO', 'XQZ', ''].map(isCurrency)).toEqual([true, true, false, false, false, false]);
  });
});
