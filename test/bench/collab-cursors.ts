import * as decoding from 'lib0/decoding';
import { awarenessMessage, readAwareness } from '#server/collab/awareness.ts';
import { Server, join, kindsOf, sleep, type Kind } from './collab-harness.ts';
import { compared, median, type Figure } from './figure.ts';

const CURSORS = 50;
const PER_SECOND = 5;
/** Moves before the measure, as the other parts write before theirs (s). */
const WARM_SECONDS = 2;

/** Server CPU for each cursor that moved and each other client (µs); checks that the last places arrived everywhere. */
async function moved(kind: Kind, seconds: number): Promise<number> {
  const server = await new Server(kind).open();
  const clients = await join(server, server.documents[0] ?? '', CURSORS);
  const last = clients.map(() => new Map<number, number>());
  clients.forEach((client, i) => {
    client.onPlaces = (message) => {
      const payload = decoding.readVarUint8Array(decoding.createDecoder(message.subarray(1)));
      for (const { client: author, clock } of readAwareness(payload, () => true)) last[i]?.set(author, clock);
    };
  });
  await sleep(300);
  const sent = clients.map(() => 0);
  const move = async (until: number): Promise<void> => {
    const gap = 1_000 / PER_SECOND;
    const from = sent[0] ?? 0;
    const begin = performance.now();
    while (sent.some((count) => count < until)) {
      const now = performance.now() - begin;
      clients.forEach((client, i) => {
        const clock = sent[i] ?? 0;
        if (clock >= until || now < (clock - from + i / CURSORS) * gap) return;
        const place = { type: null, tname: 'note', item: { client: 1, clock }, assoc: 0 };
        const state = JSON.stringify({ user: { name: 'x' }, cursor: { anchor: place, head: place }, field: 'note' });
        client.ws.send(awarenessMessage([[i + 1, { clock: clock + 1, state }]]));
        sent[i] = clock + 1;
      });
      await sleep(1);
    }
  };
  const warm = WARM_SECONDS * PER_SECOND;
  await move(warm);
  await server.start();
  const steps = seconds * PER_SECOND;
  await move(warm + steps);
  await sleep(400);
  const { cpuMs } = await server.stop();
  server.end();
  for (const [i, places] of last.entries())
    for (let other = 1; other <= CURSORS; other++)
      if (other !== i + 1 && (places.get(other) ?? 0) < warm + steps) throw new Error(`client ${i} missed ${other}`);
  for (const client of clients) client.ws.terminate();
  return (cpuMs * 1_000) / (CURSORS * steps * (CURSORS - 1));
}

/** 50 cursors that move five times a second in one document. */
export async function cursors(rounds: number, seconds: number): Promise<Figure> {
  const us: Record<Kind, number[]> = { bare: [], encours: [] };
  for (let round = 0; round < rounds; round++)
    for (const kind of kindsOf(round)) us[kind].push(await moved(kind, seconds));
  const bare = median(us.bare);
  const ratio = median(us.encours.map((ours, i) => ours / (us.bare[i] ?? 1)));
  return compared(
    '50 cursors: server CPU per place and reader',
    ratio * bare,
    'µs',
    { name: 'bare ws relay', value: bare },
    0.45,
  );
}
