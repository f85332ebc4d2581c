import type { ImportRun } from '#lib/domain/import/import.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { storeOf, type App } from '../app.ts';
import { importRuns } from '../store/kinds/workspace.ts';

/** The last fifty imports, newest first. */
export async function importList(app: App, actor: Actor): Promise<{ imports: ImportRun[] }> {
  const page = await storeOf(app, actor)
    .docs(importRuns)
    .find({}, { sort: ['-createdAt'], limit: 50 });
  return { imports: page.docs };
}

/** One import with its progress and its report. */
export async function importRead(app: App, actor: Actor, input: { id: Id }): Promise<ImportRun> {
  const run = await storeOf(app, actor).docs(importRuns).get(input.id);
  if (run === null) throw new AppError('not_found');
  return run;
}
