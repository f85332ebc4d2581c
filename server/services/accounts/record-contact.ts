import { balancesOf } from '#lib/domain/balance/balances-of.ts';
import { addDays } from '#lib/domain/calendar/calendar.ts';
import type { Case } from '#lib/domain/case/case.ts';
import { isCoveredByPromises } from '#lib/domain/case/derive-case.ts';
import { recordContact as decideRecord, type Plan } from '#lib/domain/case/finish-case.ts';
import type { Contact } from '#lib/domain/contact/contact.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { PromiseToPay } from '#lib/domain/promise/promise.ts';
import type { Day, Id } from '#lib/domain/values.ts';
import type { RecordContactInput } from '#lib/protocol/commands/account.ts';
import type { ChangedRecords } from '#lib/protocol/events.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { contacts } from '../../store/kinds/workspace.ts';
import type { NewEvent, Tx } from '../../store/port.ts';
import { accessCase } from '../access-account.ts';
import { accountEvent } from '../account-event.ts';
import { caseAnswer } from '../cases/case-answer.ts';
import type { CaseAnswer } from '#lib/protocol/views/answers.ts';
import { command, expectVersion, type CommandMeta, type Now } from '../command.ts';
import { refusePlan } from '../plan-refusal.ts';
import { makePromise } from '../promises/make-promise.ts';
import { recordsOf, settleAccount, type AccountRecords } from '../settle-account.ts';
import { contactOf } from './contact-of.ts';

/** What writing a contact down answers: the case, and the promise if one was made. */
export interface RecordAnswer extends CaseAnswer {
  promiseId: Id | null;
  /** The event in the timeline. */
  eventId: Id;
}

/**
 * Writes down a contact with the customer, made or received, by whoever may see the account: never refused for want of
 * the claim (rule CAS-11). A promise to pay parks the case until its day; it takes the place of an open one in the same
 * currency. The outcome `wrong_contact` marks the contact.
 *
 * @throws AppError version_conflict if a version was given; not_found for a contact of another account;
 *   validation_failed at nextAction, nextActionOn or promise.dueDay
 */
export function recordContact(
  app: App,
  actor: Actor,
  input: RecordContactInput,
  meta: CommandMeta,
): Promise<RecordAnswer> {
  return command(app, actor, meta, { name: 'contact.record', input }, async (tx, now) => {
    const found = await accessCase(tx, actor, input.id, 'contact.record');
    expectVersion(meta, found.case);
    const person = input.contactId === null ? null : await contactOf(tx, input.id, input.contactId);
    const recorded = decideRecord(found.case, now.today, planOf(input, now.today), now.today);
    if (!recorded.ok) refusePlan(recorded);
    const records = await recordsOf(tx, input.id);
    const made =
      input.promise === null ? null : await makePromise(tx, now, actor, input.id, input.promise, records.promises);
    const all: AccountRecords = made === null ? records : { ...records, promises: made.promises };
    const next =
      made === null ? recorded.case : parkedUntil(recorded.case, made.promise, found.account, all, now.today);
    const settled = await settleAccount(tx, now, { account: found.account, case: next, records: all });
    const wrong = await markWrong(tx, input, person);
    const changed: ChangedRecords = { ...settled.changed };
    if (made !== null) changed.promises = made.changed;
    const events = eventsOf(now, actor, input, wrong === null ? changed : { ...changed, contacts: [wrong] }, made);
    await tx.append(accountStream(input.id), events);
    return { ...caseAnswer(settled.case), promiseId: made?.promise.id ?? null, eventId: events[0]?.id ?? '' };
  });
}

/** A day alone means "come back to it then"; an action alone means today. */
function planOf(input: RecordContactInput, today: Day): Plan {
  if (input.nextAction === null && input.nextActionOn === null) return { nextAction: null, nextActionOn: null };
  return { nextAction: input.nextAction ?? 'other', nextActionOn: input.nextActionOn ?? today };
}

/** A promise that covers what is to chase parks the case by itself (rule CAS-4); one that does not, by a next action. */
function parkedUntil(
  recorded: Case,
  promise: PromiseToPay,
  account: Parameters<typeof balancesOf>[0],
  records: AccountRecords,
  today: Day,
): Case {
  if (recorded.nextActionOn !== null && recorded.nextActionOn > today) return recorded;
  const balances = balancesOf(account, records.items, today);
  const planned: Case = { ...recorded, plannedOn: today };
  if (recorded.nextActionOn === null && isCoveredByPromises({ balances, promises: records.promises, today }))
    return planned;
  const nextActionOn = promise.dueDay > today ? promise.dueDay : addDays(today, 1);
  return { ...planned, nextAction: 'check_payment', nextActionOn, postponeReason: null };
}

async function markWrong(tx: Tx, input: RecordContactInput, person: Contact | null): Promise<Contact | null> {
  if (person === null || input.outcome !== 'wrong_contact' || person.state === 'wrong') return null;
  return tx.docs(contacts).replace({ ...person, state: 'wrong' });
}

function eventsOf(
  now: Now,
  actor: Actor,
  input: RecordContactInput,
  changed: ChangedRecords,
  made: { promise: PromiseToPay; replaced: Id[] } | null,
): NewEvent[] {
  const { channel, direction, outcome, contactId, nextAction, nextActionOn } = input;
  const recorded = accountEvent(now, actor, 'contact.recorded', changed, {
    data: { channel, direction, outcome, contactId, nextAction, nextActionOn, promiseId: made?.promise.id ?? null },
    personal: { text: input.text },
  });
  if (made === null) return [recorded];
  const { id, cents, currency, dueDay } = made.promise;
  const promised = accountEvent(
    now,
    actor,
    'promise.made',
    { promises: [made.promise] },
    { data: { promiseId: id, cents, currency, dueDay, replaced: made.replaced } },
  );
  return [recorded, promised];
}
