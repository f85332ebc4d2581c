import { fileURLToPath } from 'node:url';
import { cold } from './collab-cold.ts';
import { cursors } from './collab-cursors.ts';
import { Server, join, kindsOf, sleep, type Kind } from './collab-harness.ts';
import { percentile, typed } from './collab-load.ts';
import { memory } from './collab-memory.ts';
import { absolute, compared as beside, median, type Figure } from './figure.ts';

interface Load {
  documents: number;
  clients: number;
  writers: number;
  perSecond: number;
  seconds: number;
}

interface Paced {
  /** Server CPU per delivery (µs). */
  us: number;
  /** From writing to the acknowledgement, and to each other client (ms). */
  acks: number[];
  heard: number[];
}

/** Every writer writes at its pace, spread over the second. */
async function paced(server: Server, load: Load, from: number): Promise<Paced> {
  const rooms = await Promise.all(
    Array.from({ length: load.documents }, (_, i) => join(server, server.documents[from + i] ?? '', load.clients)),
  );
  const writers = rooms.flatMap((clients) => clients.slice(0, load.writers));
  const scripts = writers.map(() => typed(load.perSecond * load.seconds));
  await sleep(300);
  const all = rooms.flat();
  for (const client of all) client.begin();
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
  return {
    us: (cpuMs * 1_000) / deliveries,
    acks: writers.flatMap(({ ackMs }) => ackMs),
    heard: all.flatMap(({ heardMs }) => heardMs),
  };
}

/** @param wayGoal bound of the way to the others beside the relay's; null: 100 ms */
async function compared(
  name: string,
  load: Load,
  goal: number,
  rounds: number,
  wayGoal: number | null = null,
): Promise<Figure[]> {
  const us: Record<Kind, number[]> = { bare: [], encours: [] };
  const heard: Record<Kind, number[]> = { bare: [], encours: [] };
  const acks: number[] = [];
  for (let round = 0; round < rounds; round++) {
    for (const kind of kindsOf(round)) {
      const server = await new Server(kind).open();
      await paced(server, { ...load, seconds: 1 }, 0);
      const measured = await paced(server, load, load.documents === 1 ? 1 : 0);
      us[kind].push(measured.us);
      heard[kind].push(percentile(measured.heard, 0.95));
      if (kind === 'encours') acks.push(percentile(measured.acks, 0.95));
      server.end();
    }
  }
  const ratio = median(us.encours.map((ours, i) => ours / (us.bare[i] ?? 1)));
  const bare = median(us.bare);
  const way = { name: 'heard by another through a bare ws relay, p95', value: median(heard.bare) };
  return [
    beside(`${name}: server CPU per delivery`, ratio * bare, 'µs', { name: 'bare ws relay', value: bare }, goal),
    wayGoal === null
      ? absolute(`${name}: heard by the others, p95`, median(heard.encours), 'ms', 100, way)
      : beside(`${name}: heard by the others, p95`, median(heard.encours), 'ms', way, wayGoal),
    absolute(`${name}: acknowledged as saved, p95`, median(acks), 'ms', 100, way),
  ];
}

/** One client writes 20,000 tiny updates at once into its document; another document is timed meanwhile. */
async function flooded(kind: Kind): Promise<{ worst: number; stall: number; turn: number }> {
  const server = await new Server(kind).open();
  const [flooder] = await join(server, server.documents[0] ?? '', 1);
  const [writer, reader] = await join(server, server.documents[1] ?? '', 2);
  const tiny = typed(20_000);
  const probe = typed(4_000);
  if (!flooder || !writer || !reader) throw new Error('nobody');
  const waits: number[] = [];
  let at = 0;
  reader.onDelivery = () => waits.push(performance.now() - at);
  await server.start(true);
  let done = false;
  if (kind === 'bare') flooder.ws.on('pong', () => (done = true));
  for (const update of tiny) flooder.send(update);
  flooder.ws.ping();
  const end = performance.now() + 60_000;
  while (!done && performance.now() < end) {
    const heard = waits.length;
    at = performance.now();
    writer.send(probe[heard] ?? new Uint8Array());
    while (waits.length === heard && performance.now() < end) await sleep(1);
    await sleep(5);
    if (kind === 'encours') done = flooder.acked >= tiny.length;
  }
  const { worstMs, turnMs } = await server.stop();
  server.end();
  if (!done) throw new Error(`flood: ${flooder.acked} acknowledged, closed ${flooder.closed}`);
  flooder.ws.terminate();
  return { worst: Math.max(...waits), stall: worstMs, turn: turnMs };
}

async function flood(rounds: number): Promise<Figure[]> {
  const worst: Record<Kind, number[]> = { bare: [], encours: [] };
  const stalls: Record<Kind, number[]> = { bare: [], encours: [] };
  const turns: Record<Kind, number[]> = { bare: [], encours: [] };
  for (let round = 0; round < rounds; round++) {
    for (const kind of kindsOf(round)) {
      const figures = await flooded(kind);
      worst[kind].push(figures.worst);
      stalls[kind].push(figures.stall);
      turns[kind].push(figures.turn);
    }
  }
  return [
    absolute('flood: worst wait in another document', median(worst.encours), 'ms', 100, {
      name: 'bare ws relay',
      value: median(worst.bare),
    }),
    absolute("flood: longest turn of the server's loop, in CPU time", median(turns.encours), 'ms', 50, {
      name: 'bare ws relay',
      value: median(turns.bare),
    }),
    absolute("flood: worst stall of the server's loop", median(stalls.encours), 'ms', 100, {
      name: 'bare ws relay',
      value: median(stalls.bare),
    }),
  ];
}

const ONE: Load = { documents: 1, clients: 50, writers: 1, perSecond: 20, seconds: 10 };
const BUSY: Load = { documents: 1, clients: 50, writers: 10, perSecond: 20, seconds: 10 };
const MANY: Load = { documents: 200, clients: 3, writers: 3, perSecond: 2, seconds: 10 };

/** All figures of co-writing; `quick` for a look, not for the record. `only` names some of them. */
export async function benchCollab(quick = false, only: readonly string[] = []): Promise<Figure[]> {
  const rounds = quick ? 1 : 3;
  const seconds = quick ? 4 : 10;
  const parts: Record<string, () => Promise<Figure[]>> = {
    // one commit for each edit, whoever listens: what matters here is how soon the others read it
    one: () => compared('50 people in one dispute, one types', { ...ONE, seconds }, 2.8, rounds, 1.3),
    busy: () => compared('50 people in one dispute, 10 type', { ...BUSY, seconds }, 1.3, rounds),
    many: () => compared('200 disputes × 3', { ...MANY, seconds }, 1.9, rounds),
    cursors: async () => [await cursors(rounds, seconds)],
    flood: () => flood(rounds),
    cold: async () => [await cold(10_000), await cold(quick ? 20_000 : 100_000)],
    memory: () => memory(),
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
