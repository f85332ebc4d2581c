import { MongoClient, type Collection, type Db } from 'mongodb';
import type { Value } from '../port.ts';

/** A document of a kind as stored: the workspace leads every index, the document itself lies whole under `d`. */
export interface DocRow {
  _id: string;
  w: string;
  id: string;
  v: number;
  d: { [key: string]: Value };
}

/** An event as stored; `data` is text so that it comes back value for value. */
export interface EventRow {
  _id: string;
  w: string;
  stream: string;
  seq: number;
  id: string;
  name: string;
  at: string;
  day: string;
  actor: string;
  data: string;
  digest: string | null;
  prev: string;
  hash: string;
}

/** The personal part of an event, which can be erased. Same `_id` as its event. */
export interface PersonalRow {
  _id: string;
  salt: string;
  data: string;
}

/** Where a stream stands. Its replacement in the transaction is what makes two writers of one stream conflict. */
export interface HeadRow {
  _id: string;
  w: string;
  stream: string;
  seq: number;
  hash: string;
  at: string;
}

export interface LogRow {
  _id: string;
  w: string;
  doc: string;
  epoch: number;
  author: string;
  bytes: Uint8Array;
}

export interface SignalRow {
  _id: string;
  scope: string;
  key: string;
  value: string | null;
  expiresAt: number;
  /** When MongoDB may forget it. */
  gone: Date;
}

/** A file's record as GridFS has it; its id is a `rowId`. */
export interface FileRow {
  _id: string;
  length: number;
  chunkSize: number;
  uploadDate: Date;
  filename: string;
  metadata: { w: string; fileId: string };
}

/** One part of a file as GridFS has it. */
export interface ChunkRow {
  _id: string;
  files_id: string;
  n: number;
  data: Uint8Array;
}

/** What the store knows of itself. */
export interface MetaRow {
  _id: string;
  value: number;
  /** Who has the turn to migrate. */
  holder?: string;
}

export interface Database {
  client: MongoClient;
  db: Db;
  kind(name: string): Collection<DocRow>;
  journal: Collection<EventRow>;
  personal: Collection<PersonalRow>;
  heads: Collection<HeadRow>;
  log: Collection<LogRow>;
  signals: Collection<SignalRow>;
  files: Collection<FileRow>;
  chunks: Collection<ChunkRow>;
  meta: Collection<MetaRow>;
}

/** Ids are unique within a workspace and a kind. */
export const rowId = (workspaceId: string, id: string): string => `${workspaceId}/${id}`;

const HOW = 'Start it with `mongod --replSet rs0`, then once `mongosh --eval "rs.initiate()"`.';

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message.replace(/[.\s]*$/, '.') : '');

/** Version of MongoDB's wire protocol that 4.4 speaks. */
const WIRE_4_4 = 9;

/**
 * Connects to a replica set.
 *
 * @throws Error that says what to do when it is no replica set, or too old
 */
export async function connect(uri: string, name: string): Promise<Database> {
  const client = new MongoClient(uri, {
    writeConcern: { w: 'majority', journal: true },
    readConcern: { level: 'majority' },
    readPreference: 'primary',
    ignoreUndefined: false,
    promoteBuffers: true,
    retryWrites: true,
    serverSelectionTimeoutMS: 10_000,
    maxPoolSize: 50,
    appName: 'encours',
  });
  try {
    await client.connect();
  } catch (error) {
    throw new Error(`MongoDB cannot be reached, or its replica set has no primary: ${wordsOf(error)} ${HOW}`, {
      cause: error,
    });
  }
  try {
    const hello = await client.db('admin').command({ hello: 1 });
    if (typeof hello.setName !== 'string')
      throw new Error(`MongoDB must run as a replica set (one node is enough). ${HOW}`);
    if (Number(hello.maxWireVersion) < WIRE_4_4) throw new Error('MongoDB 4.4 or later is needed.');
  } catch (error) {
    await client.close();
    throw error;
  }
  const db = client.db(name);
  return {
    client,
    db,
    kind: (kind) => db.collection<DocRow>(`k_${kind}`),
    journal: db.collection('journal'),
    personal: db.collection('personal'),
    heads: db.collection('heads'),
    log: db.collection('log'),
    files: db.collection('files.files'),
    chunks: db.collection('files.chunks'),
    meta: db.collection('meta'),
    signals: db.collection('signals', { writeConcern: { w: 1 }, readConcern: { level: 'local' } }),
  };
}
