import type { Member } from '#lib/domain/member/member.ts';
import type { Day, Id, Instant } from '#lib/domain/values.ts';
import type { InstallationEventName, InstallationFact } from '#lib/protocol/events.ts';
import { memberRecordStream } from '#lib/protocol/streams.ts';
import type { App } from '../app.ts';
import { newId } from '../store/id.ts';
import type { NewEvent, Tx, Value } from '../store/port.ts';

/*
 * Where facts about people live. Members, their sessions and their API tokens must commit together, across workspaces,
 * so they lie in `store.installation`, and so do their events: one stream per member, `member-record:<memberId>`, holds
 * everything that happens to that member's record, sessions and tokens (member.*, rights.changed, session.*, token.*).
 * The workspace's own record has `workspace-record:<workspaceId>`. They are not called `member:` and `workspace:`, because
 * streams of these names live in the workspace's journal with sequences of their own, and clients follow them.
 * Every event names `workspaceId` and `memberId`: whoever tails the journal needs no look-up to find whom it concerns.
 */

/** When something happens in a workspace: the clock's instant and the business day. */
export interface Moment {
  at: Instant;
  today: Day;
}

/** The present moment of a workspace. Asked before a transaction, never inside. */
export async function momentOf(app: App, workspaceId: Id): Promise<Moment> {
  const workspace = await app.workspace(workspaceId);
  return { at: app.clock.now(), today: app.clock.today(workspace.timeZone) };
}

type Person = Pick<Member, 'id' | 'workspaceId'>;

/** An event about a member's record. `personal` (name, e-mail) can be erased later; `data` cannot. */
export function memberFact(
  moment: Moment,
  name: InstallationEventName,
  actor: Id,
  member: Person,
  data: { [key: string]: Value } = {},
  personal: { [key: string]: Value } | null = null,
): NewEvent {
  const fact = { ...data, workspaceId: member.workspaceId, memberId: member.id } satisfies InstallationFact;
  return { id: newId(), name, at: moment.at, day: moment.today, actor, data: fact, personal };
}

/** Appends to the member's record stream. */
export async function appendFacts(tx: Tx, member: Person, facts: readonly NewEvent[]): Promise<void> {
  if (facts.length > 0) await tx.append(memberRecordStream(member.id), facts);
}

/** The member's record as events carry it: enough to replay it, the personal part apart, the password never. */
export function recordOf(member: Member): {
  data: { member: Value };
  personal: { member: Value };
} {
  const { passwordHash: _never, email, name, ...rest } = member;
  return {
    data: { member: rest as unknown as Value },
    personal: { member: { id: member.id, email, name } },
  };
}
