import type { Actor, Member } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { InviteMemberInput } from '#lib/protocol/commands/member.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { App } from '../../app.ts';
import { appendFacts, memberFact, recordOf, type Moment } from '../../auth/facts.ts';
import { digestOf, newSecret } from '../../auth/secrets.ts';
import { daysAfter } from '../../auth/session-records.ts';
import { newId } from '../../store/id.ts';
import { invitations, members } from '../../store/kinds/installation.ts';
import type { Tx } from '../../store/port.ts';
import { authorize } from '../authorize.ts';
import { command, type CommandMeta } from '../command.ts';
import { usualDepartments } from './create-workspace.ts';
import { memberAnswer, type MemberAnswer } from './member-records.ts';

const INVITATION_DAYS = 7;

/** `link` is a path on this site, told once; null when an idempotency key is used again: the link was not kept. */
export type InvitationAnswer = MemberAnswer & { link: string | null };

/**
 * Invites somebody by a link to copy, good for 7 days and one use. Inviting again the same person who has not joined yet
 * takes the new particulars and makes the former link useless. With `again`, a member who has joined gets a link to choose a
 * new password by, and is not changed otherwise.
 *
 * @throws AppError forbidden; already_exists when the e-mail is a member's, and `again` was not asked or cannot be given
 */
export async function inviteMember(
  app: App,
  actor: Actor,
  input: Omit<InviteMemberInput, 'again'> & { again?: boolean },
  meta: CommandMeta,
): Promise<InvitationAnswer> {
  authorize(actor, 'member.manage');
  let link: string | null = null;
  const asked = { name: 'member.invite', input, store: app.store.installation };
  const answer = await command(app, actor, meta, asked, async (tx, now) => {
    const [known] = (await tx.docs(members).find({ email: input.email }, { limit: 1 })).docs;
    const forgot = input.again === true && known?.state === 'active';
    if (known !== undefined && (known.workspaceId !== actor.workspaceId || !(known.state === 'invited' || forgot)))
      throw new AppError('already_exists', { issues: [{ path: 'email', reason: 'taken' }] });
    const member = forgot && known ? known : await storeInvited(tx, now, actor, input, known ?? null);
    const { data, personal } = recordOf(member);
    await appendFacts(tx, member, [memberFact(now, 'member.invited', actor.memberId, member, data, personal)]);
    link = await makeLink(tx, now, member);
    return memberAnswer(member);
  });
  return { ...answer, link };
}

async function storeInvited(
  tx: Tx,
  moment: Moment,
  actor: Actor,
  input: Omit<InviteMemberInput, 'again'>,
  known: Member | null,
): Promise<Member> {
  const { email, name, role, scope, ledgerCode, locale } = input;
  const departments = input.departments.length > 0 ? input.departments : usualDepartments(role);
  const particulars = { email, name, role, departments, scope, ledgerCode, locale };
  if (known !== null) return tx.docs(members).replace({ ...known, ...particulars });
  const member: Member = {
    id: newId(),
    version: 1,
    workspaceId: actor.workspaceId,
    ...particulars,
    state: 'invited',
    passwordHash: null,
    absence: null,
    createdAt: moment.at,
  };
  await tx.docs(members).insert(member);
  return member;
}

async function makeLink(tx: Tx, moment: Moment, member: Member): Promise<string> {
  await removeInvitations(tx, member.id);
  const secret = newSecret();
  await tx.docs(invitations).insert({
    id: digestOf(secret),
    version: 1,
    memberId: member.id,
    workspaceId: member.workspaceId,
    createdAt: moment.at,
    expiresAt: daysAfter(moment.at, INVITATION_DAYS),
    usedAt: null,
  });
  return `/invitation/${secret}`;
}

/** Makes a member's links useless. */
export async function removeInvitations(tx: Tx, memberId: Id): Promise<void> {
  const former = await tx.docs(invitations).find({ memberId }, { limit: 100 });
  for (const invitation of former.docs) await tx.docs(invitations).remove(invitation.id, invitation.version);
}
