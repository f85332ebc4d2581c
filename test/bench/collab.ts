import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import * as Y from 'yjs';
import { NOTE_ROOT } from '#lib/protocol/collab.ts';
import { updateMessage } from '#server/collab/frame.ts';
import { updateOf } from '#server/collab/entry.ts';
import { absolute, compared as beside, type Figure } from './figure.ts';
import { Client, percentile, typed, type Target } from './collab-load.ts';

interface Measured {
  cpuMs: number;
  worstMs: number;
  stats: { rooms: number };
}

class Server {
  readonly child: ChildProcess;
  target: Target = { port: 0, cookies: [] };
  documents: string[] = [];

  constructor(kind: 'bare' | 'encours') {
    this.child = fork(fileURLToPath(new URL('./collab-server.ts', import.meta.url)), [kind], { execArgv: [] });
  }
  async #next<T>(): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      this.child.once('message', (message) => resolve(message as T));
      this.child.removeAllListeners('exit');
      this.child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    });
  }
  async open(): Promise<this> {
    const told = await this.#next<{ port: number; cookie?: string; documents?: string[] }>();
    this.target = { port: told.port, cookies: JSON.parse(told.cookie ?? '[]') as string[] };
    this.documents = told.documents ?? Array.from({ length: 210 }, (_, i) => `note:${i}:internal`);
    return this;
  }
  async start(): Promise<void> {
    this.child.send('start');
    await this.#next();
  }
  async stop(): Promise<Measured> {
    this.child.send('stop');
    return await this.#next<Measured>();
  }
  end(): void {
    this.child.send('end');
  }
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function join(server: Server, document: string, count: number): Promise<Client[]> {
  const clients = Array.from({ length: count }, () => new Client(server.target, document));
  await Promise.all(clients.map(({ open }) => open));
  if (server.target.cookies.length > 0) {
    for (const client of clients) client.ask();
    await Promise.all(clients.map(({ synced }) => synced));
  }
  return clients;
}

interface Load {
  documents: number;
  clients: number;
  writers: number;
  perSecond: number;
  seconds: number;
}

/** Every writer writes at its pace, spread over the second; answers CPU per delivery (µs) and the acknowledgements. */
async function paced(server: Server, load: Load, from: number): Promise<{ us: number; acks: number[] }> {
  const rooms = await Promise.all(
    Array.from({ length: load.documents }, (_, i) => join(server, server.documents[from + i] ?? '', load.clients)),
  );
  const writers = rooms.flatMap((clients) => clients.slice(0, load.writers));
  const scripts = writers.map(() => typed(load.perSecond * load.seconds));
  await sleep(300);
  const all = rooms.flat();
  for (const client of all) client.deliveries = 0;
  await server.start();
  const steps = load.perSecond * load.seconds;
  const begin = performance.now();
  const gap = 1_000 / load.perSecond;
  const due = writers.map((_, i) => (i / writers.length) * gap);
  let done = 0;
  while (done < writers.length * steps) {
    const now = performance.now() - begin;
    for (let i = 0; i < writers.length; i++) {
      const writer = writers[i];
      while (writer !== undefined && writer.sent < steps && (due[i] ?? 0) <= now) {
        writer.send(scripts[i]?.[writer.sent] ?? new Uint8Array());
        due[i] = (due[i] ?? 0) + gap;
        done += 1;
      }
    }
    await sleep(1);
  }
  await sleep(400);
  const { cpuMs } = await server.stop();
  const deliveries = all.reduce((sum, client) => sum + client.deliveries, 0);
  const expected = writers.length * steps * (load.clients - 1);
  if (deliveries !== expected) throw new Error(`${deliveries} deliveries instead of ${expected}`);
  for (const client of all) client.ws.terminate();
  await sleep(200);
  return { us: (cpuMs * 1_000) / deliveries, acks: writers.flatMap(({ ackMs }) => ackMs) };
}

const median = (values: number[]): number => percentile(values, 0.5);

async function compared(name: string, load: Load, goal: number, rounds: number): Promise<Figure[]> {
  const [reference, ours, acks]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round++) {
    for (const kind of round % 2 === 0 ? (['bare', 'encours'] as const) : (['encours', 'bare'] as const)) {
      const server = await new Server(kind).open();
      await paced(server, { ...load, seconds: 1 }, 0);
      const measured = await paced(server, load, load.documents === 1 ? 1 : 0);
      if (kind === 'bare') reference.push(measured.us);
      else {
        ours.push(measured.us);
        acks.push(...measured.acks);
      }
      server.end();
    }
  }
  const ratio = median(ours.map((us, i) => us / (reference[i] ?? 1)));
  const bare = median(reference);
  return [
    beside(`${name}: server CPU per delivery`, ratio * bare, 'µs', { name: 'bare ws relay', value: bare }, goal),
    absolute(`${name}: acknowledged as saved, p95`, percentile(acks, 0.95), 'ms', 100),
  ];
}

/** One client writes 20,000 tiny updates at once into its document; another document is timed meanwhile. */
async function flood(): Promise<Figure> {
  const server = await new Server('encours').open();
  const [flooder] = await join(server, server.documents[0] ?? '', 1);
  const [writer, reader] = await join(server, server.documents[1] ?? '', 2);
  const tiny = typed(20_000);
  const probe = typed(4_000);
  if (!flooder || !writer || !reader) throw new Error('nobody');
  const waits: number[] = [];
  let at = 0;
  reader.onDelivery = () => waits.push(performance.now() - at);
  await server.start();
  const before = flooder.sent;
  for (const update of tiny) flooder.send(update);
  const end = performance.now() + 60_000;
  while (flooder.acked < before + tiny.length && performance.now() < end) {
    const heard = waits.length;
    at = performance.now();
    writer.send(probe[heard] ?? new Uint8Array());
    while (waits.length === heard && performance.now() < end) await sleep(1);
    await sleep(5);
  }
  const { worstMs } = await server.stop();
  server.end();
  const worst = Math.max(...waits);
  if (flooder.acked < before + tiny.length)
    throw new Error(`flood: ${flooder.acked} acknowledged, closed ${flooder.closed}`);
  process.stderr.write(`flood: loop's worst stall ${worstMs.toFixed(0)} ms, ${waits.length} probes\n`);
  return absolute('flood: worst wait in another document', worst, 'ms', 100);
}

/** A document of so many edits, compacted, opened by a client that knows nothing of it. */
async function cold(edits: number): Promise<Figure> {
  const server = await new Server('encours').open();
  const document = server.documents[0] ?? '';
  const [writer] = await join(server, document, 1);
  if (!writer) throw new Error('nobody');
  const updates = scattered(edits);
  for (let i = 0; i < updates.length; i++) {
    writer.send(updates[i] ?? new Uint8Array());
    if (i % 2_000 === 0) while (writer.acked < i - 2_000) await sleep(5);
  }
  while (writer.acked < edits) await sleep(20);
  writer.ws.close();
  // The document is compacted when the last one leaves, and let go afterwards.
  for (let looks = 0; looks < 600 && (await server.stop()).stats.rooms > 0; looks++) await sleep(100);
  const times: number[] = [];
  let bytes = 0;
  for (let round = 0; round < 7; round++) {
    await server.start();
    const [client] = await join(server, document, 1);
    const { cpuMs } = await server.stop();
    times.push(cpuMs);
    bytes = client?.bytes ?? 0;
    client?.ws.close();
    await sleep(300);
  }
  server.end();
  process.stderr.write(`cold: ${edits} edits are ${Math.round(bytes / 1024)} KiB on the wire\n`);
  return absolute(`opening a document of ${edits} edits: server CPU`, median(times), 'ms', 5);
}

/** Edits all over a text, with deletions, as people make them. */
function scattered(edits: number): Uint8Array[] {
  const base = typed(200);
  const rest = Math.max(0, edits - base.length);
  return [...base, ...scatter(base, rest)];
}

function scatter(base: Uint8Array[], count: number): Uint8Array[] {
  const made: Uint8Array[] = [];
  const doc = docOf(base);
  doc.on('update', (update: Uint8Array) => made.push(updateMessage(update)));
  const line = lineOf(doc);
  for (let i = 0; i < count; i++) {
    if (i % 10 === 9 && line.length > 50) line.delete((i * 7_919) % (line.length - 1), 1);
    else line.insert((i * 31) % 7 === 0 ? (i * 7_919) % line.length : line.length, 'x');
  }
  return made;
}

function docOf(messages: Uint8Array[]): Y.Doc {
  const doc = new Y.Doc();
  for (const message of messages) Y.applyUpdate(doc, updateOf(message));
  return doc;
}

function lineOf(doc: Y.Doc): Y.XmlText {
  const paragraph = doc.getXmlFragment(NOTE_ROOT).get(0);
  const line = paragraph instanceof Y.XmlElement ? paragraph.get(0) : null;
  if (!(line instanceof Y.XmlText)) throw new Error('no line');
  return line;
}

const BUSY: Load = { documents: 1, clients: 50, writers: 10, perSecond: 20, seconds: 10 };
const MANY: Load = { documents: 200, clients: 3, writers: 3, perSecond: 2, seconds: 10 };

/** All figures of co-writing; `quick` for a look, not for the record. `only` names some of them. */
export async function benchCollab(quick = false, only: readonly string[] = []): Promise<Figure[]> {
  const rounds = quick ? 1 : 3;
  const seconds = quick ? 4 : 10;
  const parts: Record<string, () => Promise<Figure[]>> = {
    busy: () => compared('50 clients, 10 writers', { ...BUSY, seconds }, 1.3, rounds),
    many: () => compared('200 documents × 3', { ...MANY, seconds }, 1.9, rounds),
    flood: async () => [await flood()],
    cold: async () => [await cold(quick ? 20_000 : 100_000)],
  };
  const figures: Figure[] = [];
  for (const [name, run] of Object.entries(parts))
    if (only.length === 0 || only.includes(name)) figures.push(...(await run()));
  return figures;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const names = process.argv.slice(2).filter((name) => name !== '--quick');
  for (const figure of await benchCollab(process.argv.includes('--quick'), names))
    process.stdout.write(`${JSON.stringify(figure)}\n`);
  process.exit(0);
}
