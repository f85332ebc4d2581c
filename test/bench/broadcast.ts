import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** One event to many watching clients: the server's CPU per delivery beside a bare `ws` broadcast of the same bytes. */
export interface BroadcastFigures {
  clients: number;
  events: number;
  /** Microseconds of server CPU per delivery, by run. */
  bare: number[];
  gateway: number[];
  /** Median of the gateway's over the median of the bare ones'. */
  ratio: number;
  goal: number;
}

const CLIENTS = 500;
const EVENTS = 200;
const EVERY_MS = 20;
const REPETITIONS = 3;

const start = (file: string, args: string[] = []): ChildProcess =>
  fork(fileURLToPath(new URL(file, import.meta.url)), args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });

/** The next message that has this key. */
function hear<T>(child: ChildProcess, key: string): Promise<T> {
  return new Promise((resolve, reject) => {
    const on = (message: object): void => {
      if (!(key in message)) return;
      child.off('message', on);
      child.off('exit', fail);
      resolve(message as T);
    };
    const fail = (): void => reject(new Error(`ended before ${key}`));
    child.on('message', on);
    child.once('exit', fail);
  });
}

/** CPU per delivery of one kind of server, microseconds. */
async function once(kind: 'bare' | 'gateway', clients: number, events: number): Promise<number> {
  const server = start('./broadcast-server.ts', [kind, String(clients)]);
  const load = start('./broadcast-load.ts');
  try {
    const place = await hear<{ url: string; headers: Record<string, string>[]; stream?: string }>(server, 'ready');
    const joined = hear(load, 'joined');
    load.send({ ...place, count: clients });
    await joined;
    const run = async (count: number): Promise<number> => {
      const done = hear<{ cpuMicros: number }>(server, 'cpuMicros');
      server.send({ events: count, everyMs: EVERY_MS });
      return (await done).cpuMicros;
    };
    await run(50);
    const cpu = await run(events);
    const expected = (events + 50) * clients;
    const end = performance.now() + 10_000;
    for (let received = 0; received < expected;) {
      const answer = hear<{ received: number }>(load, 'received');
      load.send('count');
      ({ received } = await answer);
      if (received < expected && performance.now() > end)
        throw new Error(`${kind}: ${received} of ${expected} deliveries arrived`);
    }
    return cpu / (events * clients);
  } finally {
    server.kill('SIGKILL');
    load.kill('SIGKILL');
  }
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Runs the two interleaved, so that a busy machine slows both. */
export async function benchBroadcast(
  clients = CLIENTS,
  events = EVENTS,
  repetitions = REPETITIONS,
): Promise<BroadcastFigures> {
  const figures: BroadcastFigures = { clients, events, bare: [], gateway: [], ratio: Number.NaN, goal: 1.7 };
  for (let round = 0; round < repetitions; round += 1) {
    figures.bare.push(await once('bare', clients, events));
    figures.gateway.push(await once('gateway', clients, events));
  }
  figures.ratio = median(figures.gateway) / median(figures.bare);
  return figures;
}
