import * as v from 'valibot';
import { AUDIENCES } from '#lib/domain/thread/audience.ts';
import { REACTIONS } from '#lib/domain/thread/thread.ts';
import { id } from './common.ts';
import { limit } from './pages.ts';

const audience = v.picklist(AUDIENCES);
/** Base64 of a Yjs state vector: at most a thousand writers. */
const stateVector = v.pipe(v.string(), v.maxLength(24_000, 'too_long'), v.regex(/^[A-Za-z0-9+/]*={0,2}$/, 'base64'));
/** A document that the editor's schema is asked to accept. */
export const bodyInput = v.pipe(
  v.record(v.string(), v.unknown()),
  v.check((body) => JSON.stringify(body).length <= 100_000, 'too_long'),
);

/**
 * Posts a draft: the server reads it from its own live document, once that holds all of `stateVector`. Without a draft,
 * `body` is what is posted (the API, a phone's outbox).
 */
export const postMessageInput = v.pipe(
  v.object({
    /** The dispute's. */
    id,
    audience: v.optional(audience, 'internal'),
    draftId: v.optional(v.nullable(id), null),
    stateVector: v.optional(v.nullable(stateVector), null),
    body: v.optional(v.nullable(bodyInput), null),
    replyTo: v.optional(v.nullable(id), null),
    attachmentIds: v.optional(v.pipe(v.array(id), v.maxLength(20, 'too_long')), []),
  }),
  v.check((input) => (input.draftId === null) !== (input.body === null), 'draft_or_body'),
);
/** `id` is the message's in all that follow. */
export const editMessageInput = v.object({ id, body: bodyInput });
export const deleteMessageInput = v.object({ id });
export const reactInput = v.object({ id, reaction: v.picklist(REACTIONS), on: v.boolean() });
/** Copies a message for a wider audience; `body` is exactly what leaves. */
export const copyMessageInput = v.object({
  id,
  audience,
  body: bodyInput,
  attachmentIds: v.optional(v.pipe(v.array(id), v.maxLength(20, 'too_long')), []),
});
/** Forgets the words of a message for good (GDPR). */
export const eraseMessageInput = v.object({ id });
/** Forgets a contact: name, address, what was written of them in events. `id` is the account's. */
export const eraseContactInput = v.object({ id, contactId: id });
/** `id` is the dispute's. */
export const followThreadInput = v.object({ id, audience: v.optional(audience, 'internal'), following: v.boolean() });
export const readThreadInput = v.object({
  id,
  audience: v.optional(audience, 'internal'),
  seq: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});
/** Ascending by `seq` after `after`; or, with `before`, the page before it. */
export const messageListInput = v.object({
  id,
  audience: v.optional(audience, 'internal'),
  after: v.optional(v.pipe(v.union([v.number(), v.pipe(v.string(), v.transform(Number))]), v.integer(), v.minValue(0))),
  before: v.optional(
    v.pipe(v.union([v.number(), v.pipe(v.string(), v.transform(Number))]), v.integer(), v.minValue(1)),
  ),
  limit: limit(200, 50),
});
export const attachmentListInput = v.object({ id, audience: v.optional(audience) });
export const removeAttachmentInput = v.object({ id });
/** The bytes are the body; all else stands in the query. `id` is the dispute's. */
export const addAttachmentInput = v.object({
  id,
  audience: v.optional(audience, 'internal'),
  name: v.pipe(
    v.string(),
    v.check((name) => name.isWellFormed(), 'lone_surrogate'),
    v.nonEmpty('empty'),
    v.maxLength(2_000, 'too_long'),
  ),
});

export type PostMessageInput = v.InferOutput<typeof postMessageInput>;
export type CopyMessageInput = v.InferOutput<typeof copyMessageInput>;
export type AddAttachmentInput = v.InferOutput<typeof addAttachmentInput>;
export type MessageListInput = v.InferOutput<typeof messageListInput>;
