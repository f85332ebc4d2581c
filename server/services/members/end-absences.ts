import type { Id } from '#lib/domain/values.ts';
import type { App } from '../../app.ts';
import { activeMembers } from '../../auth/actor.ts';
import { members } from '../../store/kinds/installation.ts';
import { NO_META, nowIn } from '../command.ts';
import { systemActor } from '../system.ts';
import { setAbsence } from './set-absence.ts';

/**
 * Takes absences off whose last day has passed (rule OWN-3). Rights have followed the days already; this tells everybody
 * that the member is back.
 *
 * @returns how many came back
 */
export async function endAbsences(app: App, workspaceId: Id): Promise<number> {
  const { today } = await nowIn(app, workspaceId);
  const active = await activeMembers(app.store.installation.docs(members), workspaceId);
  const back = active.filter(({ absence }) => absence !== null && absence.until < today);
  for (const { id } of back) {
    const input = { id, from: null, until: null, substituteId: null };
    await setAbsence(app, systemActor(workspaceId), input, NO_META);
  }
  return back.length;
}
