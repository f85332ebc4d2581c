import { error } from '@sveltejs/kit';
import type { ImportRun } from '#lib/domain/import/import.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ locals, params }) => {
  if (locals.actor === null) throw new AppError('unauthenticated');
  try {
    const run = (await locals.runtime.run(locals.actor, 'import.read', { id: params.id })) as ImportRun;
    return { run };
  } catch (refusal) {
    if (refusal instanceof Error && 'code' in refusal && refusal.code === 'not_found') error(404);
    throw refusal;
  }
};
