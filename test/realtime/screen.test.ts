import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { applyAccountEvent } from '#lib/client/apply/account.ts';
import { Connection } from '#lib/client/connection.svelte.ts';
import { addDays } from '#lib/domain/calendar/calendar.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import { ACCOUNT_EVENTS } from '#lib/protocol/events.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { AccountSheet } from '#lib/protocol/views/views.ts';
import { stageImport } from '#server/import/stage-import.ts';
import { accountSheet } from '#server/queries/account-sheet.ts';
import { addContact } from '#server/services/accounts/add-contact.ts';
import { changeContact } from '#server/services/accounts/change-contact.ts';
import { recordContact } from '#server/services/accounts/record-contact.ts';
import { removeContact } from '#server/services/accounts/remove-contact.ts';
import { startCall } from '#server/services/accounts/start-call.ts';
import { breakClaim } from '#server/services/cases/break-claim.ts';
import { claimCase } from '#server/services/cases/claim-case.ts';
import { finishCase } from '#server/services/cases/finish-case.ts';
import { handOverCase } from '#server/services/cases/hand-over-case.ts';
import { postponeCase } from '#server/services/cases/postpone-case.ts';
import { reassignCase } from '#server/services/cases/reassign-case.ts';
import { releaseCase } from '#server/services/cases/release-case.ts';
import { startDay } from '#server/services/cases/start-day.ts';
import { sweepLeases } from '#server/services/cases/sweep-leases.ts';
import { NO_META } from '#server/services/command.ts';
import { applyImport } from '#server/services/imports/apply-import.ts';
import { withdrawPromise } from '#server/services/promises/withdraw-promise.ts';
import { completeTask } from '#server/services/tasks/complete-task.ts';
import { createTask } from '#server/services/tasks/create-task.ts';
import { declineTask } from '#server/services/tasks/decline-task.ts';
import { importRuns } from '#server/store/kinds/workspace.ts';
import { actorFor, buildAccount } from '../support/factories.ts';
import { openRealtime, until, type RealtimeHouse, type SignedIn } from '../support/realtime.ts';

let house: RealtimeHouse;
let reader: SignedIn;
let ana: Actor;
let bob: Actor;
let max: Actor;
const lines: Connection[] = [];

beforeEach(async () => {
  house = await openRealtime();
  reader = await house.person({ role: 'finance' });
  ana = actorFor((await house.person()).member);
  bob = actorFor((await house.person()).member);
  max = actorFor((await house.person({ role: 'manager' })).member);
});
afterEach(async () => {
  for (const line of lines.splice(0)) line.stop();
  await house.close();
});

const load = (id: string): Promise<AccountSheet> => accountSheet(house.app, actorFor(reader.member), { id });

/** A sheet loaded once and kept by events alone; with another day it is loaded anew, as the screen does. */
async function screenOn(id: string) {
  const line = new Connection();
  lines.push(line);
  await line.start({ url: house.url, headers: { cookie: reader.cookie, origin: house.url } });
  const first = await load(id);
  const screen = { sheet: first, refetches: 0, names: new Set<string>() };
  line.watch(accountStream(id), first.seq, {
    event: (event) => {
      screen.names.add(event.name);
      const next = applyAccountEvent(screen.sheet, event);
      if (next === 'refetch') return next;
      screen.sheet = next;
      return undefined;
    },
    refetch: async () => {
      screen.refetches += 1;
      screen.sheet = await load(id);
      return screen.sheet.seq;
    },
  });
  return screen;
}

/** What two loadings may differ in without anything being wrong. */
function comparable(sheet: AccountSheet): object {
  const open = sheet.balances.filter((balance) => balance.openItems > 0);
  return { ...sheet, balances: open, timeline: sheet.timeline.events.slice(0, 50) };
}

async function importLedger(asOf: string, rows: string[]): Promise<void> {
  const header = 'Code client;Nom du client;Numéro de facture;Date facture;Échéance;Montant;Solde;Devise;E-mail';
  const file = Buffer.from([header, ...rows].join('\r\n'));
  const bytes = (async function* () {
    yield await Promise.resolve(file);
  })();
  const input = { kind: 'ledger' as const, asOf, fileName: 'ledger.csv', mapping: null };
  const run = await stageImport(house.app, max, input, bytes, NO_META);
  const find = () => house.app.store.workspace(house.workspace.id).docs(importRuns).get(run.id);
  await until(async () => (await find())?.state !== 'staging', 'staged');
  await applyImport(house.app, max, { id: run.id, excludeRefused: true, confirmOlder: true }, NO_META);
  await until(async () => (await find())?.state === 'applied', 'applied');
}

describe('[C2] the account’s screen', () => {
  it('[C2] after every event equals the same screen loaded anew, to the last field', async () => {
    const { app, workspace } = house;
    const account = await buildAccount(app, workspace, {
      number: 'C1',
      name: 'Client 1',
      openItems: [
        { cents: 120_000, dueDay: '2026-02-01', number: 'F1' },
        { cents: 80_000, dueDay: '2026-03-17', number: 'F2' },
        { cents: -5_000, dueDay: '2026-03-01', number: 'A1' },
      ],
      contacts: [{ name: 'Zoé Témoin' }],
    });
    const { id } = account;
    const screen = await screenOn(id);
    const store = app.store.workspace(workspace.id);
    const sheet = (): AccountSheet => screen.sheet;
    const last = <T>(list: readonly T[]): T => {
      const found = list.at(-1);
      if (found === undefined) throw new Error('nothing is there');
      return found;
    };
    const call = {
      id,
      channel: 'call',
      direction: 'made',
      contactId: null,
      text: 'Paie vendredi',
      nextAction: null,
      nextActionOn: null,
    } as const;
    const task = { accountId: id, kind: 'question' as const, text: 'Bon de livraison ?', itemIds: [] };
    const nextDay = async (days: number): Promise<void> => {
      app.clock.setToday(addDays(app.clock.today(''), days));
      // an hour only: sessions must not run out meanwhile
      app.clock.advance(3_600_000);
      await startDay(app, workspace.id);
      screen.sheet = await load(id);
    };

    const acts: [string, () => Promise<unknown>][] = [
      ['case.claim', () => claimCase(app, ana, { id }, NO_META)],
      ['case.release', () => releaseCase(app, ana, { id }, NO_META)],
      ['call.start', () => startCall(app, ana, { id, contactId: null }, NO_META)],
      ['case.hand_over', () => handOverCase(app, ana, { id, memberId: bob.memberId }, NO_META)],
      ['case.break_claim', () => breakClaim(app, max, { id, reason: 'Réunion' }, NO_META)],
      ['case.reassign', () => reassignCase(app, max, { id, ownerId: bob.memberId, reason: 'Équilibre' }, NO_META)],
      [
        'contact.add',
        () => addContact(app, ana, { id, name: 'Ana Lou', role: null, email: null, phone: null }, NO_META),
      ],
      [
        'contact.change',
        () =>
          changeContact(
            app,
            ana,
            { id, contactId: last(sheet().contacts).id, name: 'Ana Li', role: 'DAF', email: null, phone: null },
            NO_META,
          ),
      ],
      ['contact.remove', () => removeContact(app, ana, { id, contactId: last(sheet().contacts).id }, NO_META)],
      [
        'task.create',
        () =>
          createTask(app, ana, { ...task, dueDay: '2026-03-20', memberId: bob.memberId, department: null }, NO_META),
      ],
      [
        'task.create, sooner',
        () => createTask(app, ana, { ...task, dueDay: '2026-03-18', memberId: null, department: 'quality' }, NO_META),
      ],
      ['task.done', () => completeTask(app, bob, { id: last(sheet().tasks).id, answer: 'Fait' }, NO_META)],
      [
        'task.decline',
        async () => {
          await createTask(
            app,
            ana,
            { ...task, dueDay: '2026-03-19', memberId: bob.memberId, department: null },
            NO_META,
          );
          const his = () => sheet().tasks.find((one) => one.state === 'open' && one.memberId === bob.memberId);
          await until(() => his() !== undefined, 'the task is shown');
          await declineTask(app, bob, { id: his()?.id ?? '', reason: 'Pas moi' }, NO_META);
        },
      ],
      ['contact.record', () => recordContact(app, ana, { ...call, outcome: 'reached', promise: null }, NO_META)],
      [
        'promise',
        () => {
          const promise = { cents: 120_000, currency: 'EUR', dueDay: '2026-03-18' };
          return recordContact(app, ana, { ...call, outcome: 'promise', promise }, NO_META);
        },
      ],
      [
        'promise.withdraw',
        () => withdrawPromise(app, ana, { id, promiseId: last(sheet().promises).id, reason: 'Erreur' }, NO_META),
      ],
      ['case.claim', () => claimCase(app, ana, { id }, NO_META)],
      [
        'case.postpone',
        () => postponeCase(app, ana, { id, reason: 'Congés', nextActionOn: '2026-03-18', nextAction: 'call' }, NO_META),
      ],
      ['a day passes', () => nextDay(2)],
      ['case.claim', () => claimCase(app, ana, { id }, NO_META)],
      ['case.finish', () => finishCase(app, ana, { id, nextAction: 'call', nextActionOn: '2026-03-19' }, NO_META)],
      ['a day passes', () => nextDay(1)],
      ['case.claim', () => claimCase(app, ana, { id }, NO_META)],
      [
        'the lease ends',
        () => {
          app.clock.advance(11 * 60_000);
          return sweepLeases(app, workspace.id);
        },
      ],
      [
        'another promise',
        () => {
          const promise = { cents: 50_000, currency: 'EUR', dueDay: '2026-03-20' };
          return recordContact(app, ana, { ...call, outcome: 'promise', promise }, NO_META);
        },
      ],
      [
        'an import: a part is paid, an item is new',
        () =>
          importLedger('2026-03-19', [
            'C1;Client 1;F1;01/01/2026;01/02/2026;1200,00;300,00;EUR;compta@exemple.fr',
            'C1;Client 1;F3;10/03/2026;10/04/2026;99,00;99,00;USD;compta@exemple.fr',
          ]),
      ],
      ['days pass', () => nextDay(5)],
      [
        'another import, other name',
        () => importLedger('2026-03-24', ['C1;Client Un;F1;01/01/2026;01/02/2026;1200,00;0,00;EUR;compta@exemple.fr']),
      ],
    ];

    for (const [what, act] of acts) {
      await act();
      const head = await store.journal.head(accountStream(id));
      await until(() => sheet().seq === head.seq, `${what} is shown`);
      expect(comparable(sheet()), what).toEqual(comparable(await load(id)));
    }
    expect(screen.refetches).toBe(0);
    const ELSEWHERE = ['account.created', 'case.opened', 'case.parked', 'case.idled', 'promise.settled'];
    // what is about disputes is tried in dispute-screen.test.ts
    const OF_DISPUTES = /^(dispute|proposal|einvoice|attachment|message|text)\.|^task\.(accepted|returned|escalated)$/;
    expect(
      ACCOUNT_EVENTS.filter((name) => !screen.names.has(name) && !ELSEWHERE.includes(name) && !OF_DISPUTES.test(name)),
    ).toEqual([]);
  });

  it('[C2] is loaded anew after an event whose personal part was erased, or that does not follow', async () => {
    const account = await buildAccount(house.app, house.workspace, {});
    const sheet = await load(account.id);
    const event = sheet.timeline.events[0];
    if (event === undefined) throw new Error('no event');
    const next = { ...event, id: 'next', seq: sheet.seq + 1 };
    expect(applyAccountEvent(sheet, event)).toBe(sheet);
    expect(applyAccountEvent(sheet, { ...next, stream: 'account:other:internal' })).toBe(sheet);
    expect(applyAccountEvent(sheet, { ...next, seq: sheet.seq + 2 })).toBe('refetch');
    expect(applyAccountEvent(sheet, { ...next, erased: true })).toBe('refetch');
    expect(applyAccountEvent(sheet, next)).toMatchObject({ seq: sheet.seq + 1 });
  });
});
