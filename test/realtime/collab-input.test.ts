import { connect } from 'node:net';
import { randomBytes } from 'node:crypto';
import * as encoding from 'lib0/encoding';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { COLLAB_LIMITS, NOTE_ROOT, SYNC_STEP } from '#lib/protocol/collab.ts';
import { noteDocument } from '#lib/protocol/streams.ts';
import { syncMessage } from '#server/collab/frame.ts';
import { BadUpdate, readUpdate } from '#server/collab/read-update.ts';
import { openCollab, toHtml, type CollabHouse, type Pen } from '../support/collab.ts';
import { until } from '../support/realtime.ts';

let house: CollabHouse;
let witness: Pen;
beforeEach(async () => {
  house = await openCollab();
  witness = await house.pen(await house.person()).ready();
});
afterEach(async () => {
  await house.close();
});

const alive = async (): Promise<void> => {
  const other = await house.pen(await house.person()).ready();
  const text = `Encore ${randomBytes(4).toString('hex')}`;
  other.write(text);
  await until(() => witness.text.includes(text) && other.saved, 'the others go on');
  other.cut();
};

/** A WebSocket opened by hand, to send what no library would. */
async function bareSocket(): Promise<{ write(bytes: Uint8Array): void; code: Promise<number> }> {
  const { cookie } = await house.person();
  const socket = connect(house.port, '127.0.0.1');
  const path = `/collab/${noteDocument(house.account.id)}?epoch=1&schema=2`;
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${house.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
      `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}\r\nSec-WebSocket-Version: 13\r\nCookie: ${cookie}\r\n\r\n`,
  );
  let seen = Buffer.alloc(0);
  const code = new Promise<number>((resolve) => {
    const look = (): void => {
      // a close frame, from the server, unmasked: 0x88, length, code
      for (let at = seen.indexOf(0x88); at >= 0; at = seen.indexOf(0x88, at + 1)) {
        const found = seen.length >= at + 4 ? seen.readUInt16BE(at + 2) : 0;
        if (found >= 1000 && found < 5000) return resolve(found);
      }
    };
    socket.on('data', (data: Buffer) => {
      seen = Buffer.concat([seen, data]);
      look();
    });
    socket.on('close', () => resolve(0));
    socket.on('error', () => resolve(0));
  });
  await until(() => seen.includes('101'), 'upgraded');
  return { write: (bytes) => void socket.write(bytes), code };
}

describe('[B1] broken frames', () => {
  test.each([
    ['reserved bits', [0xf2, 0x80, 1, 2, 3, 4]],
    ['an unmasked frame', [0x82, 0x01, 0x00]],
    ['a length that no message has', [0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]],
    ['text that is not UTF-8', [0x81, 0x82, 0, 0, 0, 0, 0xc3, 0x28]],
    ['an unknown opcode', [0x83, 0x80, 0, 0, 0, 0]],
    ['a message of no kind', [0x82, 0x81, 0, 0, 0, 0, 0x7f]],
    ['an empty message', [0x82, 0x80, 0, 0, 0, 0]],
  ])('%s: closed for good, nobody else notices', async (_, bytes) => {
    const bare = await bareSocket();
    bare.write(Uint8Array.from(bytes));
    const code = await bare.code;
    expect(code).toBeGreaterThanOrEqual(4400);
    expect(code).toBeLessThan(4500);
    await alive();
  });
});

const bomb = (clients: number, structs: number): Uint8Array => {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, clients);
  encoding.writeVarUint(encoder, structs);
  return encoding.toUint8Array(encoder);
};

/** CPU time of this thread (ms): what others do on the machine is not what is promised. */
const threadMs = (): number => {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
};

const rootedUpdate = (make: (doc: Y.Doc) => void): Uint8Array => {
  const doc = new Y.Doc();
  make(doc);
  return Y.encodeStateAsUpdate(doc);
};

const marked = (attributes: object): Uint8Array =>
  rootedUpdate((doc) => {
    const paragraph = new Y.XmlElement('paragraph');
    const text = new Y.XmlText();
    paragraph.insert(0, [text]);
    doc.getXmlFragment(NOTE_ROOT).insert(0, [paragraph]);
    text.insert(0, 'x', attributes);
  });

const element = (name: string): Uint8Array =>
  rootedUpdate((doc) => doc.getXmlFragment(NOTE_ROOT).insert(0, [new Y.XmlElement(name)]));

describe('[B2] updates that no editor makes', () => {
  test.each([
    ['many structs announced', bomb(1, 30_000_000)],
    ['many authors announced', bomb(2 ** 31, 1)],
    ['bytes left over', Uint8Array.from([0, 0, 0])],
    ['cut short', marked({ bold: {} }).slice(0, -3)],
    ['another root', rootedUpdate((doc) => doc.getMap('facts').set('amount', 1))],
    ['a subdocument', rootedUpdate((doc) => doc.getMap(NOTE_ROOT).set('a', new Y.Doc()))],
    ['bytes', rootedUpdate((doc) => doc.getMap(NOTE_ROOT).set('a', new Uint8Array(3)))],
    ['an object', rootedUpdate((doc) => doc.getMap(NOTE_ROOT).set('a', { b: 1 }))],
    ['an iframe', element('iframe')],
    ['[B7] a script', element('script')],
    ['[B7] a javascript link', marked({ link: { href: 'javascript:alert(1)' } })],
    ['[B7] a hidden scheme', marked({ link: { href: 'java\tscript:alert(1)' } })],
    ['[B7] a data link', marked({ link: { href: 'data:text/html,<script>' } })],
    ['an unknown mark', marked({ blink: {} })],
  ])('%s: refused at once, closed, nothing relayed', async (_, update) => {
    expect(() => readUpdate(update)).toThrow(BadUpdate);
    const pen = await house.pen(await house.person()).ready();
    pen.raw(syncMessage(SYNC_STEP.UPDATE, update));
    expect(await pen.closedWith()).toBe(CLOSE.BAD_PROTOCOL);
    expect(witness.text).toBe('');
    await alive();
  });

  test('what the editor makes is taken', () => {
    expect(readUpdate(marked({ link: { href: 'https://example.com/a?b=c' } })).spans).toHaveLength(1);
    expect(readUpdate(marked({ bold: {}, italic: {} })).spans).toHaveLength(1);
    for (const name of ['paragraph', 'bulletList', 'orderedList', 'listItem', 'hardBreak', 'mention'])
      expect(readUpdate(element(name)).spans).toHaveLength(1);
  });

  test('updates that rest on nothing are bounded', async () => {
    const pen = await house.pen(await house.person()).ready();
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    const text = new Y.XmlText();
    doc.getXmlFragment(NOTE_ROOT).insert(0, [text]);
    for (let i = 0; i < 300; i++) text.insert(i, 'x');
    for (const update of updates.slice(1)) pen.raw(syncMessage(SYNC_STEP.UPDATE, update));
    expect(await pen.closedWith()).toBe(CLOSE.BAD_PROTOCOL);
    expect(witness.text).toBe('');
    await alive();
  });

  test('what comes in the wrong order is put right', async () => {
    const pen = await house.pen(await house.person()).ready();
    pen.holding = true;
    for (const text of ['Un', 'Deux', 'Trois', 'Quatre']) pen.write(text);
    pen.release([...pen.held].reverse());
    await until(() => pen.saved && witness.text === toHtml('Un', 'Deux', 'Trois', 'Quatre'), 'all there');
  });

  test('10,000 seeded mutations: none stalls, and what is accepted can be applied', () => {
    const doc = new Y.Doc();
    const updates: Uint8Array[] = [];
    doc.on('update', (update: Uint8Array) => updates.push(update));
    const fragment = doc.getXmlFragment(NOTE_ROOT);
    for (let i = 0; i < 40; i++) {
      const paragraph = new Y.XmlElement('paragraph');
      const text = new Y.XmlText();
      paragraph.insert(0, [text]);
      fragment.insert(0, [paragraph]);
      text.insert(0, `ligne ${i}`, i % 3 === 0 ? { bold: {} } : {});
      text.delete(1, 2);
    }
    updates.push(Y.encodeStateAsUpdate(doc));
    let seed = 20_261_122;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
      return seed % below;
    };
    let worst = 0;
    let accepted = 0;
    for (let i = 0; i < 10_000; i++) {
      const mutated = (updates[random(updates.length)] ?? new Uint8Array()).slice();
      for (let n = random(4); n >= 0; n--) mutated[random(mutated.length)] = random(256);
      const start = threadMs();
      let good = true;
      try {
        readUpdate(mutated);
      } catch (error) {
        good = false;
        expect(error).toBeInstanceOf(BadUpdate);
      }
      worst = Math.max(worst, threadMs() - start);
      if (!good) continue;
      accepted += 1;
      const copy = new Y.Doc();
      Y.applyUpdate(copy, mutated);
    }
    expect(accepted).toBeGreaterThan(100);
    expect(worst).toBeLessThan(50);
  });
});

describe('[B4] too large', () => {
  test('an update over the limit is named, once', async () => {
    const pen = await house.pen(await house.person()).ready();
    pen.write('x'.repeat(COLLAB_LIMITS.updateBytes + 10));
    expect(await pen.closedWith()).toBe(CLOSE.TOO_LARGE);
    await alive();
  });

  test('a frame far over the limit is named too', async () => {
    const pen = await house.pen(await house.person()).ready();
    pen.raw(syncMessage(SYNC_STEP.UPDATE, new Uint8Array(8_000_000)));
    expect(await pen.closedWith()).toBe(CLOSE.TOO_LARGE);
    await alive();
  });
});
