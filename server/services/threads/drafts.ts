import type { Audience } from '#lib/domain/thread/audience.ts';
import type { Id } from '#lib/domain/values.ts';
import type { NoteNode } from '#lib/protocol/editor-schema.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { threadDocument } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { idempotency, type IdempotencyRecord } from '../../store/kinds/workspace.ts';
import type { Tx, WorkspaceStore } from '../../store/port.ts';
import { refuseField } from '../colleagues.ts';
import type { Now } from '../command.ts';

/** How long posting waits for what its author typed last to arrive over the other line (ms). */
const DRAFT_WAIT_MS = 2_000;

export interface DraftPlace {
  workspaceId: Id;
  disputeId: Id;
  audience: Audience;
  draftId: Id;
}

/** What was last posted from a draft: which message, and up to which state of the document. */
interface Posted {
  version: number;
  messageId: Id;
  taken: string;
}

/** A draft to be posted, or why there is none; `posted` as it stood when it was read. */
export type Taken =
  | { body: NoteNode; authors: Id[]; taken: string; posted: Posted | null }
  | { body: null; refusal: AppError; posted: Posted | null };

const markOf = ({ disputeId, audience, draftId }: DraftPlace): Id => `draft:${disputeId}:${audience}:${draftId}`;
const documentOf = ({ disputeId, audience }: DraftPlace): string => threadDocument(disputeId, audience);

/** Kept with the idempotency keys, as long as they are: no words, only what was taken. */
export async function postedOf(reader: Tx | WorkspaceStore, place: DraftPlace): Promise<Posted | null> {
  const known = await reader.docs(idempotency).get(markOf(place));
  return known === null ? null : { version: known.version, ...(known.answer as unknown as Omit<Posted, 'version'>) };
}

export async function markPosted(tx: Tx, now: Now, place: DraftPlace, posted: Omit<Posted, 'version'>): Promise<void> {
  const docs = tx.docs(idempotency);
  const known = await docs.get(markOf(place));
  const said: Omit<IdempotencyRecord, 'id' | 'version'> = {
    operation: 'message.post',
    inputDigest: '',
    answer: { ...posted },
    createdAt: now.at,
  };
  if (known === null) await docs.insert({ id: markOf(place), version: 1, ...said });
  else await docs.replace({ ...known, ...said });
}

/**
 * Reads a draft from the live document, waiting for what its author saw. What was posted from it before and could not be taken out
 * then is taken out first.
 *
 * @returns the draft, or the refusal to make unless the command's key is known already
 * @throws AppError validation_failed for a state vector that is none
 */
export async function takeDraft(app: App, place: DraftPlace, stateVector: string | null): Promise<Taken> {
  const posted = await postedOf(app.store.workspace(place.workspaceId), place);
  if (posted !== null) await app.live.removeDraft(place.workspaceId, documentOf(place), place.draftId, posted.taken);
  const draft = await app.live
    .takeDraft(place.workspaceId, documentOf(place), place.draftId, stateVector, DRAFT_WAIT_MS)
    .catch((error: unknown) => {
      if (error instanceof RangeError) return refuseField('stateVector', 'format');
      throw error;
    });
  if (draft === 'behind') return { body: null, posted, refusal: new AppError('draft_behind', { retryAfter: 1 }) };
  if (draft === 'empty') {
    const refusal =
      posted === null
        ? new AppError('draft_empty')
        : new AppError('conflict', { rule: 'draft_posted', messageId: posted.messageId });
    return { body: null, posted, refusal };
  }
  return { ...draft, posted };
}

/** Takes out of a draft what was posted from it. What cannot be taken out now is, before anybody posts from it again. */
export async function tidyDraft(app: App, place: DraftPlace): Promise<void> {
  try {
    const posted = await postedOf(app.store.workspace(place.workspaceId), place);
    if (posted !== null) await app.live.removeDraft(place.workspaceId, documentOf(place), place.draftId, posted.taken);
  } catch (error) {
    app.log.warn({ err: error, disputeId: place.disputeId }, 'a posted draft could not be taken out of its document');
  }
}
