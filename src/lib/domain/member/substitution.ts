import { departmentToken, memberToken, ownerToken, repToken } from '../account/access.ts';
import type { Day, Id } from '../values.ts';
import { DEPARTMENTS, type Absence, type Department, type Member, type Role } from './member.ts';

type Colleague = Pick<Member, 'id' | 'absence'>;
type Rightful = Colleague & Pick<Member, 'role' | 'departments' | 'scope'>;

/** Roles that see every account whatever their scope says: those who assign, and those who answer for the whole. */
const WITHOUT_FILTER: readonly Role[] = ['manager', 'finance', 'admin'];

/** Whether somebody is away on a day: both ends included (rule OWN-3). */
export function isAbsent(member: Pick<Member, 'absence'>, today: Day): boolean {
  return member.absence !== null && member.absence.from <= today && today <= member.absence.until;
}

/**
 * Members whose portfolio is somebody's own today (rule OWN-3): oneself first, then those one replaces, and those whom
 * they replace while away (A by B, B by C: C has all three). Nobody twice, even if stored absences run in a circle.
 */
export function ownersFor(member: Pick<Member, 'id'>, members: readonly Colleague[], today: Day): Id[] {
  const owners: Id[] = [member.id];
  for (const owner of owners) {
    for (const other of members) {
      if (other.absence?.substituteId !== owner || !isAbsent(other, today) || owners.includes(other.id)) continue;
      owners.push(other.id);
    }
  }
  return owners;
}

/**
 * Who stands for somebody on a day (rule OWN-3): the substitute, or whoever stands for the substitute, up to the first who
 * is there (A by B, B by C: C). Null for who is not away, and where the chain ends with nobody.
 */
export function standInOf(memberId: Id, members: readonly Colleague[], today: Day): Id | null {
  const passed: Id[] = [];
  for (let id = memberId; !passed.includes(id);) {
    passed.push(id);
    const member = members.find((one) => one.id === id);
    if (member === undefined) return null;
    if (member.absence === null || !isAbsent(member, today)) return id === memberId ? null : id;
    id = member.absence.substituteId;
  }
  return null;
}

/**
 * Departments for which somebody answers today (rule OWN-3): their own, and those of whom they replace.
 */
export function departmentsFor(
  member: Pick<Member, 'id' | 'departments'>,
  members: readonly (Colleague & Pick<Member, 'departments'>)[],
  today: Day,
): Department[] {
  const replaced = ownersFor(member, members, today).flatMap(
    (id) => members.find((other) => other.id === id)?.departments ?? [],
  );
  return DEPARTMENTS.filter((one) => member.departments.includes(one) || replaced.includes(one));
}

/**
 * Rights of a member on a day (rule OWN-2): null is every account, else the tokens of which an account must carry one,
 * sorted. A portfolio is what one owns, for sales also what one is the rep of; what one is asked to do shows its
 * account whatever the scope; a department's scope is what it has a dispute or task on. Replacing somebody adds their
 * portfolio, what they are asked, and their departments where that is how they see accounts, whatever one's own scope.
 */
export function rightsOf(member: Rightful, members: readonly Rightful[], today: Day): string[] | null {
  if (member.scope === 'all' || WITHOUT_FILTER.includes(member.role)) return null;
  const tokens = new Set<string>();
  for (const id of ownersFor(member, members, today)) {
    const owner = id === member.id ? member : members.find((other) => other.id === id);
    tokens.add(memberToken(id));
    if (owner?.scope === 'department')
      for (const department of owner.departments) tokens.add(departmentToken(department));
    if (id === member.id && member.scope !== 'portfolio') continue;
    tokens.add(ownerToken(id));
    if (owner?.role === 'sales' || owner?.departments.includes('sales') === true) tokens.add(repToken(id));
  }
  return [...tokens].sort();
}

/**
 * Whether an absence would close a circle (rule OWN-4): on some day of it the substitute, or the substitute's
 * substitute and so on, would be the absent member.
 */
export function wouldCycle(memberId: Id, absence: Absence, members: readonly Colleague[]): boolean {
  const known = new Map(members.map((member) => [member.id, member]));
  const leadsBack = (id: Id, from: Day, until: Day, passed: readonly Id[]): boolean => {
    if (id === memberId) return true;
    const next = known.get(id)?.absence ?? null;
    if (next === null || passed.includes(id)) return false;
    const start = next.from > from ? next.from : from;
    const end = next.until < until ? next.until : until;
    return start <= end && leadsBack(next.substituteId, start, end, [...passed, id]);
  };
  return leadsBack(absence.substituteId, absence.from, absence.until, []);
}
