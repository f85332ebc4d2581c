import { currentAbsence } from './absences.ts';
import type { Actor, Member, MemberCard } from '#lib/domain/member/member.ts';
import type { Day, Id } from '#lib/domain/values.ts';
import type { App } from '../app.ts';
import { members } from '../store/kinds/installation.ts';

/** Every member of the workspace, whatever the state, by name. */
export async function membersOf(app: App, workspaceId: Id): Promise<Member[]> {
  const found: Member[] = [];
  for await (const member of app.store.installation.docs(members).each({ workspaceId })) found.push(member);
  return found.sort((a, b) => a.name.localeCompare(b.name, 'fr'));
}

/** What colleagues may know of a member. */
export function cardOf(member: Member, today: Day): MemberCard {
  return {
    id: member.id,
    name: member.name,
    role: member.role,
    departments: member.departments,
    state: member.state,
    absentUntil: currentAbsence(member, today)?.until ?? null,
  };
}

/** A member as the administrators see it. */
export type MemberEntry = Omit<Member, 'passwordHash'>;

/** The members with their addresses and scopes, for those who may manage them. */
export async function memberList(app: App, actor: Actor): Promise<{ members: MemberEntry[] }> {
  const all = await membersOf(app, actor.workspaceId);
  return { members: all.map(({ passwordHash: _hidden, ...member }) => member) };
}
