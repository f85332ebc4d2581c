import type { SQLInputValue } from 'node:sqlite';
import type { Id } from '#lib/domain/values.ts';
import { bare, checkDoc, checkId, refuse } from '#server/store/guard.ts';
import { planFind } from '#server/store/plan.ts';
import { checkFilter, checkFind, checkGroup, checkSorted, cursorAfter, fieldType } from '#server/store/query-guard.ts';
import type { CheckedFind } from '#server/store/query-guard.ts';
import { VersionConflict } from '#server/store/port.ts';
import type {
  Docs,
  Filter,
  FindOptions,
  Group,
  GroupOptions,
  Kind,
  Page,
  Scalar,
  TxDocs,
  Versioned,
} from '#server/store/port.ts';
import type { TxState } from '#server/store/tx-state.ts';
import { toPortError } from '#server/store/embedded/connection.ts';
import type { Connection, Row } from '#server/store/embedded/connection.ts';
import { countSql, findSql, groupSql } from '#server/store/embedded/query-sql.ts';
import { tableOf, tokenTableOf } from '#server/store/embedded/schema.ts';

/** Documents read at a time by `each`. */
const EACH_CHUNK = 200;

interface ReadOptions {
  db: Connection;
  ws: () => number;
  strictIndexes: boolean;
}

/** Reads of one kind over one connection; synchronous, since SQLite answers in microseconds. */
export class DocReader<T extends Versioned> {
  readonly #kind: Kind<Versioned>;
  readonly #db: Connection;
  readonly #ws: () => number;
  readonly #strict: boolean;

  constructor(kind: Kind<T>, { db, ws, strictIndexes }: ReadOptions) {
    this.#kind = kind as unknown as Kind<Versioned>;
    this.#db = db;
    this.#ws = ws;
    this.#strict = strictIndexes;
  }

  get(id: Id): T | null {
    checkId(id);
    const row = this.#db.get(`SELECT json(body) FROM ${tableOf(this.#kind)} WHERE ws = ? AND id = ?`, [this.#ws(), id]);
    return row ? parse<T>(row) : null;
  }

  getMany(ids: readonly Id[]): T[] {
    for (const id of ids) checkId(id);
    const text = `SELECT json(body) FROM ${tableOf(this.#kind)} WHERE ws = ? AND id IN (SELECT value FROM json_each(?))`;
    const found = new Map(
      this.#db
        .all(text, [this.#ws(), JSON.stringify(ids)])
        .map((row) => parse<T>(row))
        .map((doc) => [doc.id, doc]),
    );
    return [...new Set(ids)].flatMap((id) => found.get(id) ?? []);
  }

  find(filter: Filter, options: FindOptions = {}): Page<T> {
    const find = checkFind(this.#kind, filter, options);
    const plan = planFind(this.#kind, find);
    if (!plan && this.#strict) refuse(noIndex(this.#kind, filter, options));
    const { text, params } = findSql(this.#kind, this.#ws(), find, plan);
    const docs = this.#db.all(text, params).map((row) => parse<T>(row));
    checkSorted(this.#kind, find.sort, docs);
    if (docs.length <= find.limit) return { docs, next: null };
    docs.pop();
    return { docs, next: cursorAfter(this.#kind, find.sort, docs.at(-1) as T) };
  }

  /** The next documents by id after `after` ('' at first). */
  chunk(filter: Filter, after: Id): T[] {
    const sort = [{ field: 'id', descending: false }];
    const find: CheckedFind = { filter: checkFilter(this.#kind, filter), sort, limit: EACH_CHUNK - 1, after: [after] };
    const plan = planFind(this.#kind, find) ?? { source: { type: 'id' as const }, pinned: [], order: sort };
    const { text, params } = findSql(this.#kind, this.#ws(), find, plan);
    return this.#db.all(text, params).map((row) => parse<T>(row));
  }

  count(filter: Filter, options: { upTo?: number } = {}): number {
    const { text, params } = countSql(this.#kind, this.#ws(), checkFilter(this.#kind, filter), options.upTo ?? null);
    return this.#db.get(text, params)?.[0] as number;
  }

  group(filter: Filter, options: GroupOptions): Group[] {
    const checked = checkGroup(this.#kind, options);
    const { text, params } = groupSql(this.#kind, this.#ws(), checkFilter(this.#kind, filter), checked);
    return this.#db.all(text, params).map((row) => {
      const values = row.values();
      const take = (field: string): [string, Scalar] => {
        const value = values.next().value as Scalar;
        return [field, value !== null && fieldType(this.#kind, field) === 'boolean' ? value === 1 : value];
      };
      return {
        key: Object.fromEntries(checked.by.map(take)),
        count: values.next().value as number,
        sum: Object.fromEntries(checked.sum.map(take)) as Record<string, number>,
        min: Object.fromEntries(checked.min.map(take)),
        max: Object.fromEntries(checked.max.map(take)),
      };
    });
  }
}

function parse<T>(row: Row): T {
  return JSON.parse(row[0] as string) as T;
}

/** The words of the refusal of a find that no declared index serves. */
export function noIndex(kind: Kind<Versioned>, filter: Filter, options: FindOptions): string {
  return `no index of ${kind.name} serves the filter on ${Object.keys(filter).join(', ') || 'nothing'} sorted by ${(options.sort ?? []).join(', ') || 'id'}`;
}

/** Committed data, as the port gives it. */
export function committedDocs<T extends Versioned>(reader: DocReader<T>): Docs<T> {
  return {
    get: async (id) => reader.get(id),
    getMany: async (ids) => reader.getMany(ids),
    find: async (filter, options) => reader.find(filter, options),
    count: async (filter, options) => reader.count(filter, options),
    group: async (filter, options) => reader.group(filter, options),
    each: async function* (filter) {
      for (let after = ''; ;) {
        const docs = reader.chunk(filter, after);
        yield* docs;
        if (docs.length < EACH_CHUNK) return;
        after = (docs.at(-1) as T).id;
        await new Promise(setImmediate);
      }
    },
  };
}

interface OldRow {
  n: number;
  version: number;
  doc: Record<string, unknown> | null;
}

/** Reads and writes of one kind inside a transaction. */
export function transactionDocs<T extends Versioned>(
  kind: Kind<T>,
  reader: DocReader<T>,
  db: Connection,
  ws: () => number,
  state: TxState,
): TxDocs<T> {
  const declared = kind as unknown as Kind<Versioned>;
  const table = tableOf(declared);
  const sides = declared.tokenIndexes.map(({ token, fields }) => {
    const name = tokenTableOf(declared, token, fields);
    const columns = ['ws', 'token', ...fields.map((field) => `f_${bare(field)}`), 'id'];
    return {
      token,
      fields: fields.map(bare),
      insert: `INSERT OR IGNORE INTO ${name} (${columns.join(', ')}, n) VALUES (${columns.map(() => '?').join(', ')}, ?)`,
      remove: `DELETE FROM ${name} WHERE ${columns.map((column) => `${column} = ?`).join(' AND ')}`,
    };
  });

  const keysOf = (side: (typeof sides)[number], doc: Record<string, unknown>): Map<string, SQLInputValue[]> => {
    const carried = side.fields.map((field) => blobNull(doc[field]));
    return new Map(
      ((doc[side.token] ?? []) as string[]).map((token) => {
        const key = [ws(), token, ...carried, doc['id'] as string];
        return [JSON.stringify(key), key];
      }),
    );
  };
  const moveTokens = (n: number, before: Record<string, unknown> | null, now: Record<string, unknown> | null): void => {
    for (const side of sides) {
      const old = before ? keysOf(side, before) : new Map<string, SQLInputValue[]>();
      const fresh = now ? keysOf(side, now) : new Map<string, SQLInputValue[]>();
      for (const [text, key] of old) if (!fresh.has(text)) db.run(side.remove, key);
      for (const [text, key] of fresh) if (!old.has(text)) db.run(side.insert, [...key, n]);
    }
  };
  const current = (id: Id): OldRow | null => {
    const body = sides.length > 0 ? 'json(body)' : 'NULL';
    const row = db.get(`SELECT n, version, ${body} FROM ${table} WHERE ws = ? AND id = ?`, [ws(), id]);
    if (!row) return null;
    const doc = row[2] === null ? null : (JSON.parse(row[2] as string) as Record<string, unknown>);
    return { n: row[0] as number, version: row[1] as number, doc };
  };

  const insert = (doc: T): void => {
    checkDoc(kind, doc);
    if (doc.version !== 1) refuse(`a new ${kind.name} has version 1`);
    const { row } = db.run(`INSERT INTO ${table} (ws, id, version, body) VALUES (?, ?, 1, jsonb(?))`, [
      ws(),
      doc.id,
      JSON.stringify(doc),
    ]);
    moveTokens(row, null, doc as unknown as Record<string, unknown>);
  };
  const replace = (doc: T): T => {
    checkDoc(kind, doc);
    const old = current(doc.id);
    if (!old || old.version !== doc.version) throw new VersionConflict(kind.name, doc.id);
    const next = { ...doc, version: doc.version + 1 };
    db.run(`UPDATE ${table} SET version = ?, body = jsonb(?) WHERE n = ?`, [next.version, JSON.stringify(next), old.n]);
    moveTokens(old.n, old.doc, next as unknown as Record<string, unknown>);
    return next;
  };
  const remove = (id: Id, version: number): void => {
    checkId(id);
    const old = current(id);
    if (!old || old.version !== version) throw new VersionConflict(kind.name, id);
    db.run(`DELETE FROM ${table} WHERE n = ?`, [old.n]);
    moveTokens(old.n, old.doc, null);
  };
  const step = <R>(operation: () => R, writes = 0): Promise<R> =>
    state.run(() => {
      try {
        return operation();
      } catch (error) {
        throw toPortError(error, kind.name);
      }
    }, writes);

  return {
    get: (id) => step(() => reader.get(id)),
    getMany: (ids) => step(() => reader.getMany(ids)),
    find: (filter, options) => step(() => reader.find(filter, options)),
    count: (filter, options) => step(() => reader.count(filter, options)),
    group: (filter, options) => step(() => reader.group(filter, options)),
    each: () => refuse('each is not to be had inside a transaction'),
    insert: (doc) => step(() => insert(doc), 1),
    insertMany: (docs) => step(() => docs.forEach(insert), docs.length),
    replace: (doc) => step(() => replace(doc), 1),
    replaceMany: (docs) => step(() => docs.map(replace), docs.length),
    remove: (id, version) => step(() => remove(id, version), 1),
  };
}

const EMPTY_BLOB = new Uint8Array(0);

/** Null is kept as an empty blob in side tables, whose columns make up a primary key. */
function blobNull(value: unknown): SQLInputValue {
  if (value === null || value === undefined) return EMPTY_BLOB;
  return typeof value === 'boolean' ? Number(value) : (value as SQLInputValue);
}
