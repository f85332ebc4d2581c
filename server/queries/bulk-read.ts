import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { BulkJobView } from '#lib/protocol/views/views.ts';
import { storeOf, type App } from '../app.ts';
import { bulkJobs } from '../store/kinds/workspace.ts';

/** Progress and results of a bulk command, for whoever may start one. */
export async function bulkRead(app: App, actor: Actor, input: { id: Id }): Promise<BulkJobView> {
  const job = await storeOf(app, actor).docs(bulkJobs).get(input.id);
  if (job === null) throw new AppError('not_found');
  return {
    id: job.id,
    kind: job.kind,
    state: job.state,
    done: job.done,
    total: job.lines.length,
    lines: job.lines.map(({ done: _done, ...line }) => line),
    byOwner: job.byOwner,
  };
}
