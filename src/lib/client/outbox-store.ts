import type { ErrorCode, ErrorDetails } from '#lib/protocol/errors.ts';
import type { Id } from '#lib/domain/values.ts';

/** A command that the server has not answered yet, or has refused. */
export interface OutboxEntry {
  /** Idempotency key: sent again under it, it is done once. */
  key: string;
  memberId: Id;
  /** Epoch ms of the user's act, by this machine's clock. */
  at: number;
  method: 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** Below /api/v1. */
  path: string;
  body: unknown;
  version: number | null;
  /** What it is in words: key of the `outbox` texts; `name` says of what, `href` leads there. */
  what: { kind: string; name: string; href: string | null };
  state: 'waiting' | 'refused';
  refusal: { code: ErrorCode | 'network'; details: ErrorDetails } | null;
  /** Answers so far of the kind that is waited for only so often. */
  tries: number;
}

/** Where an outbox keeps its entries. */
export interface OutboxStore {
  /** In the order of the acts. */
  all(memberId: Id): Promise<OutboxEntry[]>;
  put(entry: OutboxEntry): Promise<void>;
  remove(key: string): Promise<void>;
}

const DATABASE = 'encours:outbox';
const ENTRIES = 'entries';

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB failed'));
  });

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => void request.result.createObjectStore(ENTRIES, { keyPath: 'key' });
  return settled(request).then((database) => {
    // a sign-out in another tab deletes it
    database.onversionchange = () => database.close();
    return database;
  });
}

/** In the browser's own database: survives a reload and a restart. */
export function browserOutbox(): OutboxStore {
  const run = async <T>(mode: IDBTransactionMode, work: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
    const database = await openDatabase();
    try {
      const transaction = database.transaction(ENTRIES, mode, { durability: 'strict' });
      const done = new Promise<void>((resolve, reject) => {
        transaction.oncomplete = () => resolve();
        transaction.onabort = () => reject(transaction.error ?? new Error('IndexedDB aborted'));
      });
      const answer = await settled(work(transaction.objectStore(ENTRIES)));
      await done;
      return answer;
    } finally {
      database.close();
    }
  };
  return {
    all: async (memberId) =>
      (await run('readonly', (store) => store.getAll() as IDBRequest<OutboxEntry[]>))
        .filter((entry) => entry.memberId === memberId)
        .sort((a, b) => a.at - b.at),
    put: async (entry) => void (await run('readwrite', (store) => store.put(entry))),
    remove: (key) => run('readwrite', (store) => store.delete(key)),
  };
}

/** Where there is no such database (a private window): as long as the tab lives. */
export function memoryOutbox(): OutboxStore {
  const entries = new Map<string, OutboxEntry>();
  return {
    all: (memberId) =>
      Promise.resolve([...entries.values()].filter((one) => one.memberId === memberId).sort((a, b) => a.at - b.at)),
    put: (entry) => Promise.resolve(void entries.set(entry.key, entry)),
    remove: (key) => Promise.resolve(void entries.delete(key)),
  };
}
