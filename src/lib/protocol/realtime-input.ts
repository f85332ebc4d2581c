import * as v from 'valibot';
import { AUDIENCES } from '#lib/domain/thread/audience.ts';
import { id } from './commands/common.ts';
import { TOPICS } from './realtime.ts';

/** Schemas of what a client may send over Socket.IO. Apart from realtime.ts, so that the browser does not load them. */

/** Streams in one `watch` or `unwatch`. */
export const MAX_STREAMS_PER_MESSAGE = 50;
/** Streams that one socket follows at a time. */
export const MAX_STREAMS_PER_SOCKET = 200;

const streamName = v.pipe(v.string(), v.maxLength(160));
const sequence = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const someOf = <T extends v.GenericSchema>(schema: T, max: number) =>
  v.pipe(v.array(schema), v.minLength(1, 'empty'), v.maxLength(max, 'too_many'));

export const watchInput = v.strictObject({
  streams: someOf(v.strictObject({ stream: streamName, since: sequence }), MAX_STREAMS_PER_MESSAGE),
});
export const unwatchInput = v.strictObject({ streams: someOf(streamName, MAX_STREAMS_PER_MESSAGE) });
export const followInput = v.strictObject({ topics: someOf(v.picklist(TOPICS), TOPICS.length) });
export const presenceInput = v.nullable(
  v.strictObject({
    accountId: id,
    disputeId: v.optional(v.nullable(id), null),
    mode: v.picklist(['viewing', 'writing']),
    field: v.nullable(v.pipe(v.string(), v.regex(/^[a-z_]{1,30}$/, 'field'))),
    audience: v.optional(v.nullable(v.picklist(AUDIENCES)), null),
  }),
);

export type WatchInput = v.InferOutput<typeof watchInput>;
export type PresenceInput = v.InferOutput<typeof presenceInput>;
