import type { Id } from '#lib/domain/values.ts';
import { CHAIN_START, chainVerifier, headAfter, linkEvents, STREAM_START } from '#server/store/chain.ts';
import type { ChainHead, ChainRow } from '#server/store/chain.ts';
import { checkEvent, checkName, refuse } from '#server/store/guard.ts';
import type { NewEvent, StoredEvent, Value, WorkspaceStore } from '#server/store/port.ts';
import type { Connection, Row } from '#server/store/embedded/connection.ts';
import type { GroupWriter } from '#server/store/embedded/writer.ts';

const COLUMNS =
  'j.n, j.ws, j.stream, j.seq, j.id, j.name, j.at, j.day, j.actor, j.data, j.digest, j.prev, j.hash, p.data, p.salt';
const FROM = 'FROM journal AS j LEFT JOIN personal AS p ON p.n = j.n';
const VERIFY_CHUNK = 500;
const MAX_READ = 5_000;

/** One row of the journal as the port gives it. */
export function eventOf(row: Row, workspaceId: Id): StoredEvent {
  const digest = row[10] as string | null;
  const personal = row[13] as string | null;
  return {
    workspaceId,
    stream: row[2] as string,
    seq: row[3] as number,
    id: row[4] as string,
    name: row[5] as string,
    at: row[6] as string,
    day: row[7] as string,
    actor: row[8] as string,
    data: JSON.parse(row[9] as string) as { [key: string]: Value },
    personal: personal === null ? null : (JSON.parse(personal) as { [key: string]: Value }),
    erased: digest !== null && personal === null,
    personalDigest: digest,
    prevHash: row[11] as string,
    hash: row[12] as string,
  };
}

/** Events after a position in the file, for the tail. */
export function eventsAfter(
  db: Connection,
  n: number,
  limit: number,
  idOf: (ws: number) => Id,
): { n: number; item: StoredEvent }[] {
  const rows = db.all(`SELECT ${COLUMNS} ${FROM} WHERE j.n > ? ORDER BY j.n LIMIT ?`, [n, limit]);
  return rows.map((row) => ({ n: row[0] as number, item: eventOf(row, idOf(row[1] as number)) }));
}

/** Appends to one stream inside a transaction: seq without gap, `at` moved on where the clock stood still, chained. */
export function appendEvents(
  db: Connection,
  ws: number,
  workspaceId: Id,
  stream: string,
  events: readonly NewEvent[],
): { n: number; item: StoredEvent }[] {
  checkName(stream);
  events.forEach(checkEvent);
  const row = db.get('SELECT seq, hash, at FROM heads WHERE ws = ? AND stream = ?', [ws, stream]);
  const head =
    row === undefined ? STREAM_START : { seq: row[0] as number, hash: row[1] as string, at: row[2] as string };
  const linked = linkEvents(head, workspaceId, stream, events);
  const stored = linked.map(({ event, salt }) => {
    const { seq, id, name, at, day, actor, data, personalDigest, prevHash, hash } = event;
    const { row: n } = db.run(
      'INSERT INTO journal (ws, stream, seq, id, name, at, day, actor, data, digest, prev, hash) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
      [ws, stream, seq, id, name, at, day, actor, JSON.stringify(data), personalDigest, prevHash, hash],
    );
    if (salt !== null)
      db.run('INSERT INTO personal (n, salt, data) VALUES (?, ?, ?)', [n, salt, JSON.stringify(event.personal)]);
    return { n, item: event };
  });
  const last = linked.at(-1);
  if (last !== undefined) {
    const { seq, hash, at } = headAfter(last);
    db.run('INSERT OR REPLACE INTO heads (ws, stream, seq, hash, at) VALUES (?, ?, ?, ?, ?)', [
      ws,
      stream,
      seq,
      hash,
      at,
    ]);
  }
  return stored;
}

/** The journal of one workspace. `ws` is asked at each call: the workspace may not have written anything yet. */
export function journalOf(
  workspaceId: Id,
  ws: () => number,
  reader: Connection,
  writer: { db: Connection; group: GroupWriter },
): WorkspaceStore['journal'] {
  const event = (row: Row): StoredEvent => eventOf(row, workspaceId);
  const head = (stream: string): ChainHead => {
    const row = reader.get('SELECT seq, hash FROM heads WHERE ws = ? AND stream = ?', [ws(), stream]);
    return row ? { seq: row[0] as number, hash: row[1] as string } : CHAIN_START;
  };
  const rows = (stream: string, afterSeq: number, limit: number): Row[] =>
    reader.all(`SELECT ${COLUMNS} ${FROM} WHERE j.ws = ? AND j.stream = ? AND j.seq > ? ORDER BY j.seq LIMIT ?`, [
      ws(),
      stream,
      afterSeq,
      limit,
    ]);
  return {
    read: async (stream, afterSeq, limit) => {
      checkName(stream);
      checkLimit(limit);
      return rows(stream, afterSeq, limit).map(event);
    },
    page: async (streams, { names = null, before = null, limit }) => {
      checkLimit(limit);
      for (const stream of streams) checkName(stream);
      const distinct = [...new Set(streams)];
      if (distinct.length === 0) return [];
      if (distinct.length > 100) refuse('more than 100 streams in one page');
      const conditions = ['j.ws = ? AND j.stream = ?'];
      if (before) conditions.push('(j.at, j.id) < (?, ?)');
      if (names) conditions.push('j.name IN (SELECT value FROM json_each(?))');
      const one = `SELECT * FROM (SELECT ${COLUMNS} ${FROM} WHERE ${conditions.join(' AND ')} ORDER BY j.at DESC, j.id DESC LIMIT ?)`;
      const params = distinct.flatMap((stream) => [
        ws(),
        stream,
        ...(before ? [before.at, before.id] : []),
        ...(names ? [JSON.stringify(names)] : []),
        limit,
      ]);
      const text = `${distinct.map(() => one).join(' UNION ALL ')} ORDER BY 7 DESC, 5 DESC LIMIT ?`;
      return reader.all(text, [...params, limit]).map(event);
    },
    get: async (id) => {
      const row = reader.get(`SELECT ${COLUMNS} ${FROM} WHERE j.ws = ? AND j.id = ?`, [ws(), id]);
      return row ? event(row) : null;
    },
    head: async (stream) => head(stream),
    streams: async function* () {
      for (let after = ''; ;) {
        const chunk = reader.all(
          'SELECT stream, seq, hash FROM heads WHERE ws = ? AND stream > ? ORDER BY stream LIMIT ?',
          [ws(), after, VERIFY_CHUNK],
        );
        for (const [stream, seq, hash] of chunk)
          yield { stream: stream as string, seq: seq as number, hash: hash as string };
        if (chunk.length < VERIFY_CHUNK) return;
        after = chunk.at(-1)?.[0] as string;
      }
    },
    erase: async (id) => {
      await writer.group.submit(() => {
        writer.db.run('DELETE FROM personal WHERE n = (SELECT n FROM journal WHERE ws = ? AND id = ?)', [ws(), id]);
      }, true);
    },
    verify: async (stream, anchor) => {
      checkName(stream);
      const known = head(stream);
      const verifier = chainVerifier(anchor ? [known, anchor] : [known]);
      for (let after = 0; ;) {
        const chunk: ChainRow[] = rows(stream, after, VERIFY_CHUNK).map((row) => ({
          event: event(row),
          salt: row[14] as string | null,
        }));
        for (const row of chunk) {
          // Rows committed since the head was read are checked by the next run.
          if (row.event.seq > known.seq) break;
          const fault = verifier.next(row);
          if (fault) return fault;
        }
        if (chunk.length < VERIFY_CHUNK) return verifier.end();
        after = chunk.at(-1)?.event.seq ?? after;
        await new Promise(setImmediate);
      }
    },
  };
}

function checkLimit(limit: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_READ) refuse(`limit must be 1 to ${MAX_READ}`);
}
