import type { Absence, Actor, Member } from '#lib/domain/member/member.ts';
import { wouldCycle } from '#lib/domain/member/substitution.ts';
import type { Day, Id } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { App } from '../../app.ts';
import { activeMembers } from '../../auth/actor.ts';
import { members } from '../../store/kinds/installation.ts';
import { authorize } from '../authorize.ts';
import { command, expectVersion, type CommandMeta } from '../command.ts';
import { memberAnswer, memberIn, storeMember, type MemberAnswer } from './member-records.ts';

export interface SetAbsenceInput {
  id: Id;
  /** Today when null. */
  from: Day | null;
  /** Last day away; null ends the absence. */
  until: Day | null;
  substituteId: Id | null;
}

/**
 * Says that a member is away and who acts for them meanwhile, or that they are back. No account is touched: the substitute's
 * rights gain the absent member's portfolio for those days. Everybody may speak for themselves where the policy lets them;
 * for others it takes `member.manage`.
 *
 * @throws AppError forbidden; not_found; version_conflict; validation_failed (days, substitute); absence_cycle when
 * the substitute would in the end be replaced by the one they replace
 */
export async function setAbsence(
  app: App,
  actor: Actor,
  input: SetAbsenceInput,
  meta: CommandMeta,
): Promise<MemberAnswer> {
  authorize(actor, 'member.absence');
  if (input.id !== actor.memberId) authorize(actor, 'member.manage');
  const asked = { name: 'member.absence', input, store: app.store.installation };
  return command(app, actor, meta, asked, async (tx, now) => {
    const member = await memberIn(tx, actor, input.id);
    expectVersion(meta, member);
    const absence = absenceOf(input, now.today);
    if (absence !== null) checkSubstitute(member, absence, await activeMembers(tx.docs(members), member.workspaceId));
    if (JSON.stringify(absence) === JSON.stringify(member.absence)) return memberAnswer(member);
    const fact = { name: 'member.absence_set', reason: 'absence' } as const;
    return memberAnswer(await storeMember(tx, now, actor.memberId, { ...member, absence }, fact));
  });
}

function absenceOf(input: SetAbsenceInput, today: Day): Absence | null {
  if (input.until === null) return null;
  const from = input.from ?? today;
  if (input.until < today) throw refusal('until', 'past');
  if (input.until < from) throw refusal('until', 'before_start');
  if (input.substituteId === null) throw refusal('substituteId', 'required');
  return { from, until: input.until, substituteId: input.substituteId };
}

function checkSubstitute(member: Member, absence: Absence, colleagues: readonly Member[]): void {
  if (absence.substituteId === member.id) throw refusal('substituteId', 'oneself');
  if (!colleagues.some(({ id }) => id === absence.substituteId)) throw refusal('substituteId', 'unknown');
  if (wouldCycle(member.id, absence, colleagues)) throw new AppError('absence_cycle');
}

const refusal = (path: string, reason: string): AppError =>
  new AppError('validation_failed', { issues: [{ path, reason }] });
