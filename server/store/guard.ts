import { RefusedByPort } from '#server/store/port.ts';
import type { FieldType, Kind, NewEvent, Versioned } from '#server/store/port.ts';

/**
 * The one guard before both stores: what it lets through means the same in SQLite and in MongoDB. Everything else is
 * refused loudly, so that nothing works on one of them only.
 */

/** Size caps, in UTF-16 units and a few per value: MongoDB's own limit is 16 MB. */
export const MAX_DOC_SIZE = 4_000_000;
export const MAX_EVENT_SIZE = 512_000;
export const MAX_DEPTH = 50;
/** Documents and events written by one transaction; MongoDB becomes very slow above. */
export const MAX_TX_WRITES = 5_000;

const NAME = /^[a-z][A-Za-z0-9]{0,40}$/;
const INDEX_NAME = /^[A-Za-z][A-Za-z0-9.-]{0,60}$/;
/** A field may lie inside an object: `buckets.over90`. */
const FIELD = /^[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/;

export function refuse(reason: string): never {
  throw new RefusedByPort(reason);
}

/** Refuses what a document may not hold; answers an estimate of its size. */
export function checkValue(value: unknown, key: string, depth = 0): number {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) refuse(`lone surrogate in ${key}`);
      return value.length + 4;
    case 'number':
      if (!Number.isFinite(value)) refuse(`${value} in ${key}`);
      if (Number.isInteger(value) && !Number.isSafeInteger(value)) refuse(`unsafe integer in ${key}`);
      return 10;
    case 'boolean':
      return 5;
    case 'object':
      break;
    default:
      refuse(`${typeof value} in ${key}`);
  }
  if (value === null) return 5;
  if (depth >= MAX_DEPTH) refuse(`nested more than ${MAX_DEPTH} deep in ${key}`);
  let size = 4;
  if (Array.isArray(value)) {
    for (let at = 0; at < value.length; at += 1) size += checkValue(value[at], key, depth + 1);
    return size;
  }
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== null) {
    refuse(`${(value as { constructor?: { name?: string } }).constructor?.name ?? 'foreign object'} in ${key}`);
  }
  for (const inner of Object.keys(value)) {
    checkKey(inner, key);
    size += inner.length + 4 + checkValue((value as Record<string, unknown>)[inner], inner, depth + 1);
  }
  return size;
}

/** Keys that a database or its driver could take for an operator, a path, a type or a prototype. */
function checkKey(key: string, parent: string): void {
  const wrong =
    key === '' ||
    key === '__proto__' ||
    key === '_bsontype' ||
    key.startsWith('$') ||
    key.includes('.') ||
    key.includes('\0') ||
    !key.isWellFormed();
  if (wrong) refuse(`key ${JSON.stringify(key)} in ${parent}: empty, dotted, reserved, or begins with $`);
}

/** Refuses a value that is not of the declared type. `null` stands for "none". */
export function checkTyped(type: FieldType, value: unknown, field: string): void {
  if (value === null) return;
  const right =
    type === 'number'
      ? typeof value === 'number' && Number.isFinite(value)
      : type === 'boolean'
        ? typeof value === 'boolean'
        : typeof value === 'string' &&
          (type === 'day' ? DAY.test(value) : type === 'instant' ? INSTANT.test(value) : value.isWellFormed());
  if (!right) refuse(`${field} must be ${type === 'tokens' ? 'a string token' : `a ${type}`} or null`);
}

/** An id of a document: a non-empty string of at most 200 characters. */
export function checkId(id: unknown): void {
  if (typeof id !== 'string' || id === '' || id.length > 200 || !id.isWellFormed()) refuse('an id must be a string');
}

/** Whole document against its kind: values, declared fields present and typed, unique fields set. */
export function checkDoc<T extends Versioned>(kind: Kind<T>, doc: T): void {
  const size = checkValue(doc, kind.name);
  if (size > MAX_DOC_SIZE) refuse(`${kind.name} ${doc.id} is larger than ${MAX_DOC_SIZE}`);
  checkId(doc.id);
  if (!Number.isSafeInteger(doc.version) || doc.version < 1) refuse(`${kind.name} ${doc.id} has no version`);
  for (const field in kind.fields) {
    const type = kind.fields[field] as FieldType;
    const value = fieldValue(doc, field);
    if (value === undefined) refuse(`${kind.name} ${doc.id} lacks the declared field ${field}`);
    if (type !== 'tokens') {
      checkTyped(type, value, `${kind.name}.${field}`);
    } else {
      if (!Array.isArray(value)) refuse(`${kind.name}.${field} must be an array of tokens`);
      for (const token of value as unknown[]) {
        if (typeof token !== 'string' || token === '') refuse(`${kind.name}.${field} must hold non-empty strings`);
      }
    }
  }
  for (const index of kind.indexes) {
    if (!index.unique) continue;
    for (const field of index.fields) {
      if (fieldValue(doc, bare(field)) === null)
        refuse(`${kind.name}.${field} is null in the unique index ${index.name}`);
    }
  }
}

/** The value of a declared field, which may lie inside an object; undefined when it is not there. */
export function fieldValue(doc: Versioned, field: string): unknown {
  if (!field.includes('.')) return (doc as unknown as Record<string, unknown>)[field];
  let value: unknown = doc;
  for (const part of field.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

/** A field of an index or a sort without its direction. */
export function bare(field: string): string {
  return field.startsWith('-') ? field.slice(1) : field;
}

/** Refuses a declaration that one of the stores could not serve. Called once for each kind at start. */
export function checkKind(kind: Kind<Versioned>): void {
  if (!NAME.test(kind.name)) refuse(`${kind.name} is not a name for a kind`);
  for (const field of Object.keys(kind.fields)) {
    if (!FIELD.test(field) || field === 'id' || field === 'version') refuse(`${kind.name}.${field} cannot be declared`);
  }
  const names = new Set<string>(['id']);
  for (const index of kind.indexes) {
    if (!INDEX_NAME.test(index.name)) refuse(`${kind.name}: ${index.name} is not a name for an index`);
    if (names.has(index.name)) refuse(`${kind.name}: two indexes named ${index.name}`);
    names.add(index.name);
    if (index.fields.length === 0) refuse(`${kind.name}.${index.name} has no fields`);
    checkFieldList(kind, index.fields);
  }
  for (const { token, fields } of kind.tokenIndexes) {
    if (kind.fields[token] !== 'tokens') refuse(`${kind.name}.${token} is not declared as tokens`);
    checkFieldList(kind, fields);
  }
}

function checkFieldList(kind: Kind<Versioned>, fields: readonly string[]): void {
  for (const field of fields) {
    const type = kind.fields[bare(field)];
    if (!type) refuse(`${kind.name}.${field} is indexed but not declared`);
    if (type === 'tokens') refuse(`${kind.name}.${field}: tokens belong in tokenIndexes`);
  }
  if (new Set(fields.map(bare)).size !== fields.length) refuse(`${kind.name}: a field twice in one index`);
}

/** An event before it is stored. */
export function checkEvent(event: NewEvent): void {
  checkId(event.id);
  for (const text of [event.name, event.actor]) {
    if (typeof text !== 'string' || text === '' || !text.isWellFormed()) refuse('an event needs a name and an actor');
  }
  if (!INSTANT.test(event.at)) refuse(`at of ${event.name} must be an instant`);
  if (!DAY.test(event.day)) refuse(`day of ${event.name} must be a day`);
  const size =
    checkValue(event.data, event.name) + (event.personal === null ? 0 : checkValue(event.personal, event.name));
  if (size > MAX_EVENT_SIZE) refuse(`${event.name} is larger than ${MAX_EVENT_SIZE}: say it in several events`);
}

/** A stream's or a Yjs document's name. */
export function checkName(name: unknown): void {
  if (typeof name !== 'string' || name === '' || name.length > 300 || !name.isWellFormed()) refuse('not a name');
}
