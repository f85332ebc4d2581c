import { createServer, type AddressInfo, type Socket } from 'node:net';
import { BSON, Timestamp, type Document } from 'mongodb';

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;

/** What a server answers to one command; undefined: `{ ok: 1 }`. */
export type Answer = (command: Document) => Document | undefined | Promise<Document | undefined>;

/** A port that speaks MongoDB's wire protocol and answers what a test says: for errors that no server makes on demand. */
export interface WireServer {
  uri: string;
  /** Commands in the order in which they came, those of the driver's own housekeeping left out. */
  commands: Document[];
  answer: Answer;
  close(): Promise<void>;
}

const HOUSEKEEPING = new Set(['hello', 'ismaster', 'isMaster', 'endSessions', 'killCursors']);

export async function openWireServer(answer: Answer = () => undefined): Promise<WireServer> {
  const sockets = new Set<Socket>();
  let host = '';
  const opened: WireServer = {
    uri: '',
    commands: [],
    answer,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const reply = async (command: Document): Promise<Document> => {
    const [name = ''] = Object.keys(command);
    const time = new Timestamp({ t: 1_700_000_000, i: 1 });
    if (HOUSEKEEPING.has(name)) return { ...hello(host), operationTime: time, ok: 1 };
    opened.commands.push(command);
    return { operationTime: time, ok: 1, ...(await opened.answer(command)) };
  };
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    let rest = Buffer.alloc(0);
    socket.on('data', (bytes: Buffer) => {
      rest = Buffer.concat([rest, bytes]);
      while (rest.length >= 16 && rest.length >= rest.readInt32LE(0)) {
        const message = rest.subarray(0, rest.readInt32LE(0));
        rest = rest.subarray(message.length);
        const asked = message.readInt32LE(12);
        void reply(commandOf(message)).then((document) => {
          if (!socket.destroyed) socket.write(packed(message.readInt32LE(4), asked, document));
        });
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  opened.uri = `mongodb://${host}/?replicaSet=rs0`;
  return opened;
}

const hello = (host: string): Document => ({
  isWritablePrimary: true,
  ismaster: true,
  setName: 'rs0',
  setVersion: 1,
  hosts: [host],
  primary: host,
  me: host,
  minWireVersion: 0,
  maxWireVersion: 9,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  logicalSessionTimeoutMinutes: 30,
});

/** The command of a message, with the documents that follow it in sections of their own. */
function commandOf(message: Buffer): Document {
  if (message.readInt32LE(12) === OP_QUERY) {
    const name = message.indexOf(0, 20);
    return BSON.deserialize(message.subarray(name + 9));
  }
  let at = 20;
  let command: Document = {};
  const more: Document = {};
  while (at < message.length) {
    const kind = message[at];
    const size = message.readInt32LE(at + 1);
    const part = message.subarray(at + 1, at + 1 + size);
    if (kind === 0) command = BSON.deserialize(part);
    else {
      const end = part.indexOf(0, 4);
      const documents: Document[] = [];
      for (let from = end + 1; from < part.length; from += part.readInt32LE(from))
        documents.push(BSON.deserialize(part.subarray(from, from + part.readInt32LE(from))));
      more[part.toString('utf8', 4, end)] = documents;
    }
    at += 1 + size;
  }
  return { ...command, ...more };
}

function packed(responseTo: number, asked: number, document: Document): Buffer {
  const body = BSON.serialize(document);
  const head = Buffer.alloc(asked === OP_QUERY ? 36 : 21);
  head.writeInt32LE(head.length + body.length, 0);
  head.writeInt32LE(responseTo, 8);
  head.writeInt32LE(asked === OP_QUERY ? OP_REPLY : OP_MSG, 12);
  if (asked === OP_QUERY) head.writeInt32LE(1, 32);
  return Buffer.concat([head, body]);
}
