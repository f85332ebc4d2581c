import type { Account } from '#lib/domain/account/account.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Department, Locale } from '#lib/domain/member/member.ts';
import type { Task, TaskKind } from '#lib/domain/task/task.ts';
import { FAR_DAY, type Day, type Id } from '#lib/domain/values.ts';
import { formats } from '#lib/i18n/format.ts';
import { disputeTask } from '#lib/i18n/groups/dispute-task.ts';
import { speak } from '#lib/i18n/words.ts';
import { tasks } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';
import { allOf } from '../all-of.ts';
import type { Now } from '../command.ts';
import { addTask } from '../tasks/add-task.ts';

/** Open tasks of a dispute, of some kinds or of all. */
export async function openTasksOf(tx: Tx, disputeId: Id, kinds: readonly TaskKind[] | null = null): Promise<Task[]> {
  const open = await allOf(tx.docs(tasks), { disputeId, state: 'open' }, ['dueDay']);
  return kinds === null ? open : open.filter((task) => kinds.includes(task.kind));
}

/** Closes open tasks of a dispute along with what was done on it. */
export function endTasks(
  tx: Tx,
  now: Now,
  by: Id,
  open: readonly Task[],
  { state, answer = null }: { state: 'done' | 'returned'; answer?: string | null },
): Promise<Task[]> {
  return tx.docs(tasks).replaceMany(open.map((task) => ({ ...task, state, answer, closedBy: by, closedAt: now.at })));
}

/** What a task of a dispute carries of it: items and the amount that waits. */
export const ofDispute = (dispute: Dispute): Pick<Task, 'disputeId' | 'itemIds' | 'blockedCents' | 'currency'> => ({
  disputeId: dispute.id,
  itemIds: dispute.items.map((one) => one.itemId),
  blockedCents: dispute.disputedCents + dispute.awaitingCents,
  currency: dispute.currency,
});

/** "Accept or refuse, with the cause": asks the dispute's person or department, before the day of its present step. */
export function askForAnswer(
  tx: Tx,
  now: Now,
  actor: { memberId: string },
  account: Account,
  dispute: Dispute,
  text: string,
): Promise<Task> {
  return addTask(tx, now, actor, account, {
    ...ofDispute(dispute),
    kind: 'answer_dispute',
    text,
    dueDay: dispute.dueDay === FAR_DAY || dispute.dueDay < now.today ? null : dispute.dueDay,
    memberId: dispute.memberId,
    department: dispute.memberId === null ? dispute.department : null,
  });
}

/** The question goes along with the dispute to whoever settles it now; nobody has taken it on there yet. */
export function moveQuestions(tx: Tx, open: readonly Task[], dispute: Dispute): Promise<Task[]> {
  return tx.docs(tasks).replaceMany(
    open.map((task) => ({
      ...task,
      memberId: dispute.memberId,
      department: dispute.memberId === null ? dispute.department : null,
      acceptedBy: null,
      escalatedOn: null,
      blockedCents: dispute.disputedCents,
      dueDay: dispute.dueDay === FAR_DAY ? task.dueDay : dispute.dueDay,
    })),
  );
}

/** The question waits no longer than the dispute's clock lets it: its day moves with the step's (rule DIS-4). */
export function redateQuestions(tx: Tx, open: readonly Task[], dueDay: Day): Promise<Task[]> {
  const moved = open.filter((task) => task.dueDay !== dueDay);
  return tx.docs(tasks).replaceMany(moved.map((task) => ({ ...task, dueDay, escalatedOn: null })));
}

/** Who has the credit note of an agreed resolution made: accounting where the tax or the sum is wrong, ADV otherwise. */
export function creditNoteDepartment(dispute: Pick<Dispute, 'reason'>): Department {
  return dispute.reason === 'vat' || dispute.reason === 'total' ? 'accounting' : 'adv';
}

/** Asks for the credit note that a resolution agreed to; null when it agreed to none. */
export async function askForCreditNote(
  tx: Tx,
  now: Now,
  actor: { memberId: string; locale: Locale },
  account: Account,
  dispute: Dispute,
): Promise<Task | null> {
  const cents = dispute.resolution?.creditNoteCents ?? 0;
  if (dispute.state !== 'resolved' || cents === 0) return null;
  const t = speak(disputeTask, actor.locale);
  return addTask(tx, now, actor, account, {
    ...ofDispute(dispute),
    blockedCents: cents,
    kind: 'credit_note',
    text: t('credit_note', {
      amount: formats(actor.locale).money(cents, dispute.currency),
      number: String(dispute.number),
      items: dispute.items.map((one) => one.number).join(', '),
    }),
    dueDay: null,
    memberId: null,
    department: creditNoteDepartment(dispute),
  });
}
