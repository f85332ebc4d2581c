import type { Locale, Member } from '#lib/domain/member/member.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { App } from '../../app.ts';
import { momentOf } from '../../auth/facts.ts';
import { hashPassword } from '../../auth/passwords.ts';
import { digestOf } from '../../auth/secrets.ts';
import { closeSessionsOf } from '../../auth/session-records.ts';
import { invitations, members, type InvitationDoc } from '../../store/kinds/installation.ts';
import { enter, type SignedIn, type Visitor } from '../sessions/enter.ts';
import { storeMember } from './member-records.ts';

/** What the invitation's page greets with. */
export interface InvitationView {
  email: string;
  name: string;
  workspaceName: string;
  locale: Locale;
  /** Has joined before: the link is for a new password. */
  joined: boolean;
}

/** Reads an invitation; null when its link is unknown, used or too old. */
export async function readInvitation(app: App, token: string): Promise<InvitationView | null> {
  const { installation } = app.store;
  const invitation = await installation.docs(invitations).get(digestOf(token));
  if (!isOpen(invitation, app.clock.now())) return null;
  const member = await installation.docs(members).get(invitation.memberId);
  if (member === null || member.state === 'disabled') return null;
  const workspace = await app.workspace(member.workspaceId);
  const { email, name, locale, state } = member;
  return { email, name, workspaceName: workspace.name, locale, joined: state === 'active' };
}

const isOpen = (invitation: InvitationDoc | null, now: string): invitation is InvitationDoc =>
  invitation !== null && invitation.usedAt === null && invitation.expiresAt > now;

/**
 * Joins with the password chosen on the invitation's page, and signs in. The link works once. For a member who had joined
 * before, it is a new password: the sessions opened with the old one end.
 *
 * @throws AppError link_expired
 */
export async function acceptInvitation(
  app: App,
  input: { token: string; password: string },
  visitor: Visitor,
): Promise<SignedIn> {
  if ((await readInvitation(app, input.token)) === null) throw new AppError('link_expired');
  const passwordHash = await hashPassword(input.password);
  const { installation } = app.store;
  const id = digestOf(input.token);
  const invited = await installation.docs(invitations).get(id);
  if (invited === null) throw new AppError('link_expired');
  const moment = await momentOf(app, invited.workspaceId);
  const member = await installation.transaction(async (tx): Promise<Member> => {
    const invitation = await tx.docs(invitations).get(id);
    if (!isOpen(invitation, moment.at)) throw new AppError('link_expired');
    const found = await tx.docs(members).get(invitation.memberId);
    if (found === null || found.state === 'disabled') throw new AppError('link_expired');
    await tx.docs(invitations).replace({ ...invitation, usedAt: moment.at });
    const joined = { ...found, state: 'active' as const, passwordHash };
    const name = found.state === 'invited' ? 'member.joined' : 'member.changed';
    const stored = await storeMember(tx, moment, found.id, joined, { name, reason: 'changed' });
    await closeSessionsOf(tx, moment, stored, { actor: stored.id, keep: null, reason: 'password' });
    return stored;
  });
  return enter(app, member, visitor);
}
