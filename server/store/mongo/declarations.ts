import type { Collection, Db, Document, IndexDescription } from 'mongodb';
import { bare } from '../guard.ts';
import type { Kind, Versioned } from '../port.ts';
import type { Database } from './database.ts';

/** Index names of ours that come from the declaration of a kind. */
const PREFIX = 'i_';
/** Collections that are made ready at the same time. */
const LANES = 4;

/** MongoDB's name of a declared index. */
export const indexName = (name: string): string => `${PREFIX}${name}`;

const keyOf = (field: string): [string, 1 | -1] => [`d.${bare(field)}`, field.startsWith('-') ? -1 : 1];

/** The indexes that a kind's declaration asks for. */
export function indexesOf(kind: Kind<Versioned>): IndexDescription[] {
  return [
    { name: indexName('id'), key: { w: 1, id: 1 } },
    ...kind.indexes.map(({ name, fields, unique }) => ({
      name: indexName(name),
      key: Object.fromEntries([['w', 1], ...fields.map(keyOf), ...(unique === true ? [] : [['id', 1]])]),
      ...(unique === true ? { unique: true } : {}),
    })),
    ...kind.tokenIndexes.map(({ token, fields }, at) => ({
      name: indexName(`${token}.${at}`),
      key: Object.fromEntries([['w', 1], [`d.${token}`, 1], ...fields.map(keyOf), ['id', 1]]),
    })),
  ];
}

/**
 * What stands otherwise than declared now, and what is missing. Only indexes of kinds are ever dropped: others may be
 * an operator's.
 */
export function indexChanges(
  wanted: readonly IndexDescription[],
  present: readonly Document[],
): { drop: string[]; create: IndexDescription[] } {
  const same = (one: Document, other: Document): boolean =>
    JSON.stringify([Object.entries(one.key as object), one.unique === true]) ===
    JSON.stringify([Object.entries(other.key as object), other.unique === true]);
  const stands = (index: Document): boolean => wanted.some((one) => one.name === index.name && same(one, index));
  return {
    drop: present
      .filter((index) => String(index.name).startsWith(PREFIX) && !stands(index))
      .map(({ name }) => String(name)),
    create: wanted.filter((index) => !present.some((one) => one.name === index.name && same(one, index))),
  };
}

/** Brings collections and indexes in line with the declarations; never inside a transaction, which could not make them. */
export async function applyDeclarations(database: Database, kinds: readonly Kind<Versioned>[]): Promise<void> {
  const { db } = database;
  const existing = new Set((await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name));
  const wanted: [Collection<Document>, IndexDescription[]][] = [
    ...kinds.map((kind): [Collection<Document>, IndexDescription[]] => [
      db.collection(`k_${kind.name}`),
      indexesOf(kind),
    ]),
    [
      db.collection('journal'),
      [
        { name: 'seq', key: { w: 1, stream: 1, seq: 1 }, unique: true },
        { name: 'at', key: { w: 1, stream: 1, at: -1, id: -1 } },
      ],
    ],
    [db.collection('heads'), [{ name: 'stream', key: { w: 1, stream: 1 } }]],
    [db.collection('log'), [{ name: 'doc', key: { w: 1, doc: 1, epoch: 1, _id: 1 } }]],
    [
      db.collection('signals'),
      [
        { name: 'scope', key: { scope: 1 } },
        { name: 'gone', key: { gone: 1 }, expireAfterSeconds: 30 },
      ],
    ],
    // The name that the GridFS of every driver gives it.
    [db.collection('files.chunks'), [{ name: 'files_id_1_n_1', key: { files_id: 1, n: 1 }, unique: true }]],
    [db.collection('files.files'), []],
    [db.collection('personal'), []],
    [db.collection('meta'), []],
  ];
  const lane = async (): Promise<void> => {
    for (let next = wanted.shift(); next !== undefined; next = wanted.shift()) {
      const [collection, indexes] = next;
      const stands = existing.has(collection.collectionName);
      // The first index makes its collection.
      if (!stands && indexes.length === 0) await createOnce(db, collection.collectionName);
      const present = stands ? await collection.listIndexes().toArray() : [];
      const { drop, create } = indexChanges(indexes, present);
      for (const name of drop) await dropOnce(collection, name);
      if (create.length > 0) await collection.createIndexes(create);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

/** Two nodes may start at the same moment. */
async function createOnce(db: Db, name: string): Promise<void> {
  try {
    await db.createCollection(name);
  } catch (error) {
    if ((error as { codeName?: string }).codeName !== 'NamespaceExists') throw error;
  }
}

async function dropOnce(collection: Collection<Document>, name: string): Promise<void> {
  try {
    await collection.dropIndex(name);
  } catch (error) {
    if ((error as { codeName?: string }).codeName !== 'IndexNotFound') throw error;
  }
}
