import { beforeEach, describe, expect, it } from 'vitest';
import { ClientProblem } from './api.ts';
import { memoryOutbox, type OutboxEntry } from './outbox-store.ts';
import { Outbox } from './outbox.svelte.ts';

const what = { kind: 'message', name: 'Litige 4', href: '/disputes/d4' };
let online: boolean;
let answers: (ClientProblem | null)[];
let sent: OutboxEntry[];
let outbox: Outbox;
let store: ReturnType<typeof memoryOutbox>;

const open = (): Outbox =>
  new Outbox({
    store,
    send: (entry) => {
      sent.push(entry);
      const problem = answers.shift() ?? null;
      return problem === null ? Promise.resolve({ id: entry.key }) : Promise.reject(problem);
    },
    isOnline: () => online,
    alone: (work) => work(),
    announce: () => undefined,
  });

beforeEach(async () => {
  online = true;
  answers = [];
  sent = [];
  store = memoryOutbox();
  outbox = open();
  await outbox.start('m1');
});

const post = (text: string, options = {}) => outbox.send(what, 'POST', '/disputes/d4/messages', { text }, options);

describe('[C3] the outbox', () => {
  it('sends at once while there is a server, and keeps nothing', async () => {
    expect(await post('a', { key: 'k1' })).toEqual({ sent: true, answer: { id: 'k1' } });
    expect(await store.all('m1')).toEqual([]);
  });

  it('keeps what is done without a network, through a reload, and sends it in order under the same keys', async () => {
    online = false;
    expect(await post('a', { key: 'k1' })).toEqual({ sent: false });
    expect(await post('b', { key: 'k2' })).toEqual({ sent: false });
    expect(outbox.waiting).toBe(2);
    outbox.stop();
    online = true;
    outbox = open();
    await outbox.start('m1');
    await outbox.flush();
    expect(sent.map((entry) => entry.key)).toEqual(['k1', 'k2']);
    expect(outbox.entries).toEqual([]);
  });

  it('never lets a later act overtake one that waits', async () => {
    online = false;
    await post('a', { key: 'k1' });
    online = true;
    expect(await post('b', { key: 'k2' })).toEqual({ sent: false });
    await outbox.flush();
    expect(sent.map((entry) => entry.key)).toEqual(['k1', 'k2']);
  });

  it('shows what the server refuses later, with its reason, and drops nothing', async () => {
    online = false;
    await post('a', { key: 'k1', version: 3 });
    await post('b', { key: 'k2' });
    online = true;
    answers = [new ClientProblem('version_conflict', 412, { currentVersion: 5 })];
    await outbox.flush();
    expect(outbox.refused).toBe(1);
    expect(outbox.waiting).toBe(0);
    expect(outbox.entries[0]).toMatchObject({ key: 'k1', version: 3, refusal: { code: 'version_conflict' } });
    expect((await store.all('m1')).map((entry) => entry.key)).toEqual(['k1']);
    await outbox.retry('k1');
    expect(outbox.entries).toEqual([]);
  });

  it('says a refusal at once to whoever is there, and keeps nothing', async () => {
    answers = [new ClientProblem('validation_failed', 400)];
    await expect(post('a')).rejects.toMatchObject({ code: 'validation_failed' });
    expect(outbox.entries).toEqual([]);
  });

  it.each(['network', 'store_unavailable', 'draft_behind', 'unauthenticated'] as const)(
    'waits where time helps: %s',
    async (code) => {
      answers = [new ClientProblem(code, 0)];
      expect(await post('a')).toEqual({ sent: false });
      expect(outbox.waiting).toBe(1);
      await outbox.flush();
      expect(outbox.waiting).toBe(0);
    },
  );

  it('ends by refusing a draft that never arrives', async () => {
    answers = Array.from({ length: 9 }, () => new ClientProblem('draft_behind', 409));
    await post('a');
    for (let turn = 0; turn < 8; turn += 1) await outbox.flush();
    expect(outbox.entries[0]).toMatchObject({ state: 'refused', refusal: { code: 'draft_behind' } });
  });

  it('counts a draft that is behind only when the server says so, not the cuts before', async () => {
    answers = Array.from({ length: 9 }, () => new ClientProblem('network', 0));
    await post('a');
    for (let turn = 0; turn < 8; turn += 1) await outbox.flush();
    answers = Array.from({ length: 3 }, () => new ClientProblem('draft_behind', 409));
    for (let turn = 0; turn < 3; turn += 1) await outbox.flush();
    expect(outbox.waiting).toBe(1);
    await outbox.flush();
    expect(outbox.entries).toEqual([]);
  });

  it('asks the server itself, whatever the browser says of the network', async () => {
    online = false;
    await post('a', { key: 'k1' });
    expect(sent).toEqual([]);
    await outbox.flush();
    expect(sent.map((entry) => entry.key)).toEqual(['k1']);
  });

  it('keeps what one member left from another on the same machine', async () => {
    online = false;
    await post('a');
    outbox.stop();
    online = true;
    outbox = open();
    await outbox.start('m2');
    await outbox.flush();
    expect(sent).toEqual([]);
    expect(outbox.entries).toEqual([]);
    expect(await store.all('m1')).toHaveLength(1);
  });
});
