import { DuplicateKey, VersionConflict } from '#server/store/port.ts';
import type { Filter, Group, GroupOptions, Scalar } from '#server/store/port.ts';
import type { Thing } from './kinds.ts';

/** The plainest possible store of things: arrays, loops, and nothing shared with either adapter. */

export type Part = Record<string, unknown>;

/** Strings in the order of their UTF-8 bytes, as both databases have it; null first. */
export function compareValues(a: unknown, b: unknown): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  return Number(a) - Number(b);
}

export function valueOf(doc: Thing, field: string): Scalar {
  return (field === 'sums.cents' ? doc.sums.cents : (doc as unknown as Record<string, Scalar>)[field]) as Scalar;
}

function holds(doc: Thing, field: string, condition: unknown): boolean {
  if (field === 'access' || field === 'words') {
    const tokens = doc[field];
    if (typeof condition === 'string') return tokens.includes(condition);
    const { $in, $all, $prefix } = condition as { $in?: string[]; $all?: string[]; $prefix?: string };
    return (
      (!$in || $in.some((token) => tokens.includes(token))) &&
      (!$all || $all.every((token) => tokens.includes(token))) &&
      (!$prefix || tokens.some((token) => token.startsWith($prefix)))
    );
  }
  const value = valueOf(doc, field);
  if (condition === null || typeof condition !== 'object') return value === condition;
  return Object.entries(condition as Part).every(([operator, wanted]) => {
    if (operator === '$in') return (wanted as unknown[]).includes(value);
    if (operator === '$ne') return value !== wanted;
    if (value === null) return false;
    const order = compareValues(value, wanted);
    return { $lt: order < 0, $lte: order <= 0, $gt: order > 0, $gte: order >= 0 }[operator];
  });
}

export function matches(doc: Thing, filter: Filter): boolean {
  return Object.entries(filter).every(([field, condition]) =>
    field === '$or' ? (condition as Filter[]).some((branch) => matches(doc, branch)) : holds(doc, field, condition),
  );
}

export class Model {
  docs = new Map<string, Thing>();

  insert(doc: Thing): void {
    if (this.docs.has(doc.id)) throw new DuplicateKey('thing', 'id');
    this.#checkKey(doc);
    this.docs.set(doc.id, structuredClone(doc));
  }

  replace(doc: Thing): Thing {
    if (this.docs.get(doc.id)?.version !== doc.version) throw new VersionConflict('thing', doc.id);
    this.#checkKey(doc);
    const next = { ...structuredClone(doc), version: doc.version + 1 };
    this.docs.set(doc.id, next);
    return structuredClone(next);
  }

  remove(id: string, version: number): void {
    if (this.docs.get(id)?.version !== version) throw new VersionConflict('thing', id);
    this.docs.delete(id);
  }

  /** All matches, sorted, `id` last. */
  find(filter: Filter, sort: readonly string[]): Thing[] {
    return [...this.docs.values()].filter((doc) => matches(doc, filter)).sort((a, b) => this.#compare(a, b, sort));
  }

  count(filter: Filter, upTo: number | undefined): number {
    return Math.min(this.find(filter, []).length, upTo ?? Infinity);
  }

  group(filter: Filter, { by, sum = [], min = [], max = [] }: GroupOptions): Group[] {
    const groups = Map.groupBy(this.find(filter, []), (doc) => JSON.stringify(by.map((field) => valueOf(doc, field))));
    return [...groups.values()].map((docs) => {
      const first = docs[0] as Thing;
      const extreme = (field: string, sign: number): Scalar =>
        docs
          .map((doc) => valueOf(doc, field))
          .filter((value) => value !== null)
          .sort((a, b) => sign * compareValues(a, b))[0] ?? null;
      return {
        key: Object.fromEntries(by.map((field) => [field, valueOf(first, field)])),
        count: docs.length,
        sum: Object.fromEntries(
          sum.map((field) => [field, docs.reduce((total, doc) => total + Number(valueOf(doc, field)), 0)]),
        ),
        min: Object.fromEntries(min.map((field) => [field, extreme(field, 1)])),
        max: Object.fromEntries(max.map((field) => [field, extreme(field, -1)])),
      };
    });
  }

  /** A transaction: everything or nothing. */
  atomically<R>(work: () => R): R {
    const before = new Map(this.docs);
    try {
      return work();
    } catch (error) {
      this.docs = before;
      throw error;
    }
  }

  #checkKey(doc: Thing): void {
    for (const other of this.docs.values()) {
      if (other.id !== doc.id && other.key === doc.key) throw new DuplicateKey('thing', 'byKey');
    }
  }

  #compare(a: Thing, b: Thing, sort: readonly string[]): number {
    for (const name of [...sort, ...(sort.some((one) => one.endsWith('id')) ? [] : ['id'])]) {
      const field = name.replace('-', '');
      const order = compareValues(valueOf(a, field), valueOf(b, field));
      if (order !== 0) return name.startsWith('-') ? -order : order;
    }
    return 0;
  }
}

/** Groups in an order of their own, for comparison. */
export function sortedGroups(groups: Group[]): Group[] {
  return groups.toSorted((a, b) => (JSON.stringify(a.key) < JSON.stringify(b.key) ? -1 : 1));
}
