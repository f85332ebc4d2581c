import type { Actor, Member } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { members } from '../../store/kinds/installation.ts';
import type { NewEvent, Tx } from '../../store/port.ts';
import { activeMembers, actorAmong } from '../../auth/actor.ts';
import { appendFacts, memberFact, recordOf, type Moment } from '../../auth/facts.ts';

/*
 * People commit in `store.installation`, with their sessions and tokens, and so do their events: see server/auth/facts.ts for
 * which stream holds what.
 */

/** What a command on a member answers: no personal text, since it is kept with the idempotency key. */
export interface MemberAnswer {
  id: Id;
  version: number;
  state: Member['state'];
}

export const memberAnswer = ({ id, version, state }: Member): MemberAnswer => ({ id, version, state });

/**
 * A member of the actor's workspace.
 *
 * @throws AppError not_found, for other workspaces' members too
 */
export async function memberIn(tx: Tx, actor: Pick<Actor, 'workspaceId'>, id: Id): Promise<Member> {
  const member = await tx.docs(members).get(id);
  if (member === null || member.workspaceId !== actor.workspaceId) throw new AppError('not_found');
  return member;
}

/** Those who can look after the workspace; one must always be left. */
export const isHead = (member: Pick<Member, 'role' | 'state'>): boolean =>
  member.state === 'active' && (member.role === 'manager' || member.role === 'admin');

/**
 * Stores a changed member with its event, and a `rights.changed` for everybody whose rights it changes: the member, and
 * those who replace or replaced somebody through it.
 *
 * @param event the fact's name, and what to add to its data
 */
export async function storeMember(
  tx: Tx,
  moment: Moment,
  actorId: Id,
  changed: Member,
  { name, reason }: { name: Parameters<typeof memberFact>[1]; reason: string },
): Promise<Member> {
  const before = await activeMembers(tx.docs(members), changed.workspaceId);
  const stored = await tx.docs(members).replace(changed);
  const after = await activeMembers(tx.docs(members), changed.workspaceId);
  const { data, personal } = recordOf(stored);
  await appendFacts(tx, stored, [memberFact(moment, name, actorId, stored, data, personal)]);
  for (const [member, event] of rightsChanges(moment, actorId, before, after, reason))
    await appendFacts(tx, member, [event]);
  return stored;
}

/** One event for each member who was active before and whose role, rights or replaced colleagues are others now. */
function rightsChanges(
  moment: Moment,
  actorId: Id,
  before: readonly Member[],
  after: readonly Member[],
  reason: string,
): [Member, NewEvent][] {
  const now = new Map(after.map((member) => [member.id, member]));
  const changed = before.filter((member) => {
    const later = now.get(member.id);
    return later === undefined || rightsKey(member, before, moment) !== rightsKey(later, after, moment);
  });
  return changed.map((member) => [member, memberFact(moment, 'rights.changed', actorId, member, { reason })]);
}

function rightsKey(member: Member, colleagues: readonly Member[], moment: Moment): string {
  const { role, departments, rights, owners } = actorAmong(member, colleagues, moment.today, {
    credentialId: '',
    allowedActions: null,
  });
  return JSON.stringify([role, departments, rights, owners]);
}
