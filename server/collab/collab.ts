import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { COLLAB_LIMITS } from '#lib/protocol/collab.ts';
import { parseDocument } from '#lib/protocol/streams.ts';
import { EDITOR_SCHEMA_VERSION } from '#lib/protocol/version.ts';
import { storeOf, type App } from '#server/app.ts';
import { actorFor, authenticate } from '#server/auth/authenticate.ts';
import { isOriginAllowed } from '#server/origin.ts';
import { rightsFromJournal, type OnRights } from '#server/realtime/rights-feed.ts';
import type { Stop } from '#server/store/port.ts';
import { KEEP_ALIVE } from './awareness.ts';
import { Connection } from './connection.ts';
import { Documents } from './documents.ts';
import { frameOf } from './frame.ts';
import { Guard, SWEEP } from './guard.ts';
import { headOf } from './heads.ts';
import { Intake } from './intake.ts';
import type { LiveDocuments } from './live-documents.ts';
import { Pulse } from './pulse.ts';
import { mayRead, mayWrite, targetOf } from './rights.ts';
import { Rooms } from './rooms.ts';

export interface CollabDeps {
  /** Names the runtime; said in the answer to every upgrade. */
  instance?: string;
  /** Changes of rights; by default as the journal tells them. */
  onRights?: OnRights;
  /** Follow the log for what other nodes write; by default where other nodes can be. */
  followLog?: boolean;
  /** Updates in a document's tail that make it worth compacting. */
  compactFrom?: number;
}

export interface CollabStats {
  connections: number;
  rooms: number;
  /** Entries in the indexes of members and accounts: none when nobody is connected. */
  indexed: number;
  unsavedBytes: number;
  /** True while the store does not take updates. */
  failing: boolean;
  deliveries: number;
  compactions: number;
}

export interface Collab {
  /** Takes an upgrade request for `/collab/<document>`; refusals are said by close codes. */
  handleUpgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
  live: LiveDocuments;
  stats(): CollabStats;
  /** Stops taking anybody in, brings home what is not journalled (5 s at most), and closes every connection with 1001. */
  close(): Promise<void>;
}

export const COLLAB_PREFIX = '/collab/';
/** Below y-websocket's own limit of 30 s without a message. */
const KEEP_ALIVE_MS = 20_000;
const MOST = { joining: 500, perMember: 60 } as const;

// What ws says of a broken frame would make y-websocket come back for ever: these are final.
const FINAL = new Map<number, number>([
  [1002, CLOSE.BAD_PROTOCOL],
  [1003, CLOSE.BAD_PROTOCOL],
  [1007, CLOSE.BAD_PROTOCOL],
  [1009, CLOSE.TOO_LARGE],
]);

/** The co-writing of documents: rooms on plain ws, rights judged for as long as a connection lives. */
export function createCollab(app: App, deps: CollabDeps = {}): Collab {
  const { log } = app;
  const wss = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    clientTracking: false,
    maxPayload: COLLAB_LIMITS.updateBytes + 1_024,
  });
  const { instance } = deps;
  if (instance !== undefined) wss.on('headers', (headers) => headers.push(`X-Encours-Instance: ${instance}`));
  const pulse = new Pulse();
  const followLog = deps.followLog ?? app.store.engine !== 'embedded';
  const rooms = new Rooms({ app, pulse, followLog, compactFrom: deps.compactFrom ?? 1_000 });
  const guard = new Guard({
    app,
    actorFor,
    acknowledge: (connection) => pulse.acknowledge(connection),
    regained: (connection) => {
      connection.tellMode();
      if (connection.room !== null) connection.write(connection.room.question());
    },
  });
  rooms.settled = (connection) => guard.settle(connection);
  const intake = new Intake({
    accepted: (connection, room, n, tail) => rooms.journal(connection, room, n, tail),
    settled: (connection) => {
      pulse.settled(connection);
      guard.settle(connection);
    },
    asked: (connection, room, vector) => void rooms.answer(connection, room, vector),
    moved: (room) => pulse.moved(room),
    heardLeaving: (connection) => guard.heardLeaving(connection),
    overfull: (room) => rooms.overfull(room),
    refused: (connection, reason) => log.warn({ member: connection.actor?.memberId, reason }, 'collab: refused'),
  });
  let joining = 0;
  let closing = false;

  const leave = (connection: Connection): void => {
    connection.closed = true;
    if (connection.leaving !== null) clearTimeout(connection.leaving.timer);
    intake.forget(connection);
    guard.forget(connection);
    rooms.leave(connection);
  };

  const join = async (connection: Connection, req: IncomingMessage): Promise<void> => {
    const { authorization, cookie } = req.headers;
    const who = await authenticate(app, { cookie, authorization });
    if (who === null) return connection.close(CLOSE.SIGNED_OUT, 'sign in first');
    const { actor } = who;
    const asked = parseTarget(req.url ?? '');
    if (asked === null) return connection.close(CLOSE.BAD_PROTOCOL, 'epoch and schema are needed');
    // A tab of somebody who was signed in before: what it holds is not this member's to write.
    if (asked.member !== null && asked.member !== actor.memberId)
      return connection.close(CLOSE.SIGNED_OUT, 'somebody else is signed in');
    const named = parseDocument(asked.document);
    const target = named === null ? null : await targetOf(app, actor, named);
    if (target === null) return connection.close(CLOSE.FORBIDDEN, 'not allowed');
    if (guard.ofMember(actor) >= MOST.perMember) return connection.close(CLOSE.TRY_LATER, 'too many');
    guard.admit(connection, actor, target);
    if (!(await mayRead(app, actor, target))) return connection.close(CLOSE.FORBIDDEN, 'not allowed');
    const store = storeOf(app, actor);
    const { doc } = target;
    const head = await headOf(store, doc);
    if (asked.epoch !== head.epoch) return connection.close(CLOSE.EPOCH_CHANGED, `epoch ${head.epoch}`);
    connection.capable = asked.schema === EDITOR_SCHEMA_VERSION && asked.schema >= head.schemaVersion;
    connection.writable = connection.capable && mayWrite(actor, target);
    if (connection.closed || closing) return;
    const room = await rooms.enter(connection, store, doc, head.epoch);
    if (connection.closed) return rooms.leave(connection);
    connection.room = room;
    if (connection.stale) await guard.judge(connection);
    if (connection.closed) return;
    connection.tellMode();
    connection.write(room.question());
    if (room.places.size > 0) connection.tell(room.placesFrame());
    intake.begin(connection);
  };

  const admit = (ws: WebSocket, req: IncomingMessage, raw: Duplex): void => {
    const connection = new Connection(ws, raw);
    const close = ws.close.bind(ws);
    ws.close = (code?: number, reason?: string | Buffer): void =>
      close(code === undefined ? undefined : (FINAL.get(code) ?? code), reason);
    ws.on('error', (error) => log.info({ reason: error.message }, 'collab: broken connection'));
    ws.on('close', () => leave(connection));
    ws.on('message', (data, binary) => intake.receive(connection, data as Buffer, binary));
    guard.all.add(connection);
    if (closing) return connection.close(CLOSE.GOING_AWAY, 'stopping');
    if (joining >= MOST.joining) return connection.close(CLOSE.TRY_LATER, 'too many');
    joining += 1;
    join(connection, req)
      .catch((error: unknown) => {
        log.warn({ err: error }, 'collab: could not be opened');
        connection.close(CLOSE.TRY_LATER, 'could not be opened');
      })
      .finally(() => {
        joining -= 1;
        if (connection.closed) rooms.leave(connection);
      });
  };

  const keepAliveFrame = frameOf(KEEP_ALIVE);
  const keepAlive = setInterval(() => {
    for (const connection of guard.all) {
      if (connection.room !== null) connection.write(keepAliveFrame);
      if (connection.held.length > 0) {
        if (connection.heldSince) connection.close(CLOSE.TRY_LATER, 'updates that rest on nothing');
        connection.heldSince = true;
      } else connection.heldSince = false;
    }
  }, KEEP_ALIVE_MS);
  keepAlive.unref();
  const sweep = setInterval(() => {
    intake.sweep();
    void guard.sweep(null);
  }, SWEEP.everyMs);
  sweep.unref();
  const stopRights = (deps.onRights ?? rightsFromJournal(app.store))((change) => guard.onChange(change));
  const stopLog: Stop | null = followLog
    ? app.store.tail.log(
        null,
        (updates) => rooms.fromElsewhere(updates),
        () => void rooms.reloadAll().catch((err: unknown) => log.error({ err })),
      )
    : null;

  return {
    handleUpgrade: (req, socket, head) => {
      socket.on('error', () => socket.destroy());
      if (!isOriginAllowed(app.config, req.headers.origin, req.headers.host))
        return void socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
      wss.handleUpgrade(req, socket, head, (ws) => admit(ws, req, socket));
    },
    live: new Documents(app, rooms),
    stats: () => ({
      connections: guard.all.size,
      rooms: rooms.size,
      indexed: guard.indexed,
      unsavedBytes: rooms.unsavedBytes,
      failing: rooms.failing,
      deliveries: pulse.deliveries,
      compactions: rooms.compactions,
    }),
    close: async () => {
      closing = true;
      clearInterval(keepAlive);
      clearInterval(sweep);
      await stopRights();
      guard.stop();
      intake.stop();
      await rooms.close(guard.all);
      pulse.stop();
      await stopLog?.();
      wss.close();
    },
  };
}

function parseTarget(url: string): { document: string; epoch: number; schema: number; member: string | null } | null {
  const at = url.indexOf('?');
  const path = at < 0 ? url : url.slice(0, at);
  const params = new URLSearchParams(at < 0 ? '' : url.slice(at));
  const epoch = Number(params.get('epoch'));
  const schema = Number(params.get('schema'));
  if (!path.startsWith(COLLAB_PREFIX) || !Number.isSafeInteger(epoch) || !Number.isSafeInteger(schema)) return null;
  if (epoch < 1 || schema < 1) return null;
  const rest = { epoch, schema, member: params.get('member') };
  try {
    return { document: decodeURIComponent(path.slice(COLLAB_PREFIX.length)), ...rest };
  } catch {
    return { document: '', ...rest };
  }
}
