import type { ClientSession } from 'mongodb';
import type { Id } from '#lib/domain/values.ts';
import {
  CHAIN_START,
  chainVerifier,
  headAfter,
  linkEvents,
  STREAM_START,
  type ChainRow,
  type LinkedEvent,
} from '../chain.ts';
import { checkEvent, checkName, refuse } from '../guard.ts';
import { DuplicateKey, type NewEvent, type StoredEvent, type Value, type WorkspaceStore } from '../port.ts';
import { rowId, type Database, type EventRow, type PersonalRow } from './database.ts';
import { duplicateOf, outside, tryAgain } from './errors.ts';

const VERIFY_CHUNK = 500;
const MAX_READ = 5_000;

function eventOf(row: EventRow, personal: PersonalRow | undefined): StoredEvent {
  return {
    workspaceId: row.w,
    stream: row.stream,
    seq: row.seq,
    id: row.id,
    name: row.name,
    at: row.at,
    day: row.day,
    actor: row.actor,
    data: JSON.parse(row.data) as { [key: string]: Value },
    personal: personal === undefined ? null : (JSON.parse(personal.data) as { [key: string]: Value }),
    erased: row.digest !== null && personal === undefined,
    personalDigest: row.digest,
    prevHash: row.prev,
    hash: row.hash,
  };
}

function rowOf(event: StoredEvent): EventRow {
  const { workspaceId, stream, seq, id, name, at, day, actor, data, personalDigest, prevHash, hash } = event;
  return {
    _id: rowId(workspaceId, id),
    w: workspaceId,
    stream,
    seq,
    id,
    name,
    at,
    day,
    actor,
    data: JSON.stringify(data),
    digest: personalDigest,
    prev: prevHash,
    hash,
  };
}

async function rowsWithSalt(database: Database, rows: readonly EventRow[]): Promise<ChainRow[]> {
  const ids = rows.filter(({ digest }) => digest !== null).map(({ _id }) => _id);
  const found = ids.length === 0 ? [] : await database.personal.find({ _id: { $in: ids } }).toArray();
  const byId = new Map(found.map((row) => [row._id, row]));
  return rows.map((row) => ({ event: eventOf(row, byId.get(row._id)), salt: byId.get(row._id)?.salt ?? null }));
}

/** Stored rows with their personal parts, in the order given. */
export async function eventsOf(database: Database, rows: readonly EventRow[]): Promise<StoredEvent[]> {
  return (await rowsWithSalt(database, rows)).map(({ event }) => event);
}

/** Appends to one stream inside a transaction: seq without gap, `at` moved on where the clock stood still, chained. */
export async function appendEvents(
  database: Database,
  session: ClientSession,
  workspaceId: Id,
  stream: string,
  events: readonly NewEvent[],
): Promise<StoredEvent[]> {
  checkName(stream);
  events.forEach(checkEvent);
  if (events.length === 0) return [];
  const headId = rowId(workspaceId, stream);
  const known = await database.heads.findOne({ _id: headId }, { session });
  const head = known === null ? STREAM_START : { seq: known.seq, hash: known.hash, at: known.at };
  const linked = linkEvents(head, workspaceId, stream, events);
  const rows = linked.map(({ event }) => rowOf(event));
  const personal = linked.flatMap(({ event, salt }) =>
    salt === null ? [] : [{ _id: rowId(workspaceId, event.id), salt, data: JSON.stringify(event.personal) }],
  );
  const next = headAfter(linked.at(-1) as LinkedEvent);
  try {
    await database.heads.replaceOne({ _id: headId }, { w: workspaceId, stream, ...next }, { session, upsert: true });
    await database.journal.insertMany(rows, { session });
    if (personal.length > 0) await database.personal.insertMany(personal, { session });
  } catch (error) {
    const duplicate = duplicateOf(error);
    if (duplicate?.index === '_id_' && (await isTaken(database, rows))) throw new DuplicateKey('event', 'id');
    // Another node wrote this stream since the snapshot: its head or its seq is taken.
    throw duplicate === null ? error : tryAgain(error);
  }
  return linked.map(({ event }) => event);
}

/** Whether one of the ids is another event's already; read outside the transaction, which has failed. */
async function isTaken(database: Database, rows: readonly EventRow[]): Promise<boolean> {
  if (new Set(rows.map(({ _id }) => _id)).size < rows.length) return true;
  return (await database.journal.findOne({ _id: { $in: rows.map(({ _id }) => _id) } })) !== null;
}

/** The journal of one workspace. */
export function journalOf(database: Database, workspaceId: Id): WorkspaceStore['journal'] {
  const { journal, heads, personal } = database;
  const head = async (stream: string): Promise<{ seq: number; hash: string }> => {
    const row = await heads.findOne({ _id: rowId(workspaceId, stream) });
    return row === null ? CHAIN_START : { seq: row.seq, hash: row.hash };
  };
  const rowsAfter = (stream: string, afterSeq: number, limit: number): Promise<EventRow[]> =>
    journal
      .find({ w: workspaceId, stream, seq: { $gt: afterSeq } })
      .sort({ seq: 1 })
      .limit(limit)
      .toArray();
  return {
    read: (stream, afterSeq, limit) =>
      outside(async () => {
        checkName(stream);
        checkLimit(limit);
        return eventsOf(database, await rowsAfter(stream, afterSeq, limit));
      }),
    page: (streams, { names = null, before = null, limit }) =>
      outside(async () => {
        checkLimit(limit);
        for (const stream of streams) checkName(stream);
        const distinct = [...new Set(streams)];
        if (distinct.length === 0) return [];
        if (distinct.length > 100) refuse('more than 100 streams in one page');
        const rows = await journal
          .find({
            w: workspaceId,
            stream: { $in: distinct },
            ...(names === null ? {} : { name: { $in: [...names] } }),
            ...(before === null
              ? {}
              : {
                  at: { $lte: before.at },
                  $or: [{ at: { $lt: before.at } }, { at: before.at, id: { $lt: before.id } }],
                }),
          })
          .sort({ at: -1, id: -1 })
          .limit(limit)
          .toArray();
        return eventsOf(database, rows);
      }),
    get: (id) =>
      outside(async () => {
        const row = await journal.findOne({ _id: rowId(workspaceId, id) });
        return row === null ? null : ((await eventsOf(database, [row]))[0] ?? null);
      }),
    head: (stream) => outside(() => head(stream)),
    // Page by page: what is done with each stream may take longer than the server keeps a cursor.
    streams: async function* () {
      for (let after = ''; ;) {
        const rows = await outside(() =>
          heads
            .find({ w: workspaceId, stream: { $gt: after } })
            .sort({ stream: 1 })
            .limit(VERIFY_CHUNK)
            .toArray(),
        );
        for (const { stream, seq, hash } of rows) yield { stream, seq, hash };
        if (rows.length < VERIFY_CHUNK) return;
        after = rows.at(-1)?.stream ?? '';
      }
    },
    erase: (id) => outside(async () => void (await personal.deleteOne({ _id: rowId(workspaceId, id) }))),
    verify: (stream, anchor) =>
      outside(async () => {
        checkName(stream);
        const known = await head(stream);
        const verifier = chainVerifier(anchor === undefined ? [known] : [known, anchor]);
        for (let after = 0; ; after += VERIFY_CHUNK) {
          const chunk = await rowsWithSalt(database, await rowsAfter(stream, after, VERIFY_CHUNK));
          for (const row of chunk) {
            // Rows committed since the head was read are checked by the next run.
            if (row.event.seq > known.seq) break;
            const fault = verifier.next(row);
            if (fault !== null) return fault;
          }
          if (chunk.length < VERIFY_CHUNK) return verifier.end();
        }
      }),
  };
}

function checkLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_READ) refuse(`limit must be 1 to ${MAX_READ}`);
}
