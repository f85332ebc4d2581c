import type { Dispute } from '../dispute/dispute.ts';
import type { Department } from '../member/member.ts';
import type { Id } from '../values.ts';
import type { Task } from '../task/task.ts';

/** Token of the accounts that a member owns; `none` for those without an owner. */
export function ownerToken(memberId: Id | null): string {
  return `owner:${memberId ?? 'none'}`;
}

/** Token of the accounts of which a member is the sales rep. */
export function repToken(memberId: Id): string {
  return `rep:${memberId}`;
}

/** Token of the accounts on which a department has a dispute or a task. */
export function departmentToken(department: Department): string {
  return `dept:${department}`;
}

/** Token of the accounts on which a member has a task. */
export function memberToken(memberId: Id): string {
  return `member:${memberId}`;
}

/**
 * Rights tokens of an account (rule OWN-1), sorted, without doubles: its owner (or `owner:none`), its sales rep, the
 * departments and members of disputes that are not closed, those with an open task.
 */
export function accessOf(
  account: { ownerId: Id | null; salesRepId: Id | null },
  tasks: Iterable<Pick<Task, 'state' | 'memberId' | 'department'>>,
  disputes: Iterable<Pick<Dispute, 'state' | 'department' | 'memberId'>>,
): string[] {
  const tokens = new Set<string>([ownerToken(account.ownerId)]);
  if (account.salesRepId !== null) tokens.add(repToken(account.salesRepId));
  for (const dispute of disputes) {
    if (dispute.state === 'closed') continue;
    tokens.add(departmentToken(dispute.department));
    if (dispute.memberId !== null) tokens.add(memberToken(dispute.memberId));
  }
  for (const task of tasks) {
    if (task.state !== 'open') continue;
    if (task.department !== null) tokens.add(departmentToken(task.department));
    if (task.memberId !== null) tokens.add(memberToken(task.memberId));
  }
  return [...tokens].sort();
}

/** Rights tokens of a task: its account's, and the one of the member or department who is to do it. */
export function taskAccessOf(accountAccess: readonly string[], task: Pick<Task, 'memberId' | 'department'>): string[] {
  const tokens = new Set(accountAccess);
  if (task.department !== null) tokens.add(departmentToken(task.department));
  if (task.memberId !== null) tokens.add(memberToken(task.memberId));
  return [...tokens].sort();
}

/** Rights tokens of a dispute, closed ones too: its account's, its owner department's and its member's. */
export function disputeAccessOf(
  accountAccess: readonly string[],
  dispute: Pick<Dispute, 'memberId' | 'department'>,
): string[] {
  return taskAccessOf(accountAccess, dispute);
}

/** Whether rights (null: everything) reach something that carries these tokens. */
export function reaches(rights: readonly string[] | null, access: readonly string[]): boolean {
  return rights === null || access.some((token) => rights.includes(token));
}
