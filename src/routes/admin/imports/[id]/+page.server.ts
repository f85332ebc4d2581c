import type { ImportRun } from '#lib/domain/import/import.ts';
import { ask } from '#lib/server/page.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params }) => ({
  run: await ask<ImportRun>(locals, 'import.read', { id: params.id }),
});
