import type { Actor, Member } from '#lib/domain/member/member.ts';
import type { Day, Id } from '#lib/domain/values.ts';

/** Provisional: gives way to the domain's own rules as soon as they are there. */
export function ownersFor(member: Pick<Member, 'id'>, members: readonly Member[], today: Day): Id[] {
  const owners: Id[] = [member.id];
  for (const owner of owners)
    for (const { id, absence } of members)
      if (absence?.substituteId === owner && absence.from <= today && today <= absence.until && !owners.includes(id))
        owners.push(id);
  return owners;
}

export function rightsOf(member: Member, members: readonly Member[], today: Day): Actor['rights'] {
  if (member.scope === 'all' || ['manager', 'finance', 'admin'].includes(member.role)) return null;
  const tokens = new Set([`member:${member.id}`]);
  for (const owner of ownersFor(member, members, today))
    if (owner !== member.id || member.scope === 'portfolio') {
      tokens.add(`owner:${owner}`);
      tokens.add(`rep:${owner}`);
    }
  if (member.scope === 'department') for (const department of member.departments) tokens.add(`dept:${department}`);
  return [...tokens].sort();
}
