import { Server, join, sleep, type Kind } from './collab-harness.ts';
import { typed, type Client } from './collab-load.ts';
import { absolute, type Figure } from './figure.ts';

const COUNT = 1_000;
const AT_ONCE = 50;
/** A thread of 40 comments is 7 KB of log. */
const COMMENTS = 40;
const COMMENT = 'x'.repeat(150);
const MB = 1e6;

async function opened(server: Server, perDocument: number): Promise<Client[]> {
  const clients: Client[] = [];
  for (let i = 0; i < COUNT / perDocument; i += AT_ONCE) {
    const some = server.documents.slice(i, Math.min(i + AT_ONCE, COUNT / perDocument));
    clients.push(...(await Promise.all(some.map((document) => join(server, document, perDocument)))).flat());
  }
  await sleep(500);
  return clients;
}

/** Growth of the resident memory for 1,000 connections, five at each document (MB). */
async function idle(kind: Kind): Promise<number> {
  const server = await new Server(kind, COUNT).open();
  const [first] = await join(server, server.documents.at(-1) ?? '', 1);
  const before = await server.memory();
  const clients = await opened(server, 5);
  const after = await server.memory();
  server.end();
  for (const client of [first, ...clients]) client?.ws.terminate();
  return (after.rss - before.rss) / MB;
}

/** Growth of the heap and of what lies beside it for 1,000 documents with 40 comments each, all open (MB). */
async function threads(): Promise<{ heap: number; rss: number }> {
  const server = await new Server('encours', COUNT).open();
  const clients = await opened(server, 1);
  const before = await server.memory();
  for (let i = 0; i < clients.length; i += AT_ONCE) {
    const some = clients.slice(i, i + AT_ONCE);
    for (const client of some) for (const update of typed(COMMENTS, COMMENT)) client.send(update);
    while (some.some(({ acked, closed }) => closed === 0 && acked < COMMENTS)) await sleep(5);
  }
  await sleep(500);
  const after = await server.memory();
  server.end();
  const kept = clients.filter(({ acked }) => acked >= COMMENTS).length;
  for (const client of clients) client.ws.terminate();
  if (kept !== COUNT) throw new Error(`${kept} threads instead of ${COUNT}`);
  const heap = after.heapUsed + after.arrayBuffers - before.heapUsed - before.arrayBuffers;
  return { heap: heap / MB, rss: (after.rss - before.rss) / MB };
}

export async function memory(): Promise<Figure[]> {
  const bare = await idle('bare');
  const ours = await idle('encours');
  const { heap } = await threads();
  return [
    absolute('memory: resident, for 1,000 connections', ours, 'MB', 15, { name: 'bare ws relay', value: bare }),
    absolute('memory: heap and buffers, for 1,000 open threads', heap, 'MB', 35),
  ];
}
