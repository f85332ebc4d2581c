import { bare, checkId, checkTyped, fieldValue, refuse } from '#server/store/guard.ts';
import { RefusedByPort, RefusedCursor } from '#server/store/port.ts';
import type { FieldType, Filter, FindOptions, GroupOptions, Kind, Scalar, Versioned } from '#server/store/port.ts';

/** Filters, sorts and cursors as both stores receive them: checked, typed, and with no operator left to guess. */

export type Operator = 'eq' | 'in' | 'lt' | 'lte' | 'gt' | 'gte' | 'ne' | 'anyOf' | 'allOf' | 'prefix';

/** `anyOf`, `allOf` and `prefix` are about a token array; the others about a scalar. `in`, `anyOf`, `allOf` carry a list. */
export interface Term {
  field: string;
  type: FieldType;
  op: Operator;
  value: Scalar | Scalar[];
}

/** AND of `terms`, and of "one of these ANDs" when `or` is there. */
export interface CheckedFilter {
  terms: Term[];
  or: Term[][] | null;
}

export interface SortField {
  field: string;
  descending: boolean;
}

/** A checked find: `sort` ends with `id`, `after` holds one value for each sort field. */
export interface CheckedFind {
  filter: CheckedFilter;
  sort: SortField[];
  limit: number;
  after: Scalar[] | null;
}

const SCALAR_OPERATORS: Record<string, Operator> = { $lt: 'lt', $lte: 'lte', $gt: 'gt', $gte: 'gte', $ne: 'ne' };
/** Values in one `$in`, `$all`: lists beyond belong in several queries. */
export const MAX_LIST = 1_000;
export const MAX_LIMIT = 1_000;
export const DEFAULT_LIMIT = 100;

type Declared = Kind<Versioned>;

/** The declared type of a field; `id` is declared by itself. */
export function fieldType(kind: Declared, field: string): FieldType {
  if (field === 'id') return 'string';
  const type = Object.hasOwn(kind.fields, field) ? kind.fields[field] : undefined;
  return type ?? refuse(`${kind.name}.${field} is not declared`);
}

/** Checks a filter against its kind. Throws RefusedByPort for everything outside the closed list. */
export function checkFilter(kind: Declared, filter: Filter): CheckedFilter {
  const record = plainRecord(filter, 'a filter');
  const terms: Term[] = [];
  let or: Term[][] | null = null;
  for (const [field, condition] of Object.entries(record)) {
    if (field !== '$or') {
      terms.push(...checkCondition(kind, field, condition));
      continue;
    }
    if (!Array.isArray(condition) || condition.length === 0) refuse('$or needs a list of filters');
    or = condition.map((branch) => {
      const inner = Object.entries(plainRecord(branch, 'a branch of $or'));
      if (inner.length === 0) refuse('an empty branch in $or');
      return inner.flatMap(([name, value]) => {
        if (name === '$or') refuse('$or inside $or');
        return checkCondition(kind, name, value);
      });
    });
  }
  return { terms, or };
}

function plainRecord(value: unknown, what: string): Record<string, unknown> {
  const plain = typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!plain || ![Object.prototype, null].includes(Object.getPrototypeOf(value))) refuse(`${what} must be an object`);
  return value as Record<string, unknown>;
}

function checkCondition(kind: Declared, field: string, condition: unknown): Term[] {
  if (field.startsWith('$')) refuse(`${field} is not in the port`);
  const type = fieldType(kind, field);
  const where = `${kind.name}.${field}`;
  if (condition === null || typeof condition !== 'object') return [scalarTerm(type, field, condition, where)];
  const entries = Object.entries(plainRecord(condition, `the condition on ${where}`));
  if (entries.length === 0) refuse(`an empty condition on ${where}`);
  return entries.map(([operator, value]) => operatorTerm(type, field, operator, value, where));
}

function scalarTerm(type: FieldType, field: string, value: unknown, where: string): Term {
  if (value === undefined) refuse(`undefined in the filter on ${where}`);
  if (type === 'tokens') return { field, type, op: 'anyOf', value: tokenList([value], where) };
  checkTyped(type, value, where);
  return { field, type, op: 'eq', value: value as Scalar };
}

function operatorTerm(type: FieldType, field: string, operator: string, value: unknown, where: string): Term {
  if (operator === '$in') {
    if (type === 'tokens') return { field, type, op: 'anyOf', value: tokenList(value, where) };
    const list = checkList(value, where);
    for (const one of list) checkDefinedTyped(type, one, where);
    return { field, type, op: 'in', value: [...new Set(list as Scalar[])] };
  }
  if (type === 'tokens') {
    if (operator === '$all') {
      const list = tokenList(value, where);
      if (list.length === 0) refuse(`an empty $all on ${where}`);
      return { field, type, op: 'allOf', value: list };
    }
    if (operator === '$prefix') {
      if (typeof value !== 'string' || value === '' || !value.isWellFormed())
        refuse(`$prefix on ${where} needs a text`);
      return { field, type, op: 'prefix', value };
    }
    refuse(`${operator} on the tokens ${where}`);
  }
  const op = Object.hasOwn(SCALAR_OPERATORS, operator) ? SCALAR_OPERATORS[operator] : undefined;
  if (!op) refuse(`${operator} on ${where} is not in the port`);
  checkDefinedTyped(type, value, where);
  if (value === null && op !== 'ne') refuse(`${operator} null on ${where}`);
  if (type === 'boolean' && op !== 'ne') refuse(`${operator} on the boolean ${where}`);
  return { field, type, op, value: value as Scalar };
}

function checkDefinedTyped(type: FieldType, value: unknown, where: string): void {
  if (value === undefined) refuse(`undefined in the filter on ${where}`);
  checkTyped(type, value, where);
}

function checkList(value: unknown, where: string): unknown[] {
  if (!Array.isArray(value)) refuse(`a list is needed on ${where}`);
  if (value.length > MAX_LIST) refuse(`more than ${MAX_LIST} values on ${where}`);
  return value as unknown[];
}

function tokenList(value: unknown, where: string): string[] {
  const list = checkList(value, where);
  for (const token of list) {
    if (typeof token !== 'string' || token === '' || !token.isWellFormed())
      refuse(`tokens on ${where} are non-empty strings`);
  }
  return [...new Set(list as string[])];
}

/** Checks a sort and ends it with `id`. */
export function checkSort(kind: Declared, sort: readonly string[]): SortField[] {
  const fields: SortField[] = [];
  for (const [at, name] of sort.entries()) {
    const field = bare(name);
    const type = fieldType(kind, field);
    if (type === 'tokens' || type === 'boolean') refuse(`${kind.name} cannot be sorted by ${field}`);
    if (fields.some((one) => one.field === field)) refuse(`${kind.name} sorted twice by ${field}`);
    if (field === 'id' && at !== sort.length - 1) refuse('id can only end a sort');
    fields.push({ field, descending: name !== field });
  }
  if (fields.at(-1)?.field !== 'id') fields.push({ field: 'id', descending: false });
  return fields;
}

export function checkFind(kind: Declared, filter: Filter, options: FindOptions): CheckedFind {
  const limit = options.limit ?? DEFAULT_LIMIT;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) refuse(`limit must be 1 to ${MAX_LIMIT}`);
  const sort = checkSort(kind, options.sort ?? []);
  return { filter: checkFilter(kind, filter), sort, limit, after: readCursor(kind, sort, options.after ?? null) };
}

export function checkGroup(kind: Declared, options: GroupOptions): Required<GroupOptions> {
  for (const field of options.by)
    if (fieldType(kind, field) === 'tokens') refuse(`cannot group by the tokens ${field}`);
  for (const field of options.sum ?? []) {
    if (fieldType(kind, field) !== 'number') refuse(`cannot sum ${field}, which is not a number`);
  }
  for (const field of [...(options.min ?? []), ...(options.max ?? [])]) {
    const type = fieldType(kind, field);
    if (type === 'tokens' || type === 'boolean') refuse(`no min or max of ${field}`);
  }
  return { by: options.by, sum: options.sum ?? [], count: true, min: options.min ?? [], max: options.max ?? [] };
}

/** The cursor after `doc`. Throws RefusedByPort if a sorted field is null: no page could go on from there. */
export function cursorAfter(kind: Declared, sort: readonly SortField[], doc: Versioned): string {
  const values = sort.map(({ field }) => fieldValue(doc, field) as Scalar);
  return Buffer.from(JSON.stringify([kind.name, ...sort.map(sortName), ...values])).toString('base64url');
}

/** Refuses documents that hold null in a field they are sorted by. */
export function checkSorted(kind: Declared, sort: readonly SortField[], docs: readonly Versioned[]): void {
  for (const { field } of sort) {
    for (const doc of docs) {
      if ((fieldValue(doc, field) ?? null) === null) {
        refuse(`${kind.name} ${doc.id} holds null in ${field}, which it is sorted by`);
      }
    }
  }
}

function sortName({ field, descending }: SortField): string {
  return descending ? `-${field}` : field;
}

/** A cursor comes back from browsers: anything wrong with it is refused, never thrown by the parser. */
function readCursor(kind: Declared, sort: readonly SortField[], cursor: string | null): Scalar[] | null {
  try {
    return cursor === null ? null : decodeCursor(kind, sort, cursor);
  } catch (error) {
    if (error instanceof RefusedByPort) throw new RefusedCursor(error.message);
    throw error;
  }
}

function decodeCursor(kind: Declared, sort: readonly SortField[], cursor: string): Scalar[] {
  let parts: unknown = null;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch (error) {
    throw new RefusedByPort(`not a cursor: ${(error as Error).message}`);
  }
  const names = [kind.name, ...sort.map(sortName)];
  if (
    !Array.isArray(parts) ||
    parts.length !== names.length + sort.length ||
    names.some((name, at) => parts[at] !== name)
  ) {
    refuse('this cursor belongs to another list');
  }
  const values = parts.slice(names.length) as unknown[];
  for (const [at, { field }] of sort.entries()) {
    if (values[at] === null || values[at] === undefined) refuse('this cursor is damaged');
    checkTyped(fieldType(kind, field), values[at], field);
  }
  checkId(values.at(-1));
  return values as Scalar[];
}
