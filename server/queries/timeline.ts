import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { forTimeline } from '#lib/protocol/events.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { TimelinePage } from '#lib/protocol/views/views.ts';
import { storeOf, type App } from '../app.ts';
import { accessAccount } from '../services/access-account.ts';
import { wireEvent } from './wire-event.ts';

/** Newest first; `before` is the cursor of the page before, `names` the events wanted, separated by commas. */
export async function accountTimeline(
  app: App,
  actor: Actor,
  input: { id: Id; before: string | null; names?: string | undefined; limit: number },
): Promise<TimelinePage> {
  await accessAccount(storeOf(app, actor), actor, input.id, 'account.read');
  return readTimeline(app, actor, input);
}

/** The same for a caller who has already shown that the actor may read the account. */
export async function readTimeline(
  app: App,
  actor: Actor,
  input: { id: Id; before: string | null; names?: string | undefined; limit: number },
): Promise<TimelinePage> {
  const names = input.names === undefined || input.names === '' ? null : input.names.split(',');
  const events = await storeOf(app, actor).journal.page([accountStream(input.id)], {
    names,
    before: input.before === null ? null : parseCursor(input.before),
    limit: input.limit,
  });
  const last = events.at(-1);
  return {
    events: events.map((event) => forTimeline(wireEvent(event))),
    next: last === undefined || events.length < input.limit ? null : `${last.at}|${last.id}`,
  };
}

function parseCursor(cursor: string): { at: string; id: string } {
  const [at, id] = cursor.split('|');
  if (at === undefined || id === undefined || !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(at))
    throw new AppError('bad_request', { issues: [{ path: 'before', reason: 'cursor' }] });
  return { at, id };
}
