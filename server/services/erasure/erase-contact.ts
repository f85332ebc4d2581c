import { AUDIENCES } from '#lib/domain/thread/audience.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { ChangedRecords } from '#lib/protocol/events.ts';
import { accountStream, noteDocument, threadDocument } from '#lib/protocol/streams.ts';
import { storeOf, type App } from '../../app.ts';
import { newId } from '../../store/id.ts';
import { disputes, erasures, attachments } from '../../store/kinds/disputes.ts';
import { cases, contacts, tasks } from '../../store/kinds/workspace.ts';
import type { StoredEvent, Tx, Versioned, WorkspaceStore } from '../../store/port.ts';
import { accessAccount } from '../access-account.ts';
import { accountEvent } from '../account-event.ts';
import { contactAnswer, type ContactAnswer } from '../accounts/contact-of.ts';
import { authorize } from '../authorize.ts';
import { command, type CommandMeta, type Now } from '../command.ts';
import { einvoiceWordsOf, forgetEinvoiceWords } from './forget-einvoice-words.ts';
import { eventsHolding, type Forgotten } from './held-in.ts';
import { finishErasure } from './finish-erasure.ts';

/** Records in one event. */
const AT_ONCE = 50;

/**
 * Forgets a contact for good: name, role, addresses, and what was written of the person when a contact was made. A nameless
 * record stays, so that the next ledger does not bring the person back. What the buyer's e-invoice messages said in words goes with
 * it, wherever it was repeated: nobody can tell who at the customer's wrote it. Events that held something else beside are erased as a
 * whole: what else they held is said again as it stands now, so that a replay of the account ends where it ended.
 * The notes' and threads' own history is dropped; words that stand in them now are for people to change.
 *
 * @throws AppError forbidden; not_found
 */
export async function eraseContact(
  app: App,
  actor: Actor,
  input: { id: Id; contactId: Id },
  meta: CommandMeta,
): Promise<ContactAnswer> {
  authorize(actor, 'text.erase');
  const store = storeOf(app, actor);
  const account = await accessAccount(store, actor, input.id, 'account.read');
  const told = await einvoiceWordsOf(store, account);
  const beside = await recordsBeside(store, input.id, {
    messageIds: [],
    contactId: input.contactId,
    words: told.words,
  });
  const said = await command(app, actor, meta, { name: 'contact.erase', input }, async (tx, now) => {
    await accessAccount(tx, actor, input.id, 'account.read');
    const contact = await tx.docs(contacts).get(input.contactId);
    if (contact === null || contact.accountId !== input.id) throw new AppError('not_found');
    const blank = { name: '', role: null, email: null, phone: null, state: 'removed' as const };
    const erased = await tx.docs(contacts).replace({ ...contact, ...blank });
    const silent = await forgetEinvoiceWords(tx, input.id, told);
    for (const { id } of silent.disputes) beside.disputes.add(id);
    for (const { id } of silent.tasks) beside.tasks.add(id);
    const untilSeq = await sayErased(tx, now, actor, input.id, erased.id, beside);
    await tx.docs(erasures).insert({
      id: newId(now.ms),
      version: 1,
      state: 'running',
      startedAt: now.at,
      accountId: input.id,
      streams: [{ name: accountStream(input.id), untilSeq }],
      messageIds: [],
      contactId: erased.id,
      words: told.words,
      fileIds: [],
      documents: await documentsOf(tx, input.id),
    });
    return contactAnswer(erased);
  });
  const waiting = await store.docs(erasures).find({ accountId: input.id }, { sort: ['startedAt'], limit: 1_000 });
  for (const { id, state, contactId } of waiting.docs)
    if (state === 'running' && contactId === input.contactId) await finishErasure(app, actor.workspaceId, id);
  return said;
}

type Beside = Record<'contacts' | 'tasks' | 'disputes' | 'attachments', Set<Id>> & { case: boolean };

/** What else lies in the events that will be erased. */
async function recordsBeside(store: WorkspaceStore, accountId: Id, what: Forgotten): Promise<Beside> {
  const beside: Beside = {
    contacts: new Set(what.contactId === null ? [] : [what.contactId]),
    tasks: new Set(),
    disputes: new Set(),
    attachments: new Set(),
    case: false,
  };
  const stream = accountStream(accountId);
  const { seq } = await store.journal.head(stream);
  for await (const event of eventsHolding(store, stream, seq, what)) {
    const records = (event.personal?.records ?? {}) as ChangedRecords;
    for (const kind of ['contacts', 'tasks', 'disputes', 'attachments'] as const)
      for (const { id } of records[kind] ?? []) beside[kind].add(id);
    if (records.case !== undefined) beside.case = true;
  }
  return beside;
}

/** Says `text.erased` with all that lay beside, as it stands; answers up to where the events are to be erased. */
async function sayErased(
  tx: Tx,
  now: Now,
  actor: Actor,
  accountId: Id,
  contactId: Id,
  beside: Beside,
): Promise<number> {
  const found: [keyof ChangedRecords, Versioned][] = [];
  for (const [kind, docs] of [
    ['contacts', tx.docs(contacts)],
    ['tasks', tx.docs(tasks)],
    ['disputes', tx.docs(disputes)],
    ['attachments', tx.docs(attachments)],
  ] as const)
    for (const one of await docs.getMany([...beside[kind]])) found.push([kind, one]);
  const work = beside.case ? await tx.docs(cases).get(accountId) : null;
  const data = { kind: 'contact', contactId };
  const events = [];
  for (let at = 0; at === 0 || at < found.length; at += AT_ONCE) {
    const changed: Record<string, unknown[]> = {};
    for (const [kind, one] of found.slice(at, at + AT_ONCE)) (changed[kind] ??= []).push(one);
    const records = { ...changed, ...(at === 0 && work !== null && { case: work }) } as ChangedRecords;
    events.push(accountEvent(now, actor, 'text.erased', records, { data }));
  }
  const [first] = await tx.append(accountStream(accountId), events);
  return (first as StoredEvent).seq - 1;
}

/** The account's notes and its disputes' threads. */
async function documentsOf(tx: Tx, accountId: Id): Promise<string[]> {
  const page = await tx.docs(disputes).find({ accountId }, { sort: ['state'], limit: 1_000 });
  return [
    noteDocument(accountId, 'internal'),
    noteDocument(accountId, 'credit'),
    ...page.docs.flatMap(({ id }) => AUDIENCES.map((audience) => threadDocument(id, audience))),
  ];
}
