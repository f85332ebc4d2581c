import type { Account } from '#lib/domain/account/account.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Notification } from '#lib/domain/notification/notification.ts';
import type { Task } from '#lib/domain/task/task.ts';
import type { Message } from '#lib/domain/thread/thread.ts';
import type { Id } from '#lib/domain/values.ts';
import { mayReadAudience } from '#lib/policies/audience.ts';
import { inScope } from '#lib/policies/in-scope.ts';
import { may } from '#lib/policies/may.ts';
import { disputes, messages } from '../../store/kinds/disputes.ts';
import { accounts, tasks } from '../../store/kinds/workspace.ts';
import type { Kind, Tx, Versioned, WorkspaceStore } from '../../store/port.ts';

/** A notification with what it points at, all of which its reader may see now. */
export interface Judged {
  notification: Notification;
  account: Account | null;
  dispute: Dispute | null;
  task: Task | null;
  message: Message | null;
}

/**
 * Keeps of some notifications those that the actor may see at this moment: account or dispute in scope, task and message
 * there, the message's audience readable. That a case or a dispute was taken away stays, without saying which.
 *
 * @param reader a transaction, or the workspace's store for a mere read
 * @param list notifications of the actor's own
 */
export async function judgeNotifications(
  reader: Tx | WorkspaceStore,
  actor: Actor,
  list: readonly Notification[],
): Promise<Judged[]> {
  const load = async <T extends Versioned>(kind: Kind<T>, ids: (Id | null)[]): Promise<Map<Id, T>> => {
    const wanted = [...new Set(ids.filter((id) => id !== null))];
    const found = wanted.length === 0 ? [] : await reader.docs(kind).getMany(wanted);
    return new Map(found.map((one) => [one.id, one]));
  };
  const accountOf = await load(
    accounts,
    list.map((one) => one.accountId),
  );
  const disputeOf = await load(
    disputes,
    list.map((one) => one.disputeId),
  );
  const taskOf = await load(
    tasks,
    list.map((one) => one.taskId),
  );
  const messageOf = await load(
    messages,
    list.map((one) => one.messageId),
  );
  const kept: Judged[] = [];
  for (const notification of list) {
    const { accountId, disputeId, taskId, messageId, audience } = notification;
    const dispute = disputeId === null ? null : (disputeOf.get(disputeId) ?? null);
    const found = accountId === null ? null : (accountOf.get(accountId) ?? null);
    // A department goes on seeing a dispute that it owned when the account itself is out of its sight again.
    const reached =
      disputeId === null
        ? may(actor, 'account.read') && inScope(actor.rights, found?.access ?? [])
        : dispute !== null &&
          dispute.accountId === accountId &&
          may(actor, 'dispute.read') &&
          inScope(actor.rights, dispute.access);
    const account = found !== null && reached ? found : null;
    if (accountId !== null && account === null) {
      const lost = notification.kind.startsWith('case.') || notification.data['change'] === 'lost';
      if (lost) kept.push({ notification, account, dispute: null, task: null, message: null });
      continue;
    }
    const task = taskId === null ? null : (taskOf.get(taskId) ?? null);
    if (taskId !== null && (task?.accountId !== accountId || !may(actor, 'task.read'))) continue;
    if (audience !== null && !mayReadAudience(actor, audience)) continue;
    const message = messageId === null ? null : (messageOf.get(messageId) ?? null);
    if (messageId !== null && (message?.disputeId !== disputeId || !mayReadAudience(actor, message.audience))) continue;
    kept.push({ notification, account, dispute, task, message });
  }
  return kept;
}
