import type { Actor, Member } from '#lib/domain/member/member.ts';
import { departmentsFor, ownersFor, rightsOf } from '#lib/domain/member/substitution.ts';
import type { Day, Id } from '#lib/domain/values.ts';
import type { App } from '../app.ts';
import { members } from '../store/kinds/installation.ts';
import type { Docs } from '../store/port.ts';

/** Every member of a workspace who may replace or be replaced, in or out of a transaction. */
export async function activeMembers(docs: Docs<Member>, workspaceId: Id): Promise<Member[]> {
  const found: Member[] = [];
  for (let after: string | null = null; ;) {
    const page = await docs.find({ workspaceId, state: 'active' }, { limit: 1000, after });
    found.push(...page.docs);
    if (page.next === null) return found;
    after = page.next;
  }
}

/** The member as an actor with the rights of this moment. */
export async function actorOf(
  app: App,
  member: Member,
  { credentialId, allowedActions }: { credentialId: Id; allowedActions: string[] | null },
): Promise<Actor> {
  const workspace = await app.workspace(member.workspaceId);
  const colleagues = await activeMembers(app.store.installation.docs(members), member.workspaceId);
  return actorAmong(member, colleagues, app.clock.today(workspace.timeZone), { credentialId, allowedActions });
}

/** The same, from what is already loaded. */
export function actorAmong(
  member: Member,
  colleagues: readonly Member[],
  today: Day,
  { credentialId, allowedActions }: { credentialId: Id; allowedActions: string[] | null },
): Actor {
  return {
    memberId: member.id,
    workspaceId: member.workspaceId,
    name: member.name,
    role: member.role,
    departments: departmentsFor(member, colleagues, today),
    locale: member.locale,
    rights: rightsOf(member, colleagues, today),
    owners: ownersFor(member, colleagues, today),
    allowedActions,
    credentialId,
  };
}
