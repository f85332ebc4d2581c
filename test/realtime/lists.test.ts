import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Id } from '#lib/domain/values.ts';
import { stageImport } from '#server/import/stage-import.ts';
import { claimCase } from '#server/services/cases/claim-case.ts';
import { breakClaim } from '#server/services/cases/break-claim.ts';
import { changeMember } from '#server/services/members/change-member.ts';
import { reassignCases } from '#server/services/cases/reassign-cases.ts';
import { NO_META } from '#server/services/command.ts';
import { applyImport } from '#server/services/imports/apply-import.ts';
import { actorFor, buildAccount } from '../support/factories.ts';
import { openRealtime, type RealtimeHouse, type SignedIn } from '../support/realtime.ts';

let house: RealtimeHouse;
let manager: SignedIn;
let anne: SignedIn;
beforeEach(async () => {
  house = await openRealtime();
  manager = await house.person({ role: 'manager' });
  anne = await house.person({ scope: 'portfolio' });
});
afterEach(() => house.close());

const overdue = { openItems: [{ cents: 120_000, dueDay: '2026-01-10' }] };
type Progress = { kind: string; id: Id; done: number; total: number; state: string };

describe('[C7] lists', () => {
  it('[C7] each follower hears of the accounts that they may see, of mass changes in one message', async () => {
    const boss = await house.connect(manager);
    const hers = await house.connect(anne);
    for (const client of [boss, hers]) await client.ask('follow', { topics: ['queue'] });
    const made: Id[] = [];
    for (let index = 0; index < 6; index += 1) {
      const ownerId = index % 2 === 0 ? anne.member.id : manager.member.id;
      made.push((await buildAccount(house.app, house.workspace, { ...overdue, ownerId })).id);
    }
    const own = made.filter((_, index) => index % 2 === 0);
    const told = (client: typeof boss): Id[] =>
      client.heard
        .filter(({ name }) => name === 'queue')
        .flatMap(({ message }) => (message as { accountIds: Id[] }).accountIds);
    await expect.poll(() => told(boss).sort()).toEqual([...made].sort());
    await expect.poll(() => told(hers).sort()).toEqual([...own].sort());
    expect(hers.heard.filter(({ name }) => name === 'queue').length).toBeLessThan(own.length);
  });

  it('[C7] an import and a bulk command show their progress to those who follow, and to who began it', async () => {
    const { app, workspace } = house;
    const actor = actorFor(manager.member);
    const follower = await house.connect(await house.person({ role: 'finance' }));
    expect((await follower.ask('follow', { topics: ['imports', 'team'] })).ok).toBe(true);
    const header = 'Code client;Nom du client;Numéro de facture;Date facture;Échéance;Montant;Solde;Devise';
    const rows = Array.from(
      { length: 50 },
      (_, index) => `D${index};Nom ${index};F${index};01/01/2026;01/02/2026;10,00;10,00;EUR`,
    );
    const file = Buffer.from([header, ...rows].join('\r\n'));
    const bytes = (async function* () {
      yield await Promise.resolve(file);
    })();
    const input = { kind: 'ledger' as const, asOf: '2026-03-16', fileName: 'ledger.csv', mapping: null };
    const run = await stageImport(app, actor, input, bytes, NO_META);
    await applyImport(app, actor, { id: run.id, excludeRefused: false, confirmOlder: false }, NO_META);
    const applied = await follower.hears('progress', (one: Progress) => one.id === run.id && one.state === 'applied');
    expect(applied).toMatchObject({ kind: 'import', done: 50, total: 50 });
    await follower.hears('team');

    const boss = await house.connect(manager);
    const ids: Id[] = [];
    for (let index = 0; index < 3; index += 1) ids.push((await buildAccount(app, workspace, overdue)).id);
    const change = { ids, ownerId: anne.member.id, reason: null, preview: false };
    const job = await reassignCases(app, actor, change, NO_META);
    expect(
      await boss.hears('progress', (one: Progress) => one.id === job.id && one.state === 'finished'),
    ).toMatchObject({ kind: 'bulk', done: 3, total: 3 });
  });

  it('[C7] a member who changes is a hint to whoever looks at the team', async () => {
    const boss = await house.connect(manager);
    expect((await boss.ask('follow', { topics: ['team'] })).ok).toBe(true);
    boss.heard.length = 0;
    await changeMember(house.app, actorFor(manager.member), { id: anne.member.id, name: 'Anne Tirvois' }, NO_META);
    await boss.hears('team');
  });

  it('[C7] who did not begin it and does not follow hears of no progress; a collector may not follow imports', async () => {
    const hers = await house.connect(anne);
    expect(await hers.ask('follow', { topics: ['queue', 'imports'] })).toEqual({ ok: false, code: 'forbidden' });
    const account = await buildAccount(house.app, house.workspace, { ...overdue, ownerId: anne.member.id });
    await claimCase(house.app, actorFor(anne.member), { id: account.id }, NO_META);
    await breakClaim(house.app, actorFor(manager.member), { id: account.id, reason: 'Réunion' }, NO_META);
    expect(await hers.hears('notice')).toMatchObject({
      name: 'case.claim_broken',
      data: { accountId: account.id, by: manager.member.id, reason: 'Réunion' },
    });
    expect(hers.heard.map(({ name }) => name)).toEqual(['hello', 'notice']);
  });
});
