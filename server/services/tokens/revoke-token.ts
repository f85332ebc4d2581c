import type { Actor, Member } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { may } from '#lib/policies/may.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { App } from '../../app.ts';
import { appendFacts, memberFact, type Moment } from '../../auth/facts.ts';
import { apiTokens } from '../../store/kinds/installation.ts';
import type { Tx } from '../../store/port.ts';
import { authorize } from '../authorize.ts';
import { command, type CommandMeta } from '../command.ts';

/**
 * Ends an API token at once: one's own, whatever one's role has become, or for those who manage members anybody's in the
 * workspace.
 *
 * @throws AppError forbidden to a token that was not given `token.manage`; not_found
 */
export async function revokeToken(
  app: App,
  actor: Actor,
  input: { id: Id },
  meta: CommandMeta,
): Promise<{ id: Id; version: number }> {
  if (actor.allowedActions !== null) authorize(actor, 'token.manage');
  const asked = { name: 'token.revoke', input, store: app.store.installation };
  return command(app, actor, meta, asked, async (tx, now) => {
    const token = await tx.docs(apiTokens).get(input.id);
    const foreign = token !== null && token.memberId !== actor.memberId && !may(actor, 'member.manage');
    if (token === null || token.workspaceId !== actor.workspaceId || foreign) throw new AppError('not_found');
    if (token.revokedAt !== null) return { id: token.id, version: token.version };
    const { version } = await tx.docs(apiTokens).replace({ ...token, revokedAt: now.at });
    await tellRevoked(tx, now, { id: token.memberId, workspaceId: token.workspaceId }, actor.memberId, [token.id]);
    return { id: token.id, version };
  });
}

/** Ends all of a member's API tokens inside another command's transaction. */
export async function revokeTokensOf(
  tx: Tx,
  moment: Moment,
  member: Pick<Member, 'id' | 'workspaceId'>,
  actorId: Id,
): Promise<void> {
  const revoked: Id[] = [];
  for (let after: string | null = null; ;) {
    const page = await tx.docs(apiTokens).find({ memberId: member.id }, { limit: 500, after });
    for (const token of page.docs.filter(({ revokedAt }) => revokedAt === null)) {
      await tx.docs(apiTokens).replace({ ...token, revokedAt: moment.at });
      revoked.push(token.id);
    }
    if (page.next === null) break;
    after = page.next;
  }
  if (revoked.length > 0) await tellRevoked(tx, moment, member, actorId, revoked);
}

async function tellRevoked(
  tx: Tx,
  moment: Moment,
  member: Pick<Member, 'id' | 'workspaceId'>,
  actorId: Id,
  credentialIds: Id[],
): Promise<void> {
  await appendFacts(tx, member, [
    memberFact(moment, 'token.revoked', actorId, member, { reason: 'revoked', credentialIds }),
  ]);
}
