import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { workspaceStream } from '#lib/protocol/streams.ts';
import { storeOf, type App } from '../../app.ts';
import { importRuns } from '../../store/kinds/workspace.ts';
import { eventOf } from '../account-event.ts';
import { authorize } from '../authorize.ts';
import { command, expectVersion, type CommandMeta } from '../command.ts';
import type { ImportAnswer } from './apply-import.ts';
import { releaseImports } from './import-run.ts';
import { removeStaged } from './staged-lines.ts';

/**
 * Throws a file away that has not touched the ledger.
 *
 * @throws AppError import_state once it is being applied
 */
export async function discardImport(
  app: App,
  actor: Actor,
  input: { id: Id },
  meta: CommandMeta,
): Promise<ImportAnswer> {
  authorize(actor, 'import.stage');
  const answer = await command(
    app,
    actor,
    meta,
    { name: 'import.discard', input },
    async (tx, now): Promise<ImportAnswer> => {
      const run = await tx.docs(importRuns).get(input.id);
      if (run === null) throw new AppError('not_found');
      expectVersion(meta, run);
      const touched = run.state === 'applying' || run.state === 'applied' || run.progress.phase === 'applying';
      if (touched || run.state === 'discarded') throw new AppError('import_state', { state: run.state });
      const stored = await tx.docs(importRuns).replace({ ...run, state: 'discarded' });
      await tx.append(workspaceStream(actor.workspaceId), [
        eventOf(now, actor, 'import.discarded', { importId: run.id }),
      ]);
      return { id: stored.id, version: stored.version, state: stored.state };
    },
  );
  const store = storeOf(app, actor);
  await releaseImports(store, input.id);
  await removeStaged(store, input.id);
  return answer;
}
