import type { ImportRun } from '#lib/domain/import/import.ts';
import { ask } from '#lib/server/page.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals }) => {
  const { imports } = await ask<{ imports: ImportRun[] }>(locals, 'import.list');
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
