import { changeAll } from '#server/store/migrations/migrate.ts';
import { SCHEMA_VERSION } from '#server/store/migrations/version.ts';
import type { Migration } from '#server/store/migrations/migration.ts';
import type { Kind, Versioned } from '#server/store/port.ts';
import { things } from '../contract/suite/kinds.ts';
import type { Thing } from '../contract/suite/kinds.ts';

/** Things as a later version would have them: a band, indexed, and two words for a state. */
export interface LaterThing extends Thing {
  band: string;
}

export const laterThings: Kind<LaterThing> = {
  name: 'thing',
  fields: { ...things.fields, band: 'string' },
  indexes: [...things.indexes, { name: 'byBand', fields: ['band', '-priority'] }],
  tokenIndexes: [...things.tokenIndexes, { token: 'access', fields: ['band'] }],
};

const everyThing = laterThings as unknown as Kind<Versioned>;

/** What the store of the tests is brought to, from the version that this code writes. */
export const LATER_VERSION = SCHEMA_VERSION + 2;

export const LATER_MIGRATIONS: readonly Migration[] = [
  {
    to: SCHEMA_VERSION + 1,
    name: 'things have a band',
    run: async ({ store, workspaces }) => {
      for (const id of workspaces) {
        await changeAll(store.workspace(id), laterThings, (thing) =>
          (thing.band as string | undefined) === undefined
            ? { ...thing, band: thing.priority > 10 ? 'high' : 'low' }
            : null,
        );
      }
    },
  },
  {
    to: LATER_VERSION,
    name: 'idle things rest',
    run: async ({ store, workspaces }) => {
      for (const id of workspaces) {
        await changeAll(store.workspace(id), laterThings, (thing) =>
          thing.state === 'idle' ? { ...thing, state: 'resting' } : null,
        );
      }
    },
  },
];

export const LATER_KINDS = [everyThing];
