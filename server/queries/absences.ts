import type { Absence, Member } from '#lib/domain/member/member.ts';
import type { Day } from '#lib/domain/values.ts';

/** The member's absence if it is going on that day. */
export function currentAbsence(member: Pick<Member, 'absence'>, today: Day): Absence | null {
  const absence = member.absence;
  return absence !== null && absence.from <= today && today <= absence.until ? absence : null;
}
