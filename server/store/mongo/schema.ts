import { MongoServerError } from 'mongodb';
import type { Id } from '#lib/domain/values.ts';
import { newId } from '../id.ts';
import { RefusedByPort, type Kind, type Store, type Versioned } from '../port.ts';
import type { Database } from './database.ts';
import { duplicateOf, outside } from './errors.ts';

const VERSION_ROW = 'schemaVersion';
const TURN_ROW = 'migrating';
/** A node that died while it migrated is waited for so long (ms); longer than clocks differ. */
const TURN_MS = 60_000;
const ASK_EVERY_MS = 500;

const versionOf = async ({ meta }: Database): Promise<number> => (await meta.findOne({ _id: VERSION_ROW }))?.value ?? 1;

/** Refuses a database whose documents have a shape that this code does not know. */
export async function refuseNewer(database: Database, known: number): Promise<void> {
  const version = await versionOf(database);
  if (version > known)
    throw new RefusedByPort(
      `the database ${database.db.databaseName} was written by a newer Encours (version ${version}; this one knows ${known})`,
    );
}

/** Whether nothing was ever stored under the database's name. */
export async function isNew({ db }: Database): Promise<boolean> {
  return (await db.listCollections({}, { nameOnly: true }).toArray()).length === 0;
}

/** Gives a new database the version of the code that makes it; of two nodes, the first one's stays. */
export async function giveVersion({ meta }: Database, version: number): Promise<void> {
  await meta.updateOne({ _id: VERSION_ROW }, { $setOnInsert: { value: version } }, { upsert: true });
}

/** The version of the documents' shape, and one node's turn to change it. */
export function schemaOf(database: Database, kinds: readonly Kind<Versioned>[]): Store['schema'] {
  const { meta } = database;
  const take = async (holder: string): Promise<boolean> => {
    const now = Date.now();
    try {
      await meta.updateOne(
        { _id: TURN_ROW, $or: [{ value: { $lt: now } }, { holder }] },
        { $set: { value: now + TURN_MS, holder } },
        { upsert: true },
      );
      return true;
    } catch (error) {
      // Somebody else's: the upsert met their row.
      if (error instanceof MongoServerError && duplicateOf(error) !== null) return false;
      throw error;
    }
  };
  return {
    version: () => outside(() => versionOf(database)),
    setVersion: (version) =>
      outside(async () => void (await meta.replaceOne({ _id: VERSION_ROW }, { value: version }, { upsert: true }))),
    workspaces: () => outside(() => workspacesOf(database, kinds)),
    alone: async (work) => {
      const holder = newId();
      while (!(await outside(() => take(holder)))) await new Promise((resolve) => setTimeout(resolve, ASK_EVERY_MS));
      const keep = setInterval(() => void take(holder).catch(() => undefined), TURN_MS / 3);
      try {
        return await work();
      } finally {
        clearInterval(keep);
        await meta.deleteOne({ _id: TURN_ROW, holder }).catch(() => undefined);
      }
    },
  };
}

/** Whoever has written a document, an event or an update. */
async function workspacesOf(database: Database, kinds: readonly Kind<Versioned>[]): Promise<Id[]> {
  const found = new Set<string>();
  const collections = [...kinds.map(({ name }) => database.kind(name)), database.journal, database.log];
  for (const collection of collections)
    for (const { _id } of await collection.aggregate<{ _id: string }>([{ $group: { _id: '$w' } }]).toArray())
      found.add(_id);
  return [...found].sort();
}
