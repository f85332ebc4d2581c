import type { Account } from '#lib/domain/account/account.ts';
import type { Case } from '#lib/domain/case/case.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Task } from '#lib/domain/task/task.ts';
import type { AccountEventName, ChangedRecords } from '#lib/protocol/events.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { NewEvent, Tx, Value } from '../../store/port.ts';
import type { Now } from '../command.ts';
import { settleAccount } from '../settle-account.ts';
import { disputeEvent, disputeEvents } from './dispute-events.ts';

/** What is said of a change: the event, what it holds beside the dispute, and the tasks that went with it. */
export interface Said {
  name: AccountEventName;
  data?: { [key: string]: Value };
  personal?: { [key: string]: Value | null };
  /** As stored before the account was settled. */
  tasks?: readonly Task[];
  /** Other records that the same act changed. */
  changed?: ChangedRecords;
}

export interface StoredDispute {
  dispute: Dispute;
  account: Account;
  /** Those of `Said.tasks` as they now stand. */
  tasks: Task[];
}

/**
 * Stores a dispute as a rule made it, with all that follows for its account, and says it in one event: amounts that are
 * out of collection, rights, balances, queue row. What settling did to other disputes is said after it.
 */
export async function storeDispute(
  tx: Tx,
  now: Now,
  actor: Pick<Actor, 'memberId'>,
  found: { account: Account; case: Case },
  dispute: Dispute,
  said: Said,
): Promise<StoredDispute> {
  const settled = await settleAccount(tx, now, { account: found.account, case: found.case, dispute });
  const { changed } = settled;
  const stored = changed.disputes?.find((one) => one.id === dispute.id) ?? dispute;
  const own = said.tasks ?? [];
  const tasks = own.map((task) => changed.tasks?.find((one) => one.id === task.id) ?? task);
  const others = (changed.tasks ?? []).filter((task) => own.every((one) => one.id !== task.id));
  const all = [...others, ...tasks];
  const proposals = [
    ...(said.changed?.proposals ?? []).filter((one) => !changed.proposals?.some(({ id }) => id === one.id)),
    ...(changed.proposals ?? []),
  ];
  const records = {
    ...changed,
    ...said.changed,
    ...(all.length > 0 && { tasks: all }),
    // Settling may have rewritten the rights tokens of the one that the caller changed.
    ...(proposals.length > 0 && { proposals }),
  };
  const extra = { ...(said.data && { data: said.data }), ...(said.personal && { personal: said.personal }) };
  const events: NewEvent[] = [
    disputeEvent(now, actor, said.name, stored, records, extra),
    ...disputeEvents(now, actor, settled.outcomes, changed.disputes ?? []),
  ];
  await tx.append(accountStream(settled.account.id), events);
  return { dispute: stored, account: settled.account, tasks };
}
