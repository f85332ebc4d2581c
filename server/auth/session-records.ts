import type { Member } from '#lib/domain/member/member.ts';
import type { Id, Instant } from '#lib/domain/values.ts';
import { sessions, type SessionDoc } from '../store/kinds/installation.ts';
import type { Tx } from '../store/port.ts';
import { IDLE_DAYS, SESSION_DAYS } from './cookies.ts';
import { appendFacts, memberFact, type Moment } from './facts.ts';

type Person = Pick<Member, 'id' | 'workspaceId'>;

/** Why a session ended. */
export type ClosingReason = 'signed_out' | 'everywhere' | 'password' | 'disabled' | 'rotated' | 'expired';

export const daysAfter = (at: Instant, days: number): Instant =>
  new Date(Date.parse(at) + days * 86_400_000).toISOString();

/**
 * Stores a session and its event.
 *
 * @param id digest of the cookie's token
 */
export async function openSession(tx: Tx, moment: Moment, member: Person, id: Id): Promise<SessionDoc> {
  const session: SessionDoc = {
    id,
    version: 1,
    memberId: member.id,
    workspaceId: member.workspaceId,
    createdAt: moment.at,
    expiresAt: daysAfter(moment.at, IDLE_DAYS),
    absoluteExpiresAt: daysAfter(moment.at, SESSION_DAYS),
  };
  await tx.docs(sessions).insert(session);
  await appendFacts(tx, member, [
    memberFact(moment, 'session.opened', member.id, member, { credentialIds: [id], until: session.absoluteExpiresAt }),
  ]);
  return session;
}

/** Removes one session, if it is there, with its event. */
export async function closeSession(tx: Tx, moment: Moment, id: Id, reason: ClosingReason): Promise<void> {
  const session = await tx.docs(sessions).get(id);
  if (session === null) return;
  await tx.docs(sessions).remove(session.id, session.version);
  const member = { id: session.memberId, workspaceId: session.workspaceId };
  await appendFacts(tx, member, [
    memberFact(moment, 'session.closed', session.memberId, member, { reason, credentialIds: [id] }),
  ]);
}

/**
 * Removes all of a member's sessions, with one event.
 *
 * @param actor who does it: the member, or who disables them
 * @param keep a session to leave open, or null
 * @returns how many were closed
 */
export async function closeSessionsOf(
  tx: Tx,
  moment: Moment,
  member: Person,
  { actor, keep, reason }: { actor: Id; keep: Id | null; reason: ClosingReason },
): Promise<number> {
  const closed: Id[] = [];
  for (const session of await sessionsOf(tx, member.id)) {
    if (session.id === keep) continue;
    await tx.docs(sessions).remove(session.id, session.version);
    closed.push(session.id);
  }
  if (closed.length > 0)
    await appendFacts(tx, member, [
      memberFact(moment, 'session.closed', actor, member, { reason, credentialIds: closed }),
    ]);
  return closed.length;
}

async function sessionsOf(tx: Tx, memberId: Id): Promise<SessionDoc[]> {
  const found: SessionDoc[] = [];
  for (let after: string | null = null; ;) {
    const page = await tx.docs(sessions).find({ memberId }, { limit: 500, after });
    found.push(...page.docs);
    if (page.next === null) return found;
    after = page.next;
  }
}
