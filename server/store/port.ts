/**
 * The store's narrow port: everything the product asks of a database, and nothing a database would have to imitate.
 * Facts are versioned documents; a command loads them, a pure rule decides, and the new document replaces the old one
 * if the version is still the one that was read. See docs/architecture.md and docs/adr.
 */
import type { Day, Id, Instant } from '#lib/domain/values.ts';

/** What a document may hold: no undefined, no Date, no binary, no lone surrogate. */
export type Value = string | number | boolean | null | Value[] | { [key: string]: Value };

/** Every stored document. `version` starts at 1 and grows by one with each replace. */
export interface Versioned {
  id: Id;
  version: number;
}

/** Type of a field that a filter or a sort names. `tokens` is an array of strings, matched by "any of". */
export type FieldType = 'string' | 'number' | 'boolean' | 'day' | 'instant' | 'tokens';

export interface IndexDeclaration {
  /** Unique within the kind; also the index's name in the database. */
  name: string;
  /** Fields in order; `-field` sorts downwards. The workspace leads and `id` ends every index by itself. */
  fields: string[];
  unique?: boolean;
}

/**
 * A kind of document. `fields` lists every field that a filter or a sort may name: always present in every document
 * and never `null` where it is sorted by. A field of type `tokens` names in `tokenSorts` the leading equality fields
 * and the sort fields it is queried with, so that "any of these tokens, sorted, first 50" is served by an index.
 */
export interface Kind<T extends Versioned> {
  name: string;
  fields: Record<string, FieldType>;
  indexes: IndexDeclaration[];
  /** For each token field: the index field lists (as in IndexDeclaration) that carry it as their leading part. */
  tokenIndexes: { token: string; fields: string[] }[];
  /** Never set; carries the document's type. */
  readonly document?: T;
}

export type Scalar = string | number | boolean | null;

/** One field's condition, in MongoDB's words; the closed list of store.md. */
export type Condition =
  | Scalar
  | {
      $in?: Scalar[];
      $lt?: Scalar;
      $lte?: Scalar;
      $gt?: Scalar;
      $gte?: Scalar;
      $ne?: Scalar;
      /** On a token array only: every one of these. */
      $all?: string[];
      /** On a token array only: some token begins with this. */
      $prefix?: string;
    };

/** AND of conditions; `$or` one level deep. On a token array, `$in` means "any of". */
export type Filter =
  { [field: string]: Condition } | { $or: { [field: string]: Condition }[]; [field: string]: unknown };

/** `['-priority']` or `['dueDay']`; `id` is appended by the store. */
export type Sort = string[];

/** Opaque to callers: the sort values and id of the last document of a page. */
export type PageCursor = string;

export interface Page<T> {
  docs: T[];
  /** Cursor to pass as `after` for the next page; null when this was the last. */
  next: PageCursor | null;
}

export interface FindOptions {
  sort?: Sort;
  /** 1 to 1,000. */
  limit?: number;
  after?: PageCursor | null;
}

export interface GroupOptions {
  by: string[];
  sum?: string[];
  count?: boolean;
  min?: string[];
  max?: string[];
}

/** `key` holds the values of `by`; the others are keyed by field name. Sums are exact for safe integers. */
export interface Group {
  key: Record<string, Scalar>;
  count: number;
  sum: Record<string, number>;
  min: Record<string, Scalar>;
  max: Record<string, Scalar>;
}

/** Reads of one kind. Outside a transaction: committed data only. Inside: the transaction's own writes too. */
export interface Docs<T extends Versioned> {
  get(id: Id): Promise<T | null>;
  /** In the order of `ids`, absent ones left out. */
  getMany(ids: readonly Id[]): Promise<T[]>;
  find(filter: Filter, options?: FindOptions): Promise<Page<T>>;
  /** All matches in id order, in constant memory. Not inside a transaction. */
  each(filter: Filter): AsyncIterable<T>;
  /** Counts at most `upTo` documents (no cap when left out). */
  count(filter: Filter, options?: { upTo?: number }): Promise<number>;
  group(filter: Filter, options: GroupOptions): Promise<Group[]>;
}

export interface TxDocs<T extends Versioned> extends Docs<T> {
  /** `doc.version` must be 1. Throws DuplicateKey (with the index's name) when a unique index refuses it. */
  insert(doc: T): Promise<void>;
  insertMany(docs: readonly T[]): Promise<void>;
  /** Stores `doc` with `doc.version + 1` if the stored version equals `doc.version`, else throws VersionConflict. Answers the stored document. */
  replace(doc: T): Promise<T>;
  replaceMany(docs: readonly T[]): Promise<T[]>;
  /** Removes it if the version is still this one, else throws VersionConflict. */
  remove(id: Id, version: number): Promise<void>;
}

/** What a command wants to say. The store adds seq, hashes and, when a stream's clock stood still, moves `at` on. */
export interface NewEvent {
  id: Id;
  name: string;
  at: Instant;
  day: Day;
  /** A member's id, or `system`. */
  actor: string;
  data: { [key: string]: Value };
  /** Personal text; lies in a record of its own that can be erased, covered by a salted digest. */
  personal: { [key: string]: Value } | null;
}

/** An event as stored. `personal` is null when there was none or it was erased (`erased` says which). */
export interface StoredEvent extends NewEvent {
  workspaceId: Id;
  stream: string;
  /** 1, 2, 3… without gap within the stream. */
  seq: number;
  erased: boolean;
  /** SHA-256 in hex over salt and canonical JSON of `personal`; null when there was none. */
  personalDigest: string | null;
  prevHash: string;
  hash: string;
}

export interface Tx {
  docs<T extends Versioned>(kind: Kind<T>): TxDocs<T>;
  /** Appends to the stream in order and answers the stored events. */
  append(stream: string, events: readonly NewEvent[]): Promise<StoredEvent[]>;
}

export interface LogEntry {
  id: string;
  author: string;
  bytes: Uint8Array;
}

/** A file as it was kept. `sha256` is of its content, in hex. */
export interface StoredFile {
  fileId: string;
  bytes: number;
  sha256: string;
}

/** Files beside the documents: kept whole, never changed, known by an id of the store's own. */
export interface Files {
  /**
   * Keeps bytes as they come, in constant memory; they are durable once it answers. What fails leaves nothing behind.
   *
   * @param limit most bytes
   * @throws FileTooLarge as soon as there is one more; StoreUnavailable; whatever `source` throws
   */
  put(source: AsyncIterable<Uint8Array>, limit: number): Promise<StoredFile>;
  /** The content, piece by piece; null when there is no such file. */
  open(fileId: string): Promise<AsyncIterable<Uint8Array> | null>;
  /** Nothing happens when it is gone already. */
  remove(fileId: string): Promise<void>;
  /** Every file of the workspace and when it was kept (epoch ms), in no order. */
  list(): AsyncIterable<{ fileId: string; storedAt: number }>;
}

export interface WorkspaceStore {
  readonly workspaceId: Id;
  docs<T extends Versioned>(kind: Kind<T>): Docs<T>;
  /** May run `work` again: no side effects and no foreign await inside, but a turn of the event
   * loop in a long one: others' writes wait for all of it. A `tx` used in parallel or after its end is refused. */
  transaction<R>(work: (tx: Tx) => Promise<R>): Promise<R>;
  journal: {
    /** Events with seq > afterSeq, ascending. */
    read(stream: string, afterSeq: number, limit: number): Promise<StoredEvent[]>;
    /** Several streams merged backwards by (at, id). `names` null: every name. */
    page(
      streams: readonly string[],
      options: { names?: readonly string[] | null; before?: { at: Instant; id: Id } | null; limit: number },
    ): Promise<StoredEvent[]>;
    get(id: Id): Promise<StoredEvent | null>;
    /** Seq and hash of the stream's last event; seq 0 and an empty hash when there is none. */
    head(stream: string): Promise<{ seq: number; hash: string }>;
    /** Every stream's name and head, for verification. */
    streams(): AsyncIterable<{ stream: string; seq: number; hash: string }>;
    /** Forgets the personal part of an event; the chain still verifies. */
    erase(id: Id): Promise<void>;
    /**
     * Recomputes hashes and digests of one stream; answers the first wrong row or null. `anchor` is a head kept outside
     * the store: only that shows that the end of a stream was cut off together with the store's own record of it.
     */
    verify(stream: string, anchor?: { seq: number; hash: string }): Promise<{ seq: number; reason: string } | null>;
  };
  /** Yjs updates of documents. */
  log: {
    /** Answers the entry's id once the (grouped) commit is done. */
    append(doc: string, epoch: number, author: string, bytes: Uint8Array): Promise<string>;
    read(doc: string, epoch: number): Promise<LogEntry[]>;
    /** Replaces exactly the entries `ids` by one snapshot; answers false and changes nothing if an id is gone. */
    compact(doc: string, epoch: number, ids: readonly string[], bytes: Uint8Array): Promise<boolean>;
    /** Deletes all entries of the document's epochs from `fromEpoch` up to, not including, `toEpoch`. */
    drop(doc: string, fromEpoch: number, toEpoch: number): Promise<void>;
  };
  readonly files: Files;
}

export type Stop = () => Promise<void>;

/** Opaque. Null: from now on. */
export type TailPosition = string | null;

export interface LogUpdate extends LogEntry {
  workspaceId: Id;
  doc: string;
  epoch: number;
}

export interface Signal {
  scope: string;
  key: string;
  /** Null: removed. */
  value: Value | null;
  /** Epoch ms at which the reader must consider it gone. */
  expiresAt: number;
}

export interface Store {
  readonly engine: 'embedded' | 'mongodb';
  workspace(id: Id): WorkspaceStore;
  /** Workspaces, members, sessions, tokens: they commit together. Its workspaceId is `installation`. */
  readonly installation: WorkspaceStore;
  readonly tail: {
    /** One for all workspaces, in commit order; `onLost` when the position is no longer known: catch up by seq. */
    journal(
      position: TailPosition,
      onEvents: (events: StoredEvent[], position: string) => void,
      onLost: () => void,
    ): Stop;
    log(position: TailPosition, onUpdates: (updates: LogUpdate[], position: string) => void, onLost: () => void): Stop;
  };
  /** Presence between nodes: not durable, expiry judged by the reader. */
  readonly signals: {
    put(scope: string, key: string, value: Value, ttlMs: number): Promise<void>;
    remove(scope: string, key: string): Promise<void>;
    tail(scope: string, on: (signals: Signal[]) => void): Stop;
  };
  /** For migrations: the version of the stored documents' shape, kept by the store itself. */
  readonly schema: {
    /** 1 for a store made before versions were kept. */
    version(): Promise<number>;
    setVersion(version: number): Promise<void>;
    /** Every workspace that has written a document, an event or an update, the installation included. */
    workspaces(): Promise<Id[]>;
    /** Runs `work` while no other node runs one; waits for its turn. */
    alone<R>(work: () => Promise<R>): Promise<R>;
  };
  /** Round trip to the database, for readiness; throws when it cannot be reached. */
  ping(): Promise<void>;
  /** Consistent copy to a new file while writes go on. Refused where the file is there, and by MongoDB, which has its own tools. */
  backup(path: string): Promise<void>;
  /**
   * After an erasure: what was removed is not to be found in the store's own files any more. Where the database looks
   * after that by itself it does nothing. Answers false when somebody was reading: ask again.
   */
  scrub(): Promise<boolean>;
  close(): Promise<void>;
}

/** Somebody else changed the document since it was read. */
export class VersionConflict extends Error {
  readonly kind: string;
  readonly id: Id;
  constructor(kind: string, id: Id) {
    super(`version conflict on ${kind} ${id}`);
    this.name = 'VersionConflict';
    this.kind = kind;
    this.id = id;
  }
}

/** A unique index refused an insertion or a replacement. */
export class DuplicateKey extends Error {
  readonly kind: string;
  readonly index: string;
  constructor(kind: string, index: string) {
    super(`duplicate key on ${kind}.${index}`);
    this.name = 'DuplicateKey';
    this.kind = kind;
    this.index = index;
  }
}

/** A file with more bytes than were allowed; nothing of it is kept. */
export class FileTooLarge extends Error {
  readonly limit: number;
  constructor(limit: number) {
    super(`more than ${limit} bytes`);
    this.name = 'FileTooLarge';
    this.limit = limit;
  }
}

/** The caller asked something that the port does not have, or passed a value it cannot hold: a bug in the caller. */
export class RefusedByPort extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'RefusedByPort';
  }
}

/** What came as a page's cursor is none of this list: it came from outside, so it is the asker's mistake. */
export class RefusedCursor extends RefusedByPort {
  constructor(reason: string) {
    super(reason);
    this.name = 'RefusedCursor';
  }
}

/** The database is there but cannot take it now (full disk, no primary, time-out): worth another try later. */
export class StoreUnavailable extends Error {
  constructor(reason: string, options?: { cause?: unknown }) {
    super(reason, options);
    this.name = 'StoreUnavailable';
  }
}
