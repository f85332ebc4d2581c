import { newId } from '#server/store/id.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Kind, NewEvent, Store, Versioned } from '#server/store/port.ts';

/** A database that a suite opens and closes as it likes; `destroy` removes it. */
export interface TestDatabase {
  open(options: OpenOptions): Promise<Store>;
  destroy(): Promise<void>;
}

export interface OpenOptions {
  kinds: readonly Kind<Versioned>[];
  strictIndexes: boolean;
  /** Run the work of every transaction once more than needed, undoing the first run. */
  injectRetry?: boolean;
  /** The version of the documents' shape that the code is taken to know. */
  schemaVersion?: number;
}

export type MakeDatabase = () => Promise<TestDatabase>;

/** One of everything that a kind can declare. */
export interface Thing extends Versioned {
  state: string;
  owner: string | null;
  priority: number;
  day: string;
  at: string;
  flag: boolean;
  key: string;
  sums: { cents: number };
  access: string[];
  words: string[];
  note: string;
}

export const things: Kind<Thing> = {
  name: 'thing',
  fields: {
    state: 'string',
    owner: 'string',
    priority: 'number',
    day: 'day',
    at: 'instant',
    flag: 'boolean',
    key: 'string',
    'sums.cents': 'number',
    access: 'tokens',
    words: 'tokens',
  },
  indexes: [
    { name: 'byKey', fields: ['key'], unique: true },
    { name: 'byState', fields: ['state', '-priority'] },
    { name: 'byOwner', fields: ['owner'] },
    { name: 'by-priority', fields: ['-priority'] },
    { name: 'byDay', fields: ['day', '-priority'] },
  ],
  tokenIndexes: [
    { token: 'access', fields: ['state', '-priority'] },
    { token: 'access', fields: ['owner', 'day'] },
    { token: 'words', fields: [] },
  ],
};

/** A second kind, without tokens. */
export interface Other extends Versioned {
  label: string;
}

export const others: Kind<Other> = {
  name: 'other',
  fields: { label: 'string' },
  indexes: [{ name: 'byLabel', fields: ['label'] }],
  tokenIndexes: [],
};

export const TEST_KINDS: readonly Kind<Versioned>[] = [things, others];

export function buildThing(some: Partial<Thing> = {}): Thing {
  const id = some.id ?? newId();
  return {
    id,
    version: 1,
    state: 'open',
    owner: null,
    priority: 0,
    day: '2026-11-22',
    at: '2026-11-22T08:00:00.000Z',
    flag: false,
    key: id,
    sums: { cents: 0 },
    access: [],
    words: [],
    note: '',
    ...some,
  };
}

export function buildEvent(some: Partial<NewEvent> = {}): NewEvent {
  return {
    id: newId(),
    name: 'thing.changed',
    at: '2026-11-22T08:00:00.000Z',
    day: '2026-11-22',
    actor: 'system',
    data: {},
    personal: null,
    ...some,
  };
}

/** A workspace of its own for each test, so that tests of one database do not meet. */
export function freshWorkspace(): Id {
  return newId();
}

/** Waits for a condition. Throws after `ms`. */
export async function until(condition: () => boolean | Promise<boolean>, what: string, ms = 15_000): Promise<void> {
  const end = Date.now() + ms;
  while (!(await condition())) {
    if (Date.now() > end) throw new Error(`waited ${ms} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
