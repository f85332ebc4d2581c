import type { SQLInputValue } from 'node:sqlite';
import type { Id } from '#lib/domain/values.ts';
import { bare, checkDoc, checkId, fieldValue, refuse } from '#server/store/guard.ts';
import { isServed, noIndex, planFind } from '#server/store/plan.ts';
import { checkFilter, checkFind, checkGroup, checkSorted, cursorAfter, fieldType } from '#server/store/query-guard.ts';
import type { CheckedFind } from '#server/store/query-guard.ts';
import { DuplicateKey, VersionConflict } from '#server/store/port.ts';
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
import { columnOf, tableOf, tokenTableOf } from '#server/store/embedded/schema.ts';

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
    const row = this.#db.get(`SELECT body FROM ${tableOf(this.#kind)} WHERE ws = ? AND id = ?`, [this.#ws(), id]);
    return row ? parse<T>(row) : null;
  }

  getMany(ids: readonly Id[]): T[] {
    for (const id of ids) checkId(id);
    const text = `SELECT body FROM ${tableOf(this.#kind)} WHERE ws = ? AND id IN (SELECT value FROM json_each(?))`;
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
    if (this.#strict && !isServed(this.#kind, find)) refuse(noIndex(this.#kind, filter, options));
    const plan = planFind(this.#kind, find);
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
  /** The declared fields as their columns hold them. */
  columns: SQLInputValue[];
}

/** What is known of a kind once for all: its columns and statements. */
interface KindSql {
  fields: string[];
  insert: string;
  current: string;
  sides: { token: number; carried: number[]; insert: string; remove: string }[];
}

const kindSqls = new WeakMap<Kind<Versioned>, KindSql>();

function kindSqlOf(kind: Kind<Versioned>): KindSql {
  const known = kindSqls.get(kind);
  if (known) return known;
  const table = tableOf(kind);
  const fields = Object.keys(kind.fields);
  const columns = fields.map(columnOf);
  const made: KindSql = {
    fields,
    insert: `INSERT INTO ${table} (${['ws', 'id', 'version', 'body', ...columns].join(', ')}) VALUES (?, ?, 1, ?${', ?'.repeat(columns.length)})`,
    current: `SELECT ${['n', 'version', ...columns].join(', ')} FROM ${table} WHERE ws = ? AND id = ?`,
    sides: kind.tokenIndexes.map(({ token, fields: list }) => {
      const side = tokenTableOf(kind, token, list);
      const key = ['ws', 'token', ...list.map((field) => columnOf(bare(field))), 'id'];
      return {
        token: fields.indexOf(token),
        carried: list.map((field) => fields.indexOf(bare(field))),
        insert: `INSERT OR IGNORE INTO ${side} (${key.join(', ')}, n) VALUES (?${', ?'.repeat(key.length)})`,
        remove: `DELETE FROM ${side} WHERE ${key.map((column) => `${column} = ?`).join(' AND ')}`,
      };
    }),
  };
  kindSqls.set(kind, made);
  return made;
}

const EMPTY_BLOB = new Uint8Array(0);

/** The declared fields of a document as their columns hold them: booleans as 0 and 1, tokens as JSON. */
function columnsOf(sql: KindSql, doc: Versioned): SQLInputValue[] {
  return sql.fields.map((field) => {
    const value = fieldValue(doc, field);
    if (typeof value === 'boolean') return Number(value);
    return Array.isArray(value) ? JSON.stringify(value) : (value as SQLInputValue);
  });
}

/** Writes of one kind over the writer's connection; each throws an error of the port. */
class DocWriter<T extends Versioned> {
  readonly #kind: Kind<T>;
  readonly #sql: KindSql;
  readonly #table: string;
  readonly #db: Connection;
  readonly #ws: number;

  constructor(kind: Kind<T>, db: Connection, ws: number) {
    const declared = kind as unknown as Kind<Versioned>;
    this.#kind = kind;
    this.#sql = kindSqlOf(declared);
    this.#table = tableOf(declared);
    this.#db = db;
    this.#ws = ws;
  }

  insert(doc: T): void {
    checkDoc(this.#kind, doc);
    if (doc.version !== 1) refuse(`a new ${this.#kind.name} has version 1`);
    const columns = columnsOf(this.#sql, doc);
    const { row } = this.#insert([this.#ws, doc.id, JSON.stringify(doc), ...columns]);
    this.#moveTokens(doc.id, row, null, columns);
  }

  /** Where several unique indexes refuse, the id is the one to name, as MongoDB does. */
  #insert(params: SQLInputValue[]): { row: number } {
    try {
      return this.#db.run(this.#sql.insert, params);
    } catch (error) {
      if (this.#db.get(this.#sql.current, params.slice(0, 2))) throw new DuplicateKey(this.#kind.name, 'id');
      throw error;
    }
  }

  replace(doc: T): T {
    checkDoc(this.#kind, doc);
    const old = this.#current(doc.id, doc.version);
    const next = { ...doc, version: doc.version + 1 };
    const columns = columnsOf(this.#sql, next);
    const sets: string[] = [];
    const params: SQLInputValue[] = [next.version, JSON.stringify(next)];
    for (const [at, field] of this.#sql.fields.entries()) {
      if (columns[at] === old.columns[at]) continue;
      sets.push(`, ${columnOf(field)} = ?`);
      params.push(columns[at] as SQLInputValue);
    }
    this.#db.run(`UPDATE ${this.#table} SET version = ?, body = ?${sets.join('')} WHERE n = ?`, [...params, old.n]);
    if (sets.length > 0) this.#moveTokens(doc.id, old.n, old.columns, columns);
    return next;
  }

  remove(id: Id, version: number): void {
    checkId(id);
    const old = this.#current(id, version);
    this.#db.run(`DELETE FROM ${this.#table} WHERE n = ?`, [old.n]);
    this.#moveTokens(id, old.n, old.columns, null);
  }

  #current(id: Id, version: number): OldRow {
    const row = this.#db.get(this.#sql.current, [this.#ws, id]);
    if (!row || row[1] !== version) throw new VersionConflict(this.#kind.name, id);
    return { n: row[0] as number, version, columns: row.slice(2) as SQLInputValue[] };
  }

  #moveTokens(id: Id, n: number, before: SQLInputValue[] | null, now: SQLInputValue[] | null): void {
    for (const side of this.#sql.sides) {
      const carried = (columns: SQLInputValue[]): SQLInputValue[] =>
        side.carried.map((at) => columns[at] ?? EMPTY_BLOB);
      const tokens = (columns: SQLInputValue[] | null): Set<string> =>
        new Set(columns ? (JSON.parse((columns[side.token] as string | null) ?? '[]') as string[]) : []);
      const old = tokens(before);
      const fresh = tokens(now);
      const same = before && now && side.carried.every((at) => before[at] === now[at]);
      if (before) {
        const rest = carried(before);
        for (const token of old)
          if (!same || !fresh.has(token)) this.#db.run(side.remove, [this.#ws, token, ...rest, id]);
      }
      if (now) {
        const rest = carried(now);
        for (const token of fresh)
          if (!same || !old.has(token)) this.#db.run(side.insert, [this.#ws, token, ...rest, id, n]);
      }
    }
  }
}

/** What a unique index refused, from the columns that SQLite names. */
function duplicateIn(kind: Kind<Versioned>, columns: string): DuplicateKey {
  const names = columns.split(', ').map((name) => name.split('.').at(-1));
  const fields = names.slice(1).join();
  const index = kind.indexes.find(
    (one) => one.unique && one.fields.map((field) => columnOf(bare(field))).join() === fields,
  );
  return new DuplicateKey(kind.name, index?.name ?? 'id');
}

/** Reads and writes of one kind inside a transaction. */
export function transactionDocs<T extends Versioned>(
  kind: Kind<T>,
  reader: DocReader<T>,
  db: Connection,
  ws: number,
  state: TxState,
): TxDocs<T> {
  const writer = new DocWriter(kind, db, ws);
  const step = <R>(operation: () => R, writes = 0): Promise<R> =>
    state.run(() => {
      try {
        return operation();
      } catch (error) {
        throw toPortError(error, (columns) => duplicateIn(kind as unknown as Kind<Versioned>, columns));
      }
    }, writes);
  return {
    get: (id) => step(() => reader.get(id)),
    getMany: (ids) => step(() => reader.getMany(ids)),
    find: (filter, options) => step(() => reader.find(filter, options)),
    count: (filter, options) => step(() => reader.count(filter, options)),
    group: (filter, options) => step(() => reader.group(filter, options)),
    each: () => refuse('each is not to be had inside a transaction'),
    insert: (doc) => step(() => writer.insert(doc), 1),
    insertMany: (docs) => step(() => docs.forEach((doc) => writer.insert(doc)), docs.length),
    replace: (doc) => step(() => writer.replace(doc), 1),
    replaceMany: (docs) => step(() => docs.map((doc) => writer.replace(doc)), docs.length),
    remove: (id, version) => step(() => writer.remove(id, version), 1),
  };
}
