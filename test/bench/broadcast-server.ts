import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { WebSocket, WebSocketServer } from 'ws';
import { accountStream } from '#lib/protocol/streams.ts';
import { encode } from '#server/realtime/frame.ts';
import { newId } from '#server/store/id.ts';
import type { NewEvent } from '#server/store/port.ts';
import { wireEvent } from '#server/queries/wire-event.ts';
import { buildAccount } from '../support/factories.ts';
import { openRealtime } from '../support/realtime.ts';

/** A server of the broadcast bench, in a process of its own: `bare` is a `ws` room that sends the same bytes to all. */
const [kind, countText = '500'] = process.argv.slice(2);
const count = Number(countText);
const say = (message: object): void => void process.send?.(message);

/** About 250 bytes once encoded, as a claim's hint or a small event is. */
const eventOf = (): NewEvent => ({
  id: newId(),
  name: 'case.claimed',
  at: new Date().toISOString(),
  day: '2026-03-16',
  actor: newId(),
  data: {},
  personal: null,
});

/** CPU and wall time of a burst of events, one after another, each sent when the one before has left. */
async function burst(events: number, everyMs: number, tell: () => void | Promise<void>): Promise<object> {
  const before = process.cpuUsage();
  const started = performance.now();
  for (let index = 0; index < events; index += 1) {
    await tell();
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  const used = process.cpuUsage(before);
  return { cpuMicros: used.user + used.system, wallMs: performance.now() - started };
}

async function bare(): Promise<void> {
  const http = createServer();
  const room = new WebSocketServer({ server: http, perMessageDeflate: false });
  await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve));
  const stored = { ...eventOf(), workspaceId: '', stream: accountStream(newId()), seq: 1, erased: false };
  const wire = wireEvent({ ...stored, personalDigest: null, prevHash: '', hash: '' });
  const frame = encode('event', wire);
  const text = frame.subarray(frame.length < 65_536 + 4 && frame.length >= 130 ? 4 : 2).toString();
  say({ ready: true, url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}`, headers: [] });
  process.on('message', (order: { events: number; everyMs: number }) => {
    void burst(order.events, order.everyMs, () => {
      for (const client of room.clients) if (client.readyState === WebSocket.OPEN) client.send(text);
    }).then(say);
  });
}

async function gateway(): Promise<void> {
  const house = await openRealtime({
    deps: { limits: { socketsPerMember: 10_000, messagesPerSecond: 1e9, burst: 1e9 }, sweepMs: 5_000 },
  });
  const account = await buildAccount(house.app, house.workspace, {});
  const stream = accountStream(account.id);
  const people: Awaited<ReturnType<typeof house.person>>[] = [];
  // a hundred people with five tabs each
  for (let index = 0; index < count / 5; index += 1) people.push(await house.person());
  const headers = Array.from({ length: count }, (_, index) => ({
    cookie: people[index % people.length]?.cookie ?? '',
    origin: house.url,
  }));
  const url = `${house.url.replace('http', 'ws')}/socket.io/?EIO=4&transport=websocket`;
  say({ ready: true, url, headers, stream });
  const store = house.app.store.workspace(house.workspace.id);
  process.on('message', (order: { events: number; everyMs: number; stored?: boolean }) => {
    void burst(order.events, order.everyMs, async () => {
      await store.transaction((tx) => tx.append(stream, [eventOf()]));
    }).then(say);
  });
}

await (kind === 'bare' ? bare() : gateway());
