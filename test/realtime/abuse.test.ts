import { randomBytes } from 'node:crypto';
import { connect as connectTcp, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { accountStream } from '#lib/protocol/streams.ts';
import type { NewEvent } from '#server/store/port.ts';
import { newId } from '#server/store/id.ts';
import { buildAccount } from '../support/factories.ts';
import { openRealtime, until, type RealtimeHouse, type SignedIn } from '../support/realtime.ts';

let house: RealtimeHouse;
let anne: SignedIn;
const rejections: unknown[] = [];
const note = (reason: unknown): void => void rejections.push(reason);
const overdue = { openItems: [{ cents: 120_000, dueDay: '2026-01-10' }] };

beforeEach(() => {
  rejections.length = 0;
  process.on('unhandledRejection', note);
});
afterEach(async () => {
  await house.close();
  process.off('unhandledRejection', note);
  expect(rejections).toEqual([]);
});

async function begin(limits: object = {}): Promise<void> {
  house = await openRealtime({ deps: { limits } });
  anne = await house.person();
}

/** A WebSocket by hand, past its handshake, for frames that no library would send. */
async function rawSocket(): Promise<Socket> {
  const socket = connectTcp(house.port, '127.0.0.1');
  socket.on('error', () => undefined);
  socket.write(
    `GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nHost: 127.0.0.1:${house.port}\r\nOrigin: ${house.url}\r\n` +
      `Cookie: ${anne.cookie}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n` +
      `Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n`,
  );
  await new Promise((resolve) => socket.once('data', resolve));
  return socket;
}

/** A masked client frame. */
function frame(first: number, payload: Buffer, length = payload.length): Buffer {
  const head =
    length < 126 ? Buffer.from([first, 0x80 | length]) : Buffer.from([first, 0xfe, length >> 8, length & 255]);
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}

describe('[B1] frames that are none', () => {
  it('[B1] end their own connection and nobody else’s', async () => {
    await begin();
    const account = await buildAccount(house.app, house.workspace, overdue);
    const peer = await house.connect(await house.person());
    await peer.ask('watch', { streams: [{ stream: accountStream(account.id), since: 1 }] });
    const bad: [string, Buffer][] = [
      ['reserved bits', frame(0xf1, Buffer.from('x'))],
      ['an unknown opcode', frame(0x83, Buffer.from('x'))],
      ['not masked', Buffer.from([0x81, 0x01, 0x78])],
      ['bad UTF-8', frame(0x81, Buffer.from([0xc3, 0x28]))],
      [
        'a length beyond the safe integers',
        Buffer.from([0x81, 0xff, 255, 255, 255, 255, 255, 255, 255, 255, 0, 0, 0, 0]),
      ],
      ['a control frame of 200 bytes', frame(0x89, Buffer.alloc(200))],
      ['a continuation of nothing', frame(0x80, Buffer.from('x'))],
      ['no packet', frame(0x81, Buffer.from('zzz'))],
      ['a Socket.IO packet that is none', frame(0x81, Buffer.from('42[[['))],
      ['a reserved event', frame(0x81, Buffer.from('42["disconnecting"]'))],
      ['binary', frame(0x82, randomBytes(64))],
      ['attachments that never come', frame(0x81, Buffer.from('4510-["watch",{"_placeholder":true,"num":0}]'))],
      ['noise', randomBytes(2_000)],
    ];
    for (const [what, bytes] of bad) {
      const socket = await rawSocket();
      // the namespace first, as a client would
      socket.write(frame(0x81, Buffer.from('40')));
      socket.write(bytes);
      socket.write(bytes);
      if (what !== 'attachments that never come') await until(() => socket.closed, what);
      socket.destroy();
    }
    // half open: never says anything, never leaves
    const silent = await rawSocket();
    await house.app.store
      .workspace(house.workspace.id)
      .transaction((tx) => tx.append(accountStream(account.id), [eventOf('still here')]));
    await peer.hears('event');
    expect(peer.socket.connected).toBe(true);
    silent.destroy();
    await until(() => house.gateway.connections() === 1, 'only the peer is left', 15_000);
  });
});

describe('[B3] messages that are none', () => {
  it('[B3] 5,000 of them: each that asks for an answer gets a refusal, nothing breaks', async () => {
    await begin({ messagesPerSecond: 1_000_000, burst: 1_000_000 });
    const client = await house.connect(anne);
    const random = randomly(20_261_122);
    const names = [
      'watch',
      'unwatch',
      'follow',
      'unfollow',
      'presence',
      '__proto__',
      'constructor',
      'x',
      '',
      'toString',
    ];
    let answers = 0;
    let accepted = 0;
    let asked = 0;
    for (let batch = 0; batch < 50; batch += 1) {
      const waiting: Promise<void>[] = [];
      for (let index = 0; index < 100; index += 1) {
        const name = names[Math.floor(random() * names.length)] ?? 'x';
        const message = fuzz(random, 0);
        if (random() < 0.3) client.socket.emit(name, message);
        else if (random() < 0.1) client.socket.emit(name);
        else {
          asked += 1;
          waiting.push(
            client.ask(name, message).then((answer) => {
              answers += 1;
              if (typeof answer !== 'object' || answer === null) throw new Error('no answer');
              if (answer.ok) accepted += 1;
              else expect(answer.code).toMatch(/^(bad_request|validation_failed|too_large|not_found|forbidden)$/);
            }),
          );
        }
      }
      await Promise.all(waiting);
    }
    expect(answers).toBe(asked);
    // null is "nowhere" for presence: the only thing of all this that means anything
    expect(accepted).toBeLessThan(asked / 20);
    expect(client.socket.connected).toBe(true);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
    expect((await client.ask('follow', { topics: ['queue'] })).ok).toBe(true);
  });
});

describe('[B4] messages that are too large', () => {
  it('[B4] are refused by name, or end the connection with 1009, and are not sent again by themselves', async () => {
    await begin();
    const client = await house.connect(anne);
    const many = Array.from({ length: 1_100 }, () => 'x');
    expect(await client.ask('unwatch', { streams: many })).toEqual({ ok: false, code: 'too_large' });
    const long = 'x'.repeat(60_000);
    expect(await client.ask('unwatch', { streams: [long] })).toEqual({ ok: false, code: 'validation_failed' });
    let connections = 0;
    client.socket.io.reconnection(true);
    client.socket.io.on('open', () => (connections += 1));
    client.socket.emit('unwatch', { streams: ['x'.repeat(300_000)] });
    await client.closed;
    await until(() => client.socket.connected, 'it came back');
    await until(() => client.heard.filter(({ name }) => name === 'hello').length === 2, 'it is greeted');
    expect((await client.ask('follow', { topics: ['queue'] })).ok).toBe(true);
    expect(connections).toBe(1);
  });
});

describe('[O1] a client that does not read', () => {
  it('[O1] is given up before what waits for it costs memory; the others hear everything; it resyncs', async () => {
    await begin();
    const account = await buildAccount(house.app, house.workspace, overdue);
    const stream = accountStream(account.id);
    const peer = await house.connect(await house.person());
    const lazy = await house.connect(anne);
    for (const client of [peer, lazy]) await client.ask('watch', { streams: [{ stream, since: 1 }] });
    const tcp = (lazy.socket.io.engine.transport as unknown as { ws: { _socket: Socket } }).ws._socket;
    tcp.pause();
    const store = house.app.store.workspace(house.workspace.id);
    const events = 200;
    let sent = 0;
    // 80 MB in all, of which the peer keeps nothing
    for (let round = 0; round < events; round += 1) {
      await store.transaction((tx) => tx.append(stream, [eventOf('x'.repeat(400_000))]));
      sent += 1;
      await until(() => peer.events().some((event) => event.seq === sent + 1), 'the peer heard');
      peer.heard.length = 0;
      expect(house.gateway.sizes().waitingBytes).toBeLessThan(2 * 1_048_576);
    }
    expect(house.gateway.connections()).toBe(1);
    tcp.resume();
    await lazy.closed;
    const again = await house.connect(anne);
    const answer = await again.ask<{ refetch: boolean; seq: number }[]>('watch', { streams: [{ stream, since: 1 }] });
    expect(answer).toMatchObject({ ok: true, value: [{ refetch: true, seq: sent + 1 }] });
  });
});

describe('[O3] a client that asks too much', () => {
  it('[O3] is refused, while others are answered, and is answered again later', async () => {
    await begin({ messagesPerSecond: 5, burst: 20 });
    const flood = await house.connect(anne);
    const peer = await house.connect(await house.person());
    const answers = await Promise.all(Array.from({ length: 200 }, () => flood.ask('presence', null)));
    const codes = answers.map((answer) => (answer.ok ? 'ok' : answer.code));
    expect(codes.filter((code) => code === 'ok').length).toBeGreaterThanOrEqual(20);
    expect(codes.filter((code) => code === 'too_many_requests').length).toBeGreaterThan(100);
    // all tabs of a member together
    const tab = await house.connect(anne);
    expect(await tab.ask('presence', null)).toEqual({ ok: false, code: 'too_many_requests' });
    expect(await peer.ask('presence', null)).toMatchObject({ ok: true });
    await until(async () => (await flood.ask('presence', null)).ok, 'answered again');
  });

  it('[O3] cannot open any number of sockets', async () => {
    await begin({ socketsPerMember: 2 });
    await house.connect(anne);
    await house.connect(anne);
    expect(await house.tryConnect(anne.cookie)).toBe(429);
    expect(await house.tryConnect((await house.person()).cookie)).toBe(101);
  });
});

describe('[O6] coming and going', () => {
  it('[O6] 300 times leaves nothing behind', async () => {
    await begin({ messagesPerSecond: 1_000_000, burst: 1_000_000 });
    const account = await buildAccount(house.app, house.workspace, overdue);
    const stream = accountStream(account.id);
    for (let round = 0; round < 30; round += 1) {
      const clients = await Promise.all(Array.from({ length: 10 }, () => house.connect(anne)));
      await Promise.all(
        clients.map(async (client, index) => {
          await client.ask('watch', { streams: [{ stream, since: 1 }] });
          await client.ask('follow', { topics: ['queue'] });
          await client.ask('presence', { accountId: account.id, mode: 'viewing', field: null });
          if (index % 2 === 0) await client.ask('unwatch', { streams: [stream] });
        }),
      );
      for (const client of clients) client.close();
    }
    await until(() => house.gateway.connections() === 0, 'all have gone');
    expect(house.gateway.sizes()).toMatchObject({ peers: 0, rooms: 0, places: 0 });
  });
});

describe('[D6] the end', () => {
  it('[D6] says when to come back, differently to each, and closes', async () => {
    await begin();
    const clients = await Promise.all(Array.from({ length: 10 }, () => house.connect(anne)));
    await house.gateway.close();
    const pauses = await Promise.all(clients.map((client) => client.hears('bye') as Promise<{ pauseMs: number }>));
    for (const { pauseMs } of pauses) expect(pauseMs).toSatisfy((ms: number) => ms >= 500 && ms < 5_000);
    expect(new Set(pauses.map(({ pauseMs }) => pauseMs)).size).toBeGreaterThan(5);
    await Promise.all(clients.map((client) => client.closed));
    expect(await house.tryConnect(anne.cookie)).toBe(503);
  });
});

function eventOf(text: string): NewEvent {
  return {
    id: newId(),
    name: 'account.imported',
    at: house.app.clock.now(),
    day: '2026-03-16',
    actor: 'system',
    data: { text },
    personal: null,
  };
}

/** Mulberry32: a small seeded generator, so that a failure can be had again. */
function randomly(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let value = Math.imul(state ^ (state >>> 15), 1 | state);
    value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
    return ((value ^ (value >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function fuzz(random: () => number, depth: number): unknown {
  const pick = Math.floor(random() * 16);
  switch (pick) {
    case 0:
      return null;
    case 1:
      return random() * 1e18 - 5e17;
    case 2:
      return 'x'.repeat(Math.floor(random() * 2_000));
    case 3:
      return JSON.parse('{"__proto__":{"polluted":true},"streams":[{"__proto__":{"polluted":true}}]}');
    case 4: {
      let deep: unknown = 1;
      for (let level = 0; level < 1_000; level += 1) deep = [deep];
      return deep;
    }
    case 5:
      return { streams: [{ stream: fuzz(random, depth + 1), since: fuzz(random, depth + 1) }] };
    case 6:
      return { topics: [fuzz(random, depth + 1)] };
    case 7:
      return { accountId: fuzz(random, depth + 1), mode: 'viewing', field: fuzz(random, depth + 1) };
    case 8:
      return { streams: [{ stream: `account:${newId()}:internal`, since: 0 }] };
    case 9:
      return true;
    case 10:
      return { streams: Array.from({ length: 200 }, () => ({ stream: 'account:a:internal', since: -1 })) };
    case 11:
      return '\ud800';
    case 12:
      return { $ne: null, constructor: { prototype: { polluted: true } } };
    case 13:
      return { streams: 'account:a:internal', length: 1e9 };
    default:
      return depth > 4 ? [] : [fuzz(random, depth + 1), fuzz(random, depth + 1)];
  }
}
