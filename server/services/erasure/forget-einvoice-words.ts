import { hash } from 'node:crypto';
import type { Account } from '#lib/domain/account/account.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import { firmName, isIdOf } from '#lib/domain/einvoice/match-invoice.ts';
import type { EinvoiceStatus } from '#lib/domain/einvoice/status.ts';
import type { Task } from '#lib/domain/task/task.ts';
import type { Id } from '#lib/domain/values.ts';
import { disputes, einvoiceStatuses } from '../../store/kinds/disputes.ts';
import { tasks } from '../../store/kinds/workspace.ts';
import type { Tx, WorkspaceStore } from '../../store/port.ts';
import { allOf } from '../all-of.ts';
import { withoutWords } from '../einvoices/ask.ts';

/** How a text is named in the record of an erasure while that is on its way: events that hold it are found by it. */
export const digestOfText = (text: string): string => hash('sha256', text, 'hex');

/** What buyers' messages said on an account, and where it was repeated. */
export interface EinvoiceWords {
  statusIds: Id[];
  /** Digests of the texts, as statuses, disputes and tasks hold them. */
  words: string[];
}

const hasWords = ({ detail, buyerName, judged }: EinvoiceStatus): boolean =>
  detail !== null || buyerName !== null || (judged?.reason ?? null) !== null;

function wordless(status: EinvoiceStatus): EinvoiceStatus {
  const { judged = null } = status;
  return { ...status, detail: null, buyerName: null, judged: judged === null ? null : { ...judged, reason: null } };
}

/** A message that waits for its invoice and names this account as the buyer. */
function namesBuyer(account: Account, { buyerId, buyerName }: EinvoiceStatus): boolean {
  const byId = buyerId === null ? null : isIdOf(account, buyerId);
  const name = firmName(buyerName ?? '');
  return byId ?? (name !== '' && name === firmName(account.name));
}

/** The account's messages with words in them, those that still wait for their invoice among them. */
export async function einvoiceWordsOf(store: WorkspaceStore, account: Account): Promise<EinvoiceWords> {
  const found: EinvoiceStatus[] = [];
  for await (const one of store.docs(einvoiceStatuses).each({ accountId: account.id }))
    if (hasWords(one)) found.push(one);
  for await (const one of store.docs(einvoiceStatuses).each({ outcome: { $in: ['unmatched', 'set_aside'] } }))
    if (hasWords(one) && namesBuyer(account, one)) found.push(one);
  const details = found.map(({ detail }) => detail).filter((detail) => detail !== null);
  const made = await store.docs(tasks).getMany(found.map(({ taskId }) => taskId).filter((id) => id !== null));
  const texts = made.filter((task) => quotes(task, found)).map(({ text }) => text);
  return { statusIds: found.map(({ id }) => id), words: [...new Set([...details, ...texts].map(digestOfText))] };
}

const quotes = (task: Task, found: readonly EinvoiceStatus[]): boolean => told(task, found) !== task.text;

/** The task's text without what the buyer wrote. */
function told(task: Task, found: readonly EinvoiceStatus[]): string {
  const details = found.filter(({ taskId }) => taskId === task.id).map(({ detail }) => detail);
  return details.reduce<string>((text, detail) => (detail === null ? text : withoutWords(text, detail)), task.text);
}

/**
 * Takes the words out of the messages, of the disputes that still say them as they came, and of the tasks that quote them;
 * codes, amounts and days stay. Answers the disputes and tasks as stored.
 */
export async function forgetEinvoiceWords(
  tx: Tx,
  accountId: Id,
  { statusIds, words }: EinvoiceWords,
): Promise<{ disputes: Dispute[]; tasks: Task[] }> {
  const statuses = await tx.docs(einvoiceStatuses).getMany(statusIds);
  const made = await tx.docs(tasks).getMany(statuses.map(({ taskId }) => taskId).filter((id) => id !== null));
  const changed = { disputes: [] as Dispute[], tasks: [] as Task[] };
  for (const task of made) {
    const text = told(task, statuses);
    if (text !== task.text) changed.tasks.push(await tx.docs(tasks).replace({ ...task, text }));
  }
  for (const dispute of await allOf(tx.docs(disputes), { accountId }, ['state']))
    if (dispute.detail !== null && words.includes(digestOfText(dispute.detail)))
      changed.disputes.push(await tx.docs(disputes).replace({ ...dispute, detail: null }));
  await tx.docs(einvoiceStatuses).replaceMany(statuses.map(wordless));
  return changed;
}
