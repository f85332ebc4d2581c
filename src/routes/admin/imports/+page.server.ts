import type { ImportRun } from '#lib/domain/import/import.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
  if (locals.actor === null) throw new AppError('unauthenticated');
  const { imports } = (await locals.runtime.run(locals.actor, 'import.list', {})) as { imports: ImportRun[] };
  return {
    imports: imports.map(({ id, fileName, asOf, state, createdAt, startedBy, report }) => ({
      id,
      fileName,
      asOf,
      state,
      createdAt,
      startedBy,
      lines: report.lines,
    })),
  };
};
