import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { WebSocketServer, type WebSocket } from 'ws';
import { threadDocument } from '#lib/protocol/streams.ts';
import { newId } from '#server/store/id.ts';
import { disputes } from '#server/store/kinds/disputes.ts';
import { accounts } from '#server/store/kinds/workspace.ts';
import { openCollab } from '../support/collab.ts';
import { buildDispute } from '../support/dispute-records.ts';

/*
 * The measured process: `bare` (a ws room relay: no document, rights or storage) or `encours` (the real rooms on the
 * real embedded store, a dispute's thread each). The load lies in another process; messages between them are few and outside the measure.
 */

const ACCOUNTS = Number(process.argv[3] ?? 210);

const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};

async function bare(): Promise<{ port: number }> {
  const rooms = new Map<string, Set<WebSocket>>();
  const server = createServer();
  const wss = new WebSocketServer({ server, perMessageDeflate: false });
  wss.on('connection', (ws, request) => {
    const name = (request.url ?? '').split('?', 1)[0] ?? '';
    const room = rooms.get(name) ?? new Set();
    rooms.set(name, room.add(ws));
    ws.on('error', () => undefined);
    ws.on('close', () => room.delete(ws));
    ws.on('message', (data) => {
      for (const other of room) if (other !== ws) other.send(data);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port };
}

async function encours(): Promise<{ port: number; cookie: string; documents: string[]; stats: () => object }> {
  const house = await openCollab();
  const store = house.app.store.workspace(house.workspace.id);
  const others = await store.transaction(async (tx) => {
    const made = Array.from({ length: ACCOUNTS }, (_, i) => ({
      ...house.account,
      id: newId(),
      number: `B${i}`,
      version: 1,
    }));
    await tx.docs(accounts).insertMany(made);
    const contested = made.map((account) => buildDispute(account));
    await tx.docs(disputes).insertMany(contested);
    return contested;
  });
  const cookies: string[] = [];
  for (let i = 0; i < 24; i++) cookies.push((await house.person()).cookie);
  return {
    port: house.port,
    cookie: JSON.stringify(cookies),
    documents: others.map(({ id }) => threadDocument(id, 'internal')),
    stats: () => house.collab.stats(),
  };
}

const kind = process.argv[2];
const ready = kind === 'bare' ? { ...(await bare()), stats: () => ({}) } : await encours();
const { stats, ...told } = ready;
const delay = monitorEventLoopDelay({ resolution: 5 });
/** CPU time of the loop's thread (ms): what a turn cost by itself, however long others had the processor meanwhile. */
const threadCpu = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};
let turnMs = 0;
let turnStart = 0;
/** Looking so often costs more than a few cursors do: only where turns are what is measured. */
const watchTurns = (): void => {
  delay.enable();
  turnStart = threadCpu();
  setInterval(() => {
    const now = threadCpu();
    turnMs = Math.max(turnMs, now - turnStart);
    turnStart = now;
  }, 4);
};
let start = cpu();
process.on('message', (message: string) => {
  if (message === 'start' || message === 'watch') {
    if (message === 'watch') watchTurns();
    delay.reset();
    turnMs = 0;
    start = cpu();
    process.send?.({ started: true });
  } else if (message === 'memory') {
    for (let i = 0; i < 3; i++) globalThis.gc?.();
    process.send?.(process.memoryUsage());
  } else if (message === 'stop')
    process.send?.({ cpuMs: cpu() - start, worstMs: delay.max / 1e6, turnMs, stats: stats() });
  else process.exit(0);
});
process.on('disconnect', () => process.exit(0));
process.send?.(told);
