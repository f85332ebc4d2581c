import type { Actor, Member } from '#lib/domain/member/member.ts';
import type { ChangeMemberInput } from '#lib/protocol/commands/member.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { App } from '../../app.ts';
import { activeMembers } from '../../auth/actor.ts';
import { closeSessionsOf } from '../../auth/session-records.ts';
import { members } from '../../store/kinds/installation.ts';
import type { Tx } from '../../store/port.ts';
import { authorize } from '../authorize.ts';
import { command, expectVersion, type CommandMeta } from '../command.ts';
import { revokeTokensOf } from '../tokens/revoke-token.ts';
import { removeInvitations } from './invite-member.ts';
import { isHead, memberAnswer, memberIn, storeMember, type MemberAnswer } from './member-records.ts';

/**
 * Changes a member's name, role, departments, scope or ledger code, disables or takes back. What the change takes away is
 * gone when it commits: a disabled member's sessions, API tokens and invitation end in the same transaction.
 *
 * @throws AppError forbidden; not_found; version_conflict; last_manager when nobody would be left to manage members;
 * rule_refused `member_not_joined` when somebody who has not joined is to become active
 */
export async function changeMember(
  app: App,
  actor: Actor,
  input: ChangeMemberInput,
  meta: CommandMeta,
): Promise<MemberAnswer> {
  authorize(actor, 'member.manage');
  const asked = { name: 'member.change', input, store: app.store.installation };
  return command(app, actor, meta, asked, async (tx, now) => {
    const member = await memberIn(tx, actor, input.id);
    expectVersion(meta, member);
    const changed = changedMember(member, input, now.workspace.demo);
    if (JSON.stringify(changed) === JSON.stringify(member)) return memberAnswer(member);
    if (isHead(member) && !isHead(changed)) await keepOneHead(tx, member);
    const disabled = changed.state === 'disabled' && member.state !== 'disabled';
    const stored = await storeMember(tx, now, actor.memberId, changed, {
      name: disabled ? 'member.disabled' : 'member.changed',
      reason: disabled ? 'disabled' : 'changed',
    });
    if (disabled) {
      await closeSessionsOf(tx, now, stored, { actor: actor.memberId, keep: null, reason: 'disabled' });
      await revokeTokensOf(tx, now, stored, actor.memberId);
      await removeInvitations(tx, stored.id);
    }
    return memberAnswer(stored);
  });
}

function changedMember(member: Member, input: ChangeMemberInput, demo: boolean): Member {
  const state = input.state === undefined ? member.state : nextState(member, input.state, demo);
  return {
    ...member,
    name: input.name ?? member.name,
    role: input.role ?? member.role,
    departments: input.departments ?? member.departments,
    scope: input.scope ?? member.scope,
    ledgerCode: input.ledgerCode ?? member.ledgerCode,
    state,
  };
}

/** Whoever never chose a password waits for an invitation again; in a demonstration nobody has one. */
function nextState(member: Member, wanted: 'active' | 'disabled', demo: boolean): Member['state'] {
  if (wanted === 'disabled') return 'disabled';
  if (member.state === 'invited') throw new AppError('rule_refused', { rule: 'member_not_joined' });
  return member.passwordHash === null && !demo && member.state === 'disabled' ? 'invited' : 'active';
}

async function keepOneHead(tx: Tx, leaving: Member): Promise<void> {
  const colleagues = await activeMembers(tx.docs(members), leaving.workspaceId);
  if (!colleagues.some((member) => member.id !== leaving.id && isHead(member))) throw new AppError('last_manager');
}
