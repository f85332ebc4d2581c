import type { ImportRun } from '#lib/domain/import/import.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { ApplyImportInput } from '#lib/protocol/commands/import.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { workspaceStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { workspaces } from '../../store/kinds/installation.ts';
import { importRuns } from '../../store/kinds/workspace.ts';
import { eventOf } from '../account-event.ts';
import { authorize } from '../authorize.ts';
import { command, expectVersion, type CommandMeta } from '../command.ts';
import { holdImports } from './import-run.ts';
import { startRollForward } from './import-work.ts';
import { saveMapping } from './saved-mapping.ts';

/** What a command on an import answers. */
export interface ImportAnswer {
  id: Id;
  version: number;
  state: ImportRun['state'];
}

/**
 * Commits to a staged file: one small record, then it is rolled forward beside everything else, in small transactions
 * and through crashes. A file whose application failed may be applied again: it goes on where it was left.
 *
 * @throws AppError import_state when it is not staged; import_refused_lines unless they are left out by name;
 *   import_older, with the ledger's day, unless confirmed; import_running while another is at work
 */
export async function applyImport(
  app: App,
  actor: Actor,
  input: ApplyImportInput,
  meta: CommandMeta,
): Promise<ImportAnswer> {
  authorize(actor, 'import.apply');
  // Not the remembered workspace: the file before this one may have set its day a moment ago.
  const ledgerAsOf = (await app.store.installation.docs(workspaces).get(actor.workspaceId))?.ledgerAsOf ?? null;
  const answer = await command(
    app,
    actor,
    meta,
    { name: 'import.apply', input },
    async (tx, now): Promise<ImportAnswer> => {
      const run = await tx.docs(importRuns).get(input.id);
      if (run === null) throw new AppError('not_found');
      expectVersion(meta, run);
      const halfway = run.state === 'failed' && run.progress.phase === 'applying';
      if (run.state !== 'staged' && !halfway) throw new AppError('import_state', { state: run.state });
      if (run.report.refusedLines > 0 && !input.excludeRefused)
        throw new AppError('import_refused_lines', { refusedLines: run.report.refusedLines });
      if (ledgerAsOf !== null && run.asOf < ledgerAsOf && !input.confirmOlder)
        throw new AppError('import_older', { ledgerAsOf, asOf: run.asOf });
      await holdImports(tx, app, run.id);
      const total = Math.max(0, run.report.lines - run.report.refusedLines);
      const progress = halfway ? run.progress : { phase: 'applying' as const, done: 0, total };
      await saveMapping(tx, run, now.at);
      const stored = await tx.docs(importRuns).replace({ ...run, state: 'applying', progress });
      await tx.append(workspaceStream(actor.workspaceId), [
        eventOf(now, actor, 'import.apply_started', { importId: run.id, asOf: run.asOf }),
      ]);
      return { id: stored.id, version: stored.version, state: stored.state };
    },
  );
  startRollForward(app, actor.workspaceId, input.id);
  return answer;
}
