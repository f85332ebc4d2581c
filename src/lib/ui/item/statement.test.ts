import { describe, expect, it } from 'vitest';
import type { Item } from '#lib/domain/item/item.ts';
import { statementOf, statementTable, statementTotals } from './statement.ts';

const TODAY = '2026-03-16';

function itemOf(change: Partial<Item>): Item {
  return {
    id: change.number ?? 'i',
    version: 1,
    key: '',
    accountId: 'a',
    entityId: 'e1',
    kind: 'invoice',
    number: 'F1',
    instalment: '',
    issueDay: '2026-01-01',
    dueDay: '2026-02-01',
    dueAssumed: false,
    currency: 'EUR',
    cents: 10_000,
    openCents: 10_000,
    state: 'open',
    settledOn: null,
    disputedCents: 0,
    awaitingCents: 0,
    flagTaken: false,
    einvoice: null,
    disputed: false,
    missingSince: null,
    orderNumber: null,
    deliveryNote: null,
    paymentMethod: null,
    factored: false,
    extra: {},
    ...change,
  };
}

describe('statement of account', () => {
  const items = [
    itemOf({ number: 'F2', dueDay: '2026-04-01', openCents: 5_000 }),
    itemOf({ number: 'F1', openCents: 10_050 }),
    itemOf({ number: 'A1', kind: 'credit_note', openCents: -2_000 }),
    itemOf({ number: 'U1', currency: 'USD', openCents: 700 }),
    itemOf({ number: 'S1', state: 'settled', openCents: 0 }),
  ];

  it('keeps currencies apart and adds up to what is open', () => {
    const parts = statementOf(items, TODAY);
    expect(parts.map(({ currency }) => currency)).toEqual(['EUR', 'USD']);
    const [euros] = parts;
    expect(euros).toMatchObject({ overdueCents: 10_050, notDueCents: 5_000, creditCents: -2_000, totalCents: 13_050 });
    expect(euros?.items.map(({ number }) => number)).toEqual(['F1', 'A1', 'F2']);
    if (euros !== undefined) expect(statementTotals(euros, 'fr').at(-1)).toEqual({ label: 'Total dû', cents: 13_050 });
  });

  it('says nothing of what the team knows', () => {
    const secret = itemOf({ disputed: true, missingSince: TODAY, dueAssumed: true, extra: { memo: 'mauvais payeur' } });
    const { html, text } = statementTable({ name: 'X', number: '1' }, statementOf([secret], TODAY), TODAY, 'fr');
    for (const said of [html, text]) expect(said).not.toMatch(/contest|absente|supposée|mauvais payeur/i);
  });

  it('is safe to paste, in the language that was asked for', () => {
    const odd = itemOf({ number: '<img src=x onerror=alert(1)>' });
    const { html, text } = statementTable({ name: 'A & B <b>', number: '"1"' }, statementOf([odd], TODAY), TODAY, 'en');
    expect(html).not.toContain('<img');
    expect(html).toContain('A &amp; B &lt;b&gt;');
    expect(text).toContain('Total due\t€100.00');
    expect(text).toContain('43 days late');
  });
});
