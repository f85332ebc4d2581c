import { addWorkingDays } from '#lib/domain/calendar/working-days.ts';
import { firstTaskOf, taskOfFirst, type FirstTask } from '#lib/domain/einvoice/codes.ts';
import type { EinvoiceStatus } from '#lib/domain/einvoice/status.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Item } from '#lib/domain/item/item.ts';
import type { Account } from '#lib/domain/account/account.ts';
import { LOCALES, type Actor, type Department, type Locale } from '#lib/domain/member/member.ts';
import { DOCUMENT_DAYS } from '#lib/domain/task/pause-items.ts';
import { completeTask } from '#lib/domain/task/task-rules.ts';
import type { Task, TaskKind } from '#lib/domain/task/task.ts';
import type { Instant } from '#lib/domain/values.ts';
import { einvoice as texts } from '#lib/i18n/groups/einvoice.ts';
import { speak } from '#lib/i18n/words.ts';
import { tasks } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';
import { allOf } from '../all-of.ts';
import type { Now } from '../command.ts';
import { addTask } from '../tasks/add-task.ts';

/** A task that a status made or closed. */
export interface Asked {
  task: Task;
  state: 'created' | 'done';
}

export interface AskSubject {
  status: EinvoiceStatus;
  account: Account;
  items: readonly Item[];
  heard: readonly EinvoiceStatus[];
}

/** What is missing is sent within 48 hours: two working days (domain notes on disputes). */
const MOST_WORDS = 1_800;

function wordsFor(
  locale: Locale,
  key: 'task_document' | 'task_correction' | `task_${FirstTask}`,
  subject: AskSubject,
): string {
  const say = speak(texts, locale);
  const lead = say(key, { number: subject.items[0]?.number ?? subject.status.invoiceNumber });
  const { detail } = subject.status;
  return detail === null
    ? lead
    : `${lead} ${say('task_words', { detail: detail.slice(0, MOST_WORDS).toWellFormed() })}`;
}

/** The text of such a task without the buyer's words, in whatever language it was made. */
export function withoutWords(text: string, detail: string): string {
  const cut = detail.slice(0, MOST_WORDS).toWellFormed();
  for (const locale of LOCALES) {
    const tail = ` ${speak(texts, locale)('task_words', { detail: cut })}`;
    if (text.endsWith(tail)) return text.slice(0, -tail.length);
  }
  return cut === '' ? text : text.replaceAll(cut, '…');
}

async function add(
  tx: Tx,
  now: Now,
  actor: Actor,
  subject: AskSubject,
  what: {
    kind: TaskKind;
    department: Department;
    text: string;
    disputeId: string | null;
    cents: number;
    days: number | null;
  },
): Promise<Asked> {
  const open = subject.items.filter(({ state }) => state === 'open');
  const task = await addTask(tx, now, actor, subject.account, {
    kind: what.kind,
    text: what.text,
    memberId: null,
    department: what.department,
    disputeId: what.disputeId,
    itemIds: open.map(({ id }) => id),
    blockedCents: what.cents,
    currency: subject.items[0]?.currency ?? now.workspace.currency,
    dueDay: what.days === null ? null : addWorkingDays(now.today, what.days),
  });
  return { task, state: 'created' };
}

const openCents = (items: readonly Item[]): number =>
  items.reduce((sum, item) => sum + (item.state === 'open' ? item.openCents : 0), 0);

/** Asks ADV for what the buyer misses (208), or to correct what the platform rejected (213); once while it is open. */
export async function askFor(
  tx: Tx,
  now: Now,
  actor: Actor,
  subject: AskSubject,
  what: 'document' | 'correction',
): Promise<Asked[]> {
  const code = what === 'document' ? '208' : '213';
  const before = subject.heard.filter((one) => one.code === code && one.taskId !== null);
  const asked = await tx.docs(tasks).getMany(before.map(({ taskId }) => taskId ?? ''));
  if (asked.some(({ state }) => state === 'open')) return [];
  const kind = what === 'document' ? 'send_document' : 'corrective_invoice';
  const text = wordsFor(actor.locale, `task_${what}`, subject);
  const cents = openCents(subject.items);
  return [
    await add(tx, now, actor, subject, { kind, department: 'adv', text, disputeId: null, cents, days: DOCUMENT_DAYS }),
  ];
}

/** The first task of a dispute, by what the buyer asks for; once while one of its kind is open. */
export async function askFirst(
  tx: Tx,
  now: Now,
  actor: Actor,
  subject: AskSubject,
  dispute: Dispute,
): Promise<Asked[]> {
  // A refused invoice is cancelled by a credit note, whatever else is asked for.
  const told = firstTaskOf(subject.status.actions[0] ?? null);
  const first = subject.status.code === '210' ? 'full_credit_note' : told;
  const wanted = taskOfFirst(first, dispute.department);
  if (wanted === null) return [];
  const open = await allOf(tx.docs(tasks), { disputeId: dispute.id, state: 'open' }, ['dueDay']);
  if (open.some(({ kind }) => kind === wanted.kind)) return [];
  const key =
    subject.status.code === '210' && told === 'issue_corrective_invoice' ? 'task_refused' : (`task_${first}` as const);
  const text = wordsFor(actor.locale, key as `task_${FirstTask}`, subject);
  return [
    await add(tx, now, actor, subject, {
      ...wanted,
      text,
      disputeId: dispute.id,
      cents: dispute.disputedCents,
      days: null,
    }),
  ];
}

/** Closes what earlier statuses had asked for: it has been given. */
export async function completeAsked(
  tx: Tx,
  now: Now,
  actor: Actor,
  heard: readonly EinvoiceStatus[],
  { codes, until }: { codes: string[]; until: Instant },
): Promise<Asked[]> {
  const answered = heard.filter((one) => codes.includes(one.code) && one.taskId !== null && one.statedAt <= until);
  const done: Asked[] = [];
  for (const task of await tx.docs(tasks).getMany(answered.map(({ taskId }) => taskId ?? ''))) {
    const closed = completeTask(task, actor.memberId, now.at, null);
    if (closed.ok) done.push({ task: await tx.docs(tasks).replace(closed.task), state: 'done' });
  }
  return done;
}
