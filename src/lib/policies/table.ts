import type { Role } from '#lib/domain/member/member.ts';
import type { Action } from './actions.ts';

const EVERYBODY: readonly Role[] = [
  'collector',
  'sales',
  'quality',
  'adv',
  'logistics',
  'accounting',
  'manager',
  'finance',
  'admin',
];
/** They work on accounts; finance and admin only look. */
const WRITERS: readonly Role[] = ['collector', 'sales', 'quality', 'adv', 'logistics', 'accounting', 'manager'];
/** They chase: what puts somebody's name on a case is theirs. */
const CHASERS: readonly Role[] = ['collector', 'manager'];
const HEADS: readonly Role[] = ['manager', 'admin'];
/** What they write among themselves no other role reads, administrators included. */
const CREDIT_TEAM: readonly Role[] = ['collector', 'manager', 'finance'];
const WATCHERS: readonly Role[] = ['manager', 'finance', 'admin'];

/**
 * The policy: which roles may do each action at all. A role that is not named may not; an action without a row may be
 * done by nobody. Which accounts it may be done on is another question (see in-scope.ts).
 */
export const POLICY: Readonly<Record<Action, readonly Role[]>> = {
  'queue.read': EVERYBODY,
  'account.read': EVERYBODY,
  'account.export': ['collector', 'sales', 'accounting', 'manager', 'finance', 'admin'],
  'case.claim': CHASERS,
  'case.release': CHASERS,
  'case.hand_over': CHASERS,
  'case.break_claim': HEADS,
  'case.finish': CHASERS,
  'case.postpone': CHASERS,
  'case.reassign': HEADS,
  'call.start': CHASERS,
  'contact.record': WRITERS,
  'contact.edit': ['collector', 'sales', 'adv', 'accounting', 'manager'],
  'promise.withdraw': CHASERS,
  'task.read': EVERYBODY,
  'task.create': WRITERS,
  'task.close': WRITERS,
  'dispute.read': EVERYBODY,
  'dispute.open': WRITERS,
  'dispute.qualify': WRITERS,
  'dispute.assign': WRITERS,
  'dispute.wait': WRITERS,
  'dispute.answer': WRITERS,
  'dispute.resolve': ['collector', 'sales', 'adv', 'accounting', 'manager'],
  'dispute.approve': ['manager', 'finance'],
  'dispute.close': CHASERS,
  'dispute.reopen': WRITERS,
  'dispute.export': EVERYBODY,
  'thread.read': EVERYBODY,
  'thread.write': WRITERS,
  'thread.read_credit': CREDIT_TEAM,
  'thread.write_credit': CHASERS,
  'thread.write_outward': ['collector', 'sales', 'adv', 'accounting', 'manager'],
  'text.erase': HEADS,
  'notification.read': EVERYBODY,
  'view.save': EVERYBODY,
  'view.share': HEADS,
  'mail.read': ['admin'],
  'einvoice.receive': ['manager', 'admin', 'adv'],
  'einvoice.read': ['collector', 'adv', 'accounting', 'manager', 'finance', 'admin'],
  'einvoice.match': ['manager', 'admin', 'adv', 'accounting'],
  'webhook.manage': ['manager', 'admin'],
  'note.read': EVERYBODY,
  'note.write': WRITERS,
  'presence.show': EVERYBODY,
  'import.stage': HEADS,
  'import.apply': HEADS,
  'import.read': WATCHERS,
  'owner.distribute': HEADS,
  'insight.read': WATCHERS,
  'member.read': EVERYBODY,
  'member.manage': HEADS,
  'member.absence': EVERYBODY,
  'token.manage': WATCHERS,
  'workspace.manage': HEADS,
};
