import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { addDays } from '#lib/domain/calendar/calendar.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import type { DisputeInsightInput } from '#lib/protocol/commands/dispute.ts';
import type { DisputeReason } from '#lib/domain/dispute/dispute.ts';
import { NO_META } from '#server/services/command.ts';
import { assignDispute } from '#server/services/disputes/assign-dispute.ts';
import { openDispute } from '#server/services/disputes/open-dispute.ts';
import { qualifyDispute } from '#server/services/disputes/qualify-dispute.ts';
import { resolveDispute } from '#server/services/disputes/resolve-dispute.ts';
import { items } from '#server/store/kinds/workspace.ts';
import { buildApp, type TestApp } from '../../test/support/app.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from '../../test/support/factories.ts';
import { exportDisputeInsight, exportDisputes } from '../export/disputes.ts';
import { disputeInsight } from './dispute-insight.ts';

let app: TestApp;
let workspace: Workspace;
let ana: Actor;

beforeEach(async () => {
  app = await buildApp({ today: '2026-03-16' });
  workspace = await buildWorkspace(app);
  ana = actorFor(await buildMember(app, workspace, { name: 'Ana' }));
});
afterEach(() => app.close());

const asked = (given: Partial<DisputeInsightInput> = {}): DisputeInsightInput => ({
  from: null,
  until: null,
  by: 'reason',
  ...given,
});

async function contest(name: string, reason: DisputeReason, cents: number, currency = 'EUR'): Promise<Id> {
  const openItems = [{ cents: cents * 2, dueDay: '2026-02-01', currency }];
  const account = await buildAccount(app, workspace, { name, openItems });
  const store = app.store.workspace(workspace.id);
  const page = await store.docs(items).find({ accountId: account.id, state: 'open' }, { sort: ['dueDay'], limit: 1 });
  const opening = {
    accountId: account.id,
    items: [{ itemId: page.docs[0]?.id ?? '', cents }],
    reason,
    detail: null,
    department: null,
    memberId: null,
  };
  return (await openDispute(app, ana, opening, NO_META)).id;
}

async function credit(id: Id, reason: DisputeReason, creditNoteCents: number, writeOffCents = 0): Promise<void> {
  await qualifyDispute(app, ana, { id, reason, department: null, memberId: null }, NO_META);
  await assignDispute(app, ana, { id, department: 'quality', memberId: null, ask: null }, NO_META);
  const parts = {
    creditNoteCents,
    writeOffCents,
    rejectedCents: 0,
    paidCents: 0,
    replacementCents: 0,
    withdrawnCents: 0,
  };
  await resolveDispute(app, ana, { id, parts, rootCause: 'carrier', answer: null }, NO_META);
}

describe('what disputes are about', () => {
  it('puts the greatest amount first, with shares of its currency, and sums no currency with another', async () => {
    await contest('A', 'price', 10_000);
    const quality = await contest('B', 'quality', 60_000);
    await contest('C', 'quality', 10_000);
    await contest('D', 'price', 99_000, 'USD');
    app.clock.setToday('2026-03-20');
    await credit(quality, 'quality', 55_000, 5_000);
    const { rows, totals, from, until } = await disputeInsight(app, ana, asked());
    expect([from, until]).toEqual(['2025-03-20', '2026-03-20']);
    expect(rows.map(({ key, currency, count, claimedCents }) => [key, currency, count, claimedCents])).toEqual([
      ['quality', 'EUR', 2, 70_000],
      ['price', 'EUR', 1, 10_000],
      ['price', 'USD', 1, 99_000],
    ]);
    expect(rows.map(({ share, runningShare }) => [share, runningShare])).toEqual([
      [0.875, 0.875],
      [0.125, 1],
      [1, 1],
    ]);
    expect(rows[0]).toMatchObject({
      live: 1,
      liveCents: 10_000,
      creditedCents: 55_000,
      writtenOffCents: 5_000,
      meanDays: 4,
      // Not qualified within two working days.
      late: 1,
    });
    expect(totals).toEqual([
      { currency: 'EUR', count: 3, live: 2, claimedCents: 80_000, liveCents: 20_000 },
      { currency: 'USD', count: 1, live: 1, claimedCents: 99_000, liveCents: 99_000 },
    ]);
    for (const row of rows) {
      const whole = totals.find(({ currency }) => currency === row.currency)?.claimedCents ?? 0;
      const own = rows.filter(({ currency }) => currency === row.currency);
      expect(own.reduce((sum, { claimedCents }) => sum + claimedCents, 0)).toBe(whole);
    }
  });

  it('breaks them down by cause, department, age and account, within the days and the currency asked for', async () => {
    const old = await contest('A', 'price', 10_000);
    app.clock.setToday('2026-04-20');
    await contest('B', 'quality', 20_000);
    await credit(old, 'price', 10_000);
    const keys = async (given: Partial<DisputeInsightInput>): Promise<string[]> =>
      (await disputeInsight(app, ana, asked(given))).rows.map(({ key }) => key);
    expect(await keys({ by: 'rootCause' })).toEqual(['unknown', 'carrier']);
    expect(await keys({ by: 'department' })).toEqual(['quality']);
    expect(await keys({ by: 'age' })).toEqual(['d0_7', 'over_30']);
    expect(await keys({ by: 'amount' })).toEqual(['below_500']);
    expect(await keys({ from: '2026-04-01' })).toEqual(['quality']);
    expect(await keys({ currency: 'USD' })).toEqual([]);
    const { rows } = await disputeInsight(app, ana, asked({ by: 'account' }));
    expect(rows.map(({ label }) => label.replace(/^\S+ /, ''))).toEqual(['B', 'A']);
  });

  it('gives the same page by page as at once, and while disputes move on between the pages', async () => {
    const all: Id[] = [];
    for (let at = 0; at < 12; at += 1) {
      app.clock.setToday(addDays('2026-03-16', at - (at % 3)));
      const reason = (['price', 'quality', 'vat'] as const)[at % 3] ?? 'price';
      all.push(await contest(`A${at}`, reason, 10_000 + at, at % 4 === 0 ? 'USD' : 'EUR'));
    }
    await credit(all[1] ?? '', 'quality', 10_001);
    app.clock.setToday('2026-04-02');
    const qi = actorFor(
      await buildMember(app, workspace, { role: 'quality', departments: ['quality'], scope: 'department' }),
    );
    for (const reader of [ana, qi])
      for (const by of ['reason', 'rootCause', 'department', 'age', 'account'] as const) {
        const whole = await disputeInsight(app, reader, asked({ by }));
        expect(whole.totals.reduce((sum, { count }) => sum + count, 0)).toBe(reader === ana ? 12 : 4);
        for (const page of [1, 2, 3, 5, 11, 12])
          expect(await disputeInsight(app, reader, asked({ by }), page), `${by} by ${page}`).toEqual(whole);
      }
    // Resolved while it is read: whatever page each lies on, none is counted twice or left out.
    const reading = disputeInsight(app, ana, asked(), 1);
    await credit(all[4] ?? '', 'quality', 10_004);
    await credit(all[10] ?? '', 'quality', 10_010);
    expect((await reading).totals.reduce((sum, { count }) => sum + count, 0)).toBe(12);
  });

  it('[A2] counts only what the reader may see', async () => {
    await contest('A', 'price', 10_000);
    const mine = await contest('B', 'quality', 20_000);
    await credit(mine, 'quality', 20_000);
    const qi = actorFor(
      await buildMember(app, workspace, { role: 'quality', departments: ['quality'], scope: 'department' }),
    );
    const { rows, totals } = await disputeInsight(app, qi, asked());
    expect(rows.map(({ key }) => key)).toEqual(['quality']);
    expect(totals).toMatchObject([{ currency: 'EUR', claimedCents: 20_000 }]);
  });

  it('[B6] leaves as CSV in the reader’s language, formulas made harmless', async () => {
    await contest('=HYPERLINK("x")', 'price', 10_050);
    const filters = { view: 'live', sort: 'deadline', search: '', limit: 50, after: null } as const;
    const fr = await (await exportDisputes(app, ana, filters)).text();
    expect(fr).toContain("'=HYPERLINK");
    expect(fr).toMatch(/Litige;N° de compte/);
    expect(fr).toContain('100,50');
    const en = await (await exportDisputes(app, { ...ana, locale: 'en' }, filters)).text();
    expect(en).toMatch(/Dispute,Account number/);
    expect(en).toContain('Price');
    const causes = await (await exportDisputeInsight(app, ana, asked())).text();
    expect(causes.split('\r\n').slice(1, 3)).toEqual([
      'Prix;EUR;1;1;0;100,50;100,50;0,00;0,00;0,00;;100,00;100,00',
      'Total;EUR;1;1;;100,50;100,50;;;;;;',
    ]);
  });
});
