import { isDeepStrictEqual } from 'node:util';
import type { ClientSession, Document, Filter as MongoFilter } from 'mongodb';
import type { Id } from '#lib/domain/values.ts';
import { checkDoc, checkId, refuse } from '../guard.ts';
import { isServed, noIndex } from '../plan.ts';
import {
  VersionConflict,
  type Docs,
  type Filter,
  type FindOptions,
  type Group,
  type GroupOptions,
  type Kind,
  type Page,
  type Scalar,
  type TxDocs,
  type Value,
  type Versioned,
} from '../port.ts';
import { checkFilter, checkFind, checkGroup, checkSorted, cursorAfter } from '../query-guard.ts';
import type { TxState } from '../tx-state.ts';
import { rowId, type Database, type DocRow } from './database.ts';
import { outside, toPortError, writeError } from './errors.ts';
import { afterOf, matchOf, pathOf, sortOf } from './filters.ts';

const EACH_CHUNK = 200;

interface Scope {
  database: Database;
  workspaceId: Id;
  strictIndexes: boolean;
  session: ClientSession | null;
}

/** Reads of one kind, in or out of a transaction. */
class Reader<T extends Versioned> {
  readonly #kind: Kind<Versioned>;
  readonly #scope: Scope;

  constructor(kind: Kind<T>, scope: Scope) {
    this.#kind = kind as unknown as Kind<Versioned>;
    this.#scope = scope;
  }

  get #rows() {
    return this.#scope.database.kind(this.#kind.name);
  }

  get #options(): { session?: ClientSession } {
    return this.#scope.session === null ? {} : { session: this.#scope.session };
  }

  async get(id: Id): Promise<T | null> {
    checkId(id);
    const row = await this.#rows.findOne({ _id: rowId(this.#scope.workspaceId, id) }, this.#options);
    return row === null ? null : docOf<T>(row);
  }

  async getMany(ids: readonly Id[]): Promise<T[]> {
    for (const id of ids) checkId(id);
    if (ids.length === 0) return [];
    const keys = ids.map((id) => rowId(this.#scope.workspaceId, id));
    const rows = await this.#rows.find({ _id: { $in: keys } }, this.#options).toArray();
    const found = new Map(rows.map((row) => [row.id, docOf<T>(row)]));
    return [...new Set(ids)].flatMap((id) => found.get(id) ?? []);
  }

  async find(filter: Filter, options: FindOptions = {}): Promise<Page<T>> {
    const find = checkFind(this.#kind, filter, options);
    if (this.#scope.strictIndexes && !isServed(this.#kind, find)) refuse(noIndex(this.#kind, filter, options));
    const match = matchOf(this.#scope.workspaceId, find.filter);
    const query: Document = find.after === null ? match : { $and: [match, afterOf(find.sort, find.after)] };
    const rows = await this.#rows
      .find(query as MongoFilter<DocRow>, this.#options)
      .sort(sortOf(find.sort))
      .limit(find.limit + 1)
      .toArray();
    const docs = rows.map((row) => docOf<T>(row));
    checkSorted(this.#kind, find.sort, docs);
    if (docs.length <= find.limit) return { docs, next: null };
    docs.pop();
    return { docs, next: cursorAfter(this.#kind, find.sort, docs.at(-1) as T) };
  }

  async *each(filter: Filter): AsyncGenerator<T> {
    const match = matchOf(this.#scope.workspaceId, checkFilter(this.#kind, filter));
    // The server may sort on its disk: a filter's index does not give the order of the ids.
    const rows = this.#rows.find(match, { batchSize: EACH_CHUNK, allowDiskUse: true }).sort({ id: 1 });
    try {
      for await (const row of rows) yield docOf<T>(row);
    } catch (error) {
      throw toPortError(error);
    }
  }

  async count(filter: Filter, { upTo }: { upTo?: number } = {}): Promise<number> {
    const match = matchOf(this.#scope.workspaceId, checkFilter(this.#kind, filter));
    return this.#rows.countDocuments(match, { ...this.#options, ...(upTo === undefined ? {} : { limit: upTo }) });
  }

  async group(filter: Filter, options: GroupOptions): Promise<Group[]> {
    const { by, sum, min, max } = checkGroup(this.#kind, options);
    // Positions instead of names: a field may lie inside an object, and a key of a group may hold no dot.
    const key = Object.fromEntries(by.map((field, at) => [`k${at}`, `$${pathOf(field)}`]));
    const measures: Document = { n: { $sum: 1 } };
    sum.forEach((field, at) => (measures[`s${at}`] = { $sum: `$${pathOf(field)}` }));
    min.forEach((field, at) => (measures[`a${at}`] = { $min: `$${pathOf(field)}` }));
    max.forEach((field, at) => (measures[`b${at}`] = { $max: `$${pathOf(field)}` }));
    const match = matchOf(this.#scope.workspaceId, checkFilter(this.#kind, filter));
    const rows = await this.#rows
      .aggregate([{ $match: match }, { $group: { _id: key, ...measures } }, { $sort: { _id: 1 } }], this.#options)
      .toArray();
    return rows.map((row) => {
      const keys = row._id as Record<string, Scalar | undefined>;
      const take = (fields: string[], letter: string): Record<string, Scalar> =>
        Object.fromEntries(fields.map((field, at) => [field, (row[`${letter}${at}`] ?? null) as Scalar]));
      return {
        key: Object.fromEntries(by.map((field, at) => [field, keys[`k${at}`] ?? null])),
        count: row.n as number,
        sum: take(sum, 's') as Record<string, number>,
        min: take(min, 'a'),
        max: take(max, 'b'),
      };
    });
  }
}

const docOf = <T extends Versioned>(row: DocRow): T => row.d as unknown as T;

/** The row of a document. Through JSON, so that a value means the same as in the embedded store (no -0). */
function rowOf(workspaceId: Id, doc: Versioned): DocRow {
  return {
    _id: rowId(workspaceId, doc.id),
    w: workspaceId,
    id: doc.id,
    v: doc.version,
    d: JSON.parse(JSON.stringify(doc)) as { [key: string]: Value },
  };
}

/** Committed data, as the port gives it. */
export function committedDocs<T extends Versioned>(kind: Kind<T>, scope: Omit<Scope, 'session'>): Docs<T> {
  const reader = new Reader(kind, { ...scope, session: null });
  return {
    get: (id) => outside(() => reader.get(id)),
    getMany: (ids) => outside(() => reader.getMany(ids)),
    find: (filter, options) => outside(() => reader.find(filter, options)),
    count: (filter, options) => outside(() => reader.count(filter, options)),
    group: (filter, options) => outside(() => reader.group(filter, options)),
    each: (filter) => reader.each(filter),
  };
}

/** Reads and writes of one kind inside a transaction. */
export function transactionDocs<T extends Versioned>(
  kind: Kind<T>,
  scope: Omit<Scope, 'session'> & { session: ClientSession },
  state: TxState,
): TxDocs<T> {
  const { database, workspaceId, session } = scope;
  const reader = new Reader(kind, scope);
  const rows = database.kind(kind.name);
  const write = <R>(operation: () => Promise<R>, writes: number): Promise<R> =>
    state.run(async () => {
      try {
        return await operation();
      } catch (error) {
        throw writeError(error, kind.name);
      }
    }, writes);
  const checkNew = (doc: T): void => {
    checkDoc(kind, doc);
    if (doc.version !== 1) refuse(`a new ${kind.name} has version 1`);
  };
  const stale = (id: Id): never => {
    throw new VersionConflict(kind.name, id);
  };
  const raised = (doc: T): T => {
    checkDoc(kind, doc);
    return { ...doc, version: doc.version + 1 };
  };
  return {
    get: (id) => state.run(() => reader.get(id)),
    getMany: (ids) => state.run(() => reader.getMany(ids)),
    find: (filter, options) => state.run(() => reader.find(filter, options)),
    count: (filter, options) => state.run(() => reader.count(filter, options)),
    group: (filter, options) => state.run(() => reader.group(filter, options)),
    each: () => refuse('each is not to be had inside a transaction'),
    insert: (doc) =>
      write(async () => {
        checkNew(doc);
        await rows.insertOne(rowOf(workspaceId, doc), { session });
      }, 1),
    insertMany: (docs) =>
      write(async () => {
        docs.forEach(checkNew);
        if (docs.length > 0)
          await rows.insertMany(
            docs.map((doc) => rowOf(workspaceId, doc)),
            { session },
          );
      }, docs.length),
    replace: (doc) =>
      write(async () => {
        const next = raised(doc);
        const done = await rows.replaceOne(
          { _id: rowId(workspaceId, doc.id), v: doc.version },
          rowOf(workspaceId, next),
          { session },
        );
        return done.matchedCount === 1 ? next : stale(doc.id);
      }, 1),
    replaceMany: (docs) =>
      write(async () => {
        const next = docs.map(raised);
        if (next.length === 0) return next;
        const done = await rows.bulkWrite(
          next.map((doc) => ({
            replaceOne: {
              filter: { _id: rowId(workspaceId, doc.id), v: doc.version - 1 },
              replacement: rowOf(workspaceId, doc),
            },
          })),
          { session, ordered: true },
        );
        if (done.matchedCount === next.length) return next;
        const stored = new Map((await reader.getMany(next.map(({ id }) => id))).map((doc) => [doc.id, doc]));
        const kept = (doc: T): boolean => isDeepStrictEqual(stored.get(doc.id), rowOf(workspaceId, doc).d);
        return stale(next.find((doc) => !kept(doc))?.id ?? '');
      }, docs.length),
    remove: (id, version) =>
      write(async () => {
        checkId(id);
        const done = await rows.deleteOne({ _id: rowId(workspaceId, id), v: version }, { session });
        if (done.deletedCount !== 1) stale(id);
      }, 1),
  };
}
