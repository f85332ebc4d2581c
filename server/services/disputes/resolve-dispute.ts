import type { Account } from '#lib/domain/account/account.ts';
import type { Case } from '#lib/domain/case/case.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import { resolveDispute as decideResolve } from '#lib/domain/dispute/resolution.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Task } from '#lib/domain/task/task.ts';
import { mayWriteAudience } from '#lib/policies/audience.ts';
import type { ResolveDisputeInput } from '#lib/protocol/commands/dispute.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { App } from '../../app.ts';
import type { Tx } from '../../store/port.ts';
import { colleaguesOf, type Colleagues } from '../colleagues.ts';
import { command, expectVersion, type CommandMeta, type Now } from '../command.ts';
import { tellTask } from '../tasks/add-task.ts';
import { bodyOfText, hasAnswered, postMessageIn } from '../threads/post-in.ts';
import { accessDisputeCase } from './access-dispute.ts';
import { actOf } from './act.ts';
import { disputeAnswer, type DisputeAnswer } from './dispute-answer.ts';
import { approversOf, followDispute, tellDispute } from './dispute-people.ts';
import { askForCreditNote, endTasks, openTasksOf } from './dispute-tasks.ts';
import { refuseDispute } from './refuse-dispute.ts';
import { storeDispute, type StoredDispute } from './store-dispute.ts';

/**
 * Says how the disputed amount ends, in parts that add up to it (rule DIS-6). A rejected part needs an answer to the
 * customer: `answer` is posted in the customer's thread with it, unless one stands there since the dispute was (re)opened.
 * An agreed credit note is asked of ADV or accounting. Above the limits nothing is settled: a second person is asked, and
 * the answer waits for them too.
 *
 * @throws AppError not_found; version_conflict; dispute_state; validation_failed at parts or answer; forbidden for whoever
 *   may not write to the customer
 */
export async function resolveDispute(
  app: App,
  actor: Actor,
  input: ResolveDisputeInput,
  meta: CommandMeta,
): Promise<DisputeAnswer> {
  const colleagues = await colleaguesOf(app, actor.workspaceId);
  return command(app, actor, meta, { name: 'dispute.resolve', input }, async (tx, now) => {
    const found = await accessDisputeCase(tx, actor, input.id, 'dispute.resolve');
    expectVersion(meta, found.dispute);
    if (input.answer !== null && !mayWriteAudience(actor, 'customer'))
      throw new AppError('forbidden', { action: 'thread.write_outward' });
    const since = found.dispute.reopenedAt ?? found.dispute.openedAt;
    const answered = input.answer !== null || (await hasAnswered(tx, input.id, since));
    const { parts, rootCause, answer } = input;
    const decided = decideResolve(found.dispute, { parts, rootCause, answered, answer }, actOf(now, actor));
    if (!decided.ok) refuseDispute(decided);
    if (decided.dispute.approval !== null)
      return disputeAnswer(await askApproval(tx, now, actor, found, decided.dispute, colleagues));
    const stored = await storeResolved(tx, now, actor, found, decided.dispute, colleagues);
    if (answer !== null) await answerCustomer(tx, now, actor, stored, answer, colleagues);
    return disputeAnswer(stored.dispute);
  });
}

type Found = { account: Account; case: Case };

async function askApproval(
  tx: Tx,
  now: Now,
  actor: Actor,
  found: Found,
  asked: Dispute,
  colleagues: Colleagues,
): Promise<Dispute> {
  const { dispute, account } = await storeDispute(tx, now, actor, found, asked, {
    name: 'dispute.approval_asked',
    data: { parts: { ...asked.approval?.resolution } },
  });
  const to = approversOf(colleagues, account, actor.memberId);
  await tellDispute(tx, now, actor, { kind: 'dispute.approval_asked', dispute, account, to, colleagues });
  return dispute;
}

/** Stores and says a resolution that stands: questions end with it, the credit note is asked for, people are told. */
export async function storeResolved(
  tx: Tx,
  now: Now,
  actor: Actor,
  found: Found,
  resolved: Dispute,
  colleagues: Colleagues,
): Promise<StoredDispute> {
  const questions = await openTasksOf(tx, resolved.id, ['answer_dispute']);
  const answered = await endTasks(tx, now, actor.memberId, questions, { state: 'done' });
  // What the buyer asked for first gives way to what was agreed.
  const wished = await openTasksOf(tx, resolved.id, ['credit_note']);
  const ended = [...answered, ...(await endTasks(tx, now, actor.memberId, wished, { state: 'returned' }))];
  const creditNote = await askForCreditNote(tx, now, actor, found.account, resolved);
  const tasks: Task[] = creditNote === null ? ended : [creditNote, ...ended];
  const { by: _by, on: _on, approvedBy, ...parts } = resolved.resolution ?? {};
  const stored = await storeDispute(tx, now, actor, found, resolved, {
    name: 'dispute.resolved',
    data: { parts, approvedBy: approvedBy ?? null },
    tasks,
  });
  const { dispute, account } = stored;
  const asked = creditNote === null ? undefined : stored.tasks.find((one) => one.id === creditNote.id);
  if (asked !== undefined) await tellTask(tx, now, actor, account, asked, colleagues);
  await followDispute(tx, dispute, [actor.memberId]);
  const to = [dispute.openedBy, dispute.memberId, account.ownerId, resolved.resolution?.by ?? null];
  await tellDispute(tx, now, actor, { kind: 'dispute.resolved', dispute, account, to, colleagues });
  return stored;
}

/** Posts the answer in the customer's thread, in the same transaction: a part is never rejected without it. */
export async function answerCustomer(
  tx: Tx,
  now: Now,
  author: Actor,
  { dispute, account }: StoredDispute,
  answer: string,
  colleagues: Colleagues,
): Promise<void> {
  const body = bodyOfText(answer);
  await postMessageIn(tx, now, author, { dispute, account, audience: 'customer', body, colleagues });
}
