import { addDays } from '#lib/domain/calendar/calendar.ts';
import { nextWorkingDay } from '#lib/domain/calendar/working-days.ts';
import type { LedgerLine } from '#lib/domain/import/import.ts';
import { openAsOf } from '#lib/domain/item/diff-item.ts';
import type { Actor, Department } from '#lib/domain/member/member.ts';
import type { AskableKind } from '#lib/domain/task/task.ts';
import type { Cents, Day, Id } from '#lib/domain/values.ts';
import type { RecordContactInput } from '#lib/protocol/commands/account.ts';
import type { App } from '../app.ts';
import { recordContact } from '../services/accounts/record-contact.ts';
import { colleaguesOf } from '../services/colleagues.ts';
import { NO_META } from '../services/command.ts';
import { createTask } from '../services/tasks/create-task.ts';
import { accounts, items } from '../store/kinds/workspace.ts';
import type { MadeAccount } from './ledger.ts';
import type { DemoTeam } from './people.ts';
import type { Random } from './random.ts';

/** An app whose clock stands on another day: history is made by the commands that users give. */
export function appOn(app: App, day: Day, hour = 9): App {
  const ms = Math.min(Date.parse(`${day}T${String(hour).padStart(2, '0')}:00:00.000Z`), app.clock.ms());
  return { ...app, clock: { ms: () => ms, now: () => new Date(ms).toISOString(), today: () => day } };
}

/** What somebody did on a day; `run` gets an app of that day. */
export interface Deed {
  day: Day;
  run(app: App): Promise<unknown>;
}

const SAID = {
  message_left: ['Message laissé au standard.', 'Répondeur : demandé à être rappelée.'],
  no_answer: ['Pas de réponse, à rappeler le matin.'],
  reached: [
    'Attend la validation du service achats.',
    'Facture reçue, en circuit de validation.',
    'Demande un duplicata.',
  ],
  paid_already: ['Dit avoir réglé par virement, à vérifier.'],
} as const;

const REQUESTS: readonly { department: Department; kind: AskableKind; text: string }[] = [
  { department: 'quality', kind: 'question', text: 'Le client refuse une partie de la livraison : accepter ou non ?' },
  { department: 'quality', kind: 'approve', text: 'Retour de marchandise annoncé, confirmer la non-conformité.' },
  { department: 'adv', kind: 'send_document', text: 'Renvoyer le bon de commande signé avec la facture.' },
  { department: 'adv', kind: 'credit_note', text: 'Avoir promis au client, à établir.' },
  {
    department: 'sales',
    kind: 'check_price',
    text: 'Remise non appliquée selon le client : vérifier le tarif convenu.',
  },
  {
    department: 'logistics',
    kind: 'check_delivery',
    text: 'Deux colis manquants selon le client, preuve de livraison ?',
  },
  { department: 'accounting', kind: 'question', text: 'Coordonnées bancaires contestées, à confirmer par rappel.' },
];

const overdueOn = (lines: readonly LedgerLine[], day: Day): Cents =>
  lines.reduce((sum, line) => {
    const due = line.dueDay ?? line.issueDay;
    return line.cents > 0 && !line.disputed && due < day && line.issueDay <= day ? sum + openAsOf(line, day) : sum;
  }, 0);

/**
 * What the team did lately: calls and their outcome, promises kept, broken and still open, and questions that wait for
 * each department. Everything in order of time, each by the command that a member would give.
 *
 * @param others what else was done, each day's in its order
 */
export async function makeHistory(
  app: App,
  workspaceId: Id,
  ledger: readonly MadeAccount[],
  team: DemoTeam,
  random: Random,
  today: Day,
  others: readonly Deed[] = [],
): Promise<number> {
  const store = app.store.workspace(workspaceId);
  const colleagues = await colleaguesOf(app, workspaceId);
  const actors = team.collectors.flatMap((member) => colleagues.actor(member.id) ?? []);
  const deeds: Deed[] = [...others];
  let asked = 0;
  for (const made of ledger) {
    const account = (await store.docs(accounts).find({ number: made.number }, { limit: 1 })).docs[0];
    if (account === undefined) continue;
    const actor = actors.find((one) => one.memberId === account.ownerId) ?? random.pick(actors);
    const currency = made.lines[0]?.currency ?? 'EUR';
    const overdue = overdueOn(made.lines, today);
    if (overdue > 0) deeds.push(...callsOn(account.id, actor, currency, overdue, random, today));
    const waiting = made.lines.find(
      (line) => line.cents > 0 && line.issueDay < addDays(today, -60) && openAsOf(line, today) !== 0,
    );
    if (waiting === undefined || asked >= 2 * REQUESTS.length || !random.chance(0.3)) continue;
    const request = REQUESTS[asked % REQUESTS.length];
    asked += 1;
    if (request === undefined) continue;
    const late = random.chance(0.3);
    const day = addDays(today, late ? -9 : -random.whole(1, 4));
    const found = await store
      .docs(items)
      .find({ accountId: account.id, state: 'open' }, { sort: ['dueDay'], limit: 500 });
    const item = found.docs.find((one) => one.number === waiting.number);
    deeds.push({
      day,
      run: (on) =>
        createTask(
          on,
          actor,
          {
            accountId: account.id,
            kind: request.kind,
            text: request.text,
            dueDay: late ? addDays(today, -2) : nextWorkingDay(addDays(today, random.whole(1, 5))),
            memberId: null,
            department: request.department,
            itemIds: item === undefined ? [] : [item.id],
          },
          NO_META,
        ),
    });
  }
  deeds.sort((a, b) => (a.day < b.day ? -1 : a.day > b.day ? 1 : 0));
  for (const [index, deed] of deeds.entries()) await deed.run(appOn(app, deed.day, 7 + (index % 9)));
  return deeds.length;
}

function callsOn(id: Id, actor: Actor, currency: string, overdue: Cents, random: Random, today: Day): Deed[] {
  const contact = (day: Day, input: Partial<RecordContactInput>): Deed => ({
    day,
    run: (on) =>
      recordContact(
        on,
        actor,
        {
          id,
          channel: 'call',
          direction: 'made',
          outcome: 'reached',
          contactId: null,
          text: null,
          promise: null,
          nextAction: null,
          nextActionOn: null,
          ...input,
        },
        NO_META,
      ),
  });
  const draw = random.next();
  if (draw < 0.14)
    return [
      contact(addDays(today, -18), {
        outcome: 'promise',
        text: 'Règlement promis.',
        promise: { cents: overdue, currency, dueDay: addDays(today, -8) },
      }),
    ];
  if (draw < 0.28)
    return [
      contact(addDays(today, -random.whole(1, 3)), {
        outcome: 'promise',
        text: 'Virement prévu.',
        promise: { cents: overdue, currency, dueDay: addDays(today, random.whole(2, 9)) },
      }),
    ];
  if (draw < 0.75) {
    const outcome = random.pick(['message_left', 'no_answer', 'reached', 'paid_already'] as const);
    const back = random.chance(0.4);
    return [
      contact(addDays(today, -random.whole(3, 25)), {
        outcome,
        text: random.pick(SAID[outcome]),
        nextAction: back ? 'call' : null,
        nextActionOn: back ? addDays(today, random.whole(-1, 4)) : null,
      }),
    ];
  }
  return [];
}
