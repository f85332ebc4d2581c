/**
 * What crosses /collab/<document>: y-websocket's messages (sync, awareness) and three of our own. Every message is one
 * binary WebSocket frame that begins with its type as a variable-length unsigned integer.
 */
export const MESSAGE = {
  SYNC: 0,
  AWARENESS: 1,
  QUERY_AWARENESS: 3,
  /** Server → client: how many of this connection's sync answers and updates are journalled, counted from its start. */
  ACK: 100,
  /** Server → client: one of MODE. Client → server: MODE.LEAVING, once nothing more of its own is under way. */
  MODE: 101,
} as const;

/** Second integer of a sync message. */
export const SYNC_STEP = { VECTOR: 0, DIFFERENCE: 1, UPDATE: 2 } as const;

export const MODE = {
  READ_ONLY: 0,
  READ_WRITE: 1,
  /** A right is being taken back: what is under way is still stored, then the connection closes or becomes read-only. */
  LEAVING: 2,
} as const;

/** Bounds of /collab; what is over them is refused by name (close code 4413 or 4400). */
export const COLLAB_LIMITS = {
  /** Bytes of one Yjs update. */
  updateBytes: 524_288,
  /** Bytes of one document. */
  documentBytes: 16_777_216,
  /** Structs or deleted ranges of one Yjs update. */
  updateParts: 20_000,
  /** Characters of one awareness state. */
  awarenessChars: 2_048,
  /** Characters of a link's address. */
  hrefChars: 2_048,
  /** Drafts of one thread that an editor may have at once; the server bears a few more, of those who begin together. */
  drafts: 50,
} as const;

/** The name of the shared type that holds the co-written note, in the Y.Doc of a note and of a thread. */
export const NOTE_ROOT = 'note';
/** The name of the shared map of a thread's drafts: draft id → XmlFragment. */
export const DRAFTS_ROOT = 'drafts';

const DRAFT_ID = /^[a-z0-9][a-z0-9-]{0,63}$/;

/** Whether this can be a draft's id: as all ids, made by the client. */
export const isDraftId = (id: string): boolean => DRAFT_ID.test(id);

/** Where in a thread somebody is, as awareness tells it: `note` or `draft:<id>`. */
export type Field = 'note' | `draft:${string}`;

/** Whether this names a place in a thread's document. */
export const isField = (value: unknown): value is Field =>
  value === 'note' || (typeof value === 'string' && value.startsWith('draft:') && isDraftId(value.slice(6)));

/** Epoch of a document that has never been restored or erased, and has perhaps no head yet. */
export const FIRST_EPOCH = 1;
