import { afterEach, beforeEach, expect, it } from 'vitest';
import { accountStream } from '#lib/protocol/streams.ts';
import { einvoiceList } from '#server/queries/einvoices.ts';
import { reassignCase } from '#server/services/cases/reassign-case.ts';
import { NO_META } from '#server/services/command.ts';
import { takeFile } from '#server/import/einvoice/take-file.ts';
import { statusXml } from '../support/einvoice.ts';
import { actorFor, buildAccount } from '../support/factories.ts';
import { openRealtime, type RealtimeHouse, type SignedIn } from '../support/realtime.ts';

let house: RealtimeHouse;
let manager: SignedIn;
beforeEach(async () => {
  house = await openRealtime();
  manager = await house.person({ role: 'manager', scope: 'all' });
});
afterEach(() => house.close());

it('[EIN-15] a status is told to who has the account now, and not to who had it', async () => {
  const [anne, boris] = [await house.person({ scope: 'portfolio' }), await house.person({ scope: 'portfolio' })];
  const openItems = [{ cents: 120_000, dueDay: '2026-01-10', issueDay: '2025-12-10', number: 'F-7' }];
  const account = await buildAccount(house.app, house.workspace, { openItems, ownerId: anne.member.id });
  const stream = accountStream(account.id);
  const receive = (code: string, stated: string) =>
    takeFile(
      house.app,
      actorFor(manager.member),
      { name: 's.xml' },
      new TextEncoder().encode(statusXml({ code, stated, invoice: 'F-7', day: '20251210', buyer: { siren: '999' } })),
      NO_META,
    );
  const listed = async (who: SignedIn) => {
    const page = await einvoiceList(house.app, actorFor(who.member), { view: 'everything', limit: 50, after: null });
    return page.statuses.map(({ code }) => code).sort();
  };
  const client = await house.connect(anne);
  expect((await client.ask('watch', { streams: [{ stream, since: 0 }] })).ok).toBe(true);
  await receive('203', '20260101080000');
  await client.hears('event', (event: { name: string }) => event.name === 'einvoice.received');
  expect([await listed(anne), await listed(boris)]).toEqual([['203'], []]);
  await reassignCase(
    house.app,
    actorFor(manager.member),
    { id: account.id, ownerId: boris.member.id, reason: null },
    NO_META,
  );
  await client.hears('rights', ({ reason }: { reason: string }) => reason === 'access');
  client.heard.length = 0;
  const gained = await house.connect(boris);
  expect((await gained.ask('watch', { streams: [{ stream, since: 0 }] })).ok).toBe(true);
  await receive('204', '20260102080000');
  await gained.hears(
    'event',
    (event: { name: string; data: { code: string } }) =>
      event.name === 'einvoice.received' && event.data.code === '204',
  );
  expect(client.heard.filter(({ name }) => name === 'event')).toEqual([]);
  expect((await client.ask('watch', { streams: [{ stream, since: 0 }] })).ok).toBe(false);
  expect([await listed(anne), await listed(boris)]).toEqual([[], ['203', '204']]);
});
