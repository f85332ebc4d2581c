import { error } from '@sveltejs/kit';
import { AppError } from '#lib/protocol/errors.ts';

/**
 * Runs a query for a page's load. A refusal becomes the error page with its status and code.
 *
 * @param id an operation of the registry, `account.sheet`
 */
export async function ask<T>(locals: App.Locals, id: string, input: unknown = {}): Promise<T> {
  const { runtime, actor, requestId } = locals;
  try {
    if (actor === null) throw new AppError('unauthenticated');
    return (await runtime.run(actor, id, input)) as T;
  } catch (thrown) {
    const refusal = runtime.refusal(thrown);
    if (refusal.code === 'internal') throw thrown;
    error(refusal.status, { message: refusal.code, code: refusal.code, requestId });
  }
}
