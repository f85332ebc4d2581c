import type { DisputeAct } from '#lib/domain/dispute/step.ts';
import type { Now } from '../command.ts';

/** Who acts, when, and under which settings, as the rules on disputes ask for it. */
export function actOf(now: Now, actor: { memberId: string }): DisputeAct {
  return { by: actor.memberId, today: now.today, at: now.at, workspace: now.workspace };
}
