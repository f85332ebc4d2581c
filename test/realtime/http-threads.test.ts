import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '#lib/domain/account/account.ts';
import type { Attachment } from '#lib/domain/attachment/attachment.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import { ROLES, type Role } from '#lib/domain/member/member.ts';
import { AUDIENCES, type Audience } from '#lib/domain/thread/audience.ts';
import type { Body, Message } from '#lib/domain/thread/thread.ts';
import { mayReadAudience, mayWriteAudience } from '#lib/policies/audience.ts';
import { buildAccount, buildWorkspace } from '../support/factories.ts';
import { buildPerson, START_MS, startServer, type Browser, type TestServer } from '../support/server.ts';
import { bodyOf, openedDispute } from '../support/thread-world.ts';

let server: TestServer;
let account: Account;
let dispute: Dispute;
let hidden: Dispute;
const people = {} as Record<Role, Browser>;
let narrow: Browser;
let stranger: Browser;

beforeAll(async () => {
  server = await startServer({
    prepare: async (app) => {
      const ours = await buildWorkspace(app);
      for (const role of ROLES) await buildPerson(app, ours, { email: `${role}@example.com`, role, name: `P ${role}` });
      await buildPerson(app, ours, { email: 'narrow@example.com', role: 'collector', scope: 'portfolio' });
      account = await buildAccount(app, ours, { openItems: [{ cents: 90_000, dueDay: '2026-01-10' }] });
      dispute = await openedDispute(app, ours, account, { department: 'sales' });
      const theirs = await buildWorkspace(app);
      await buildPerson(app, theirs, { email: 'stranger@example.com', role: 'manager' });
      const other = await buildAccount(app, theirs);
      hidden = await openedDispute(app, theirs, other);
    },
  });
  for (const role of ROLES) people[role] = await server.as(`${role}@example.com`);
  narrow = await server.as('narrow@example.com');
  stranger = await server.as('stranger@example.com');
}, START_MS);
afterAll(() => server.close());

const who = (role: Role) => ({ role, allowedActions: null });
const post = (by: Browser, body: unknown, audience: Audience = 'internal', id = dispute.id, extra: object = {}) =>
  by.api('POST', `/disputes/${id}/messages`, { audience, body, ...extra });
const posted = async (
  by: Browser,
  body: Body,
  audience: Audience = 'internal',
  extra: object = {},
): Promise<string> => {
  const answer = await post(by, body, audience, dispute.id, extra);
  expect(answer.status, answer.text).toBe(201);
  return answer.json<{ id: string }>().id;
};
const list = (by: Browser, audience: Audience = 'internal', id = dispute.id) =>
  by.api('GET', `/disputes/${id}/messages?audience=${audience}`);
const upload = (
  by: Browser,
  bytes: Uint8Array,
  audience: Audience = 'internal',
  name = 'palette.png',
  id = dispute.id,
) =>
  by.request('POST', `/api/v1/disputes/${id}/attachments?audience=${audience}&name=${encodeURIComponent(name)}`, {
    body: bytes,
    headers: { 'content-type': 'application/octet-stream' },
  });
const png = (): Uint8Array => Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), randomBytes(500)]);
const codeOf = (answer: { text: string }): string => (JSON.parse(answer.text) as { code: string }).code;

describe('[A1] threads over HTTP', () => {
  it.each(AUDIENCES)('[A1] %s: zero bytes to whoever may not read it, by any way', async (audience) => {
    const canary = `canari-${audience}-${randomBytes(6).toString('hex')}`;
    const author = people.manager;
    const file = (await upload(author, png(), audience, `${canary}.png`)).json<Attachment>();
    const id = await posted(author, bodyOf(`Dit à ${audience} : ${canary}`), audience, { attachmentIds: [file.id] });
    expect((await author.api('POST', `/messages/${id}/reactions`, { reaction: '👍', on: true })).status).toBe(200);
    for (const role of ROLES) {
      const by = people[role];
      const [reads, writes] = [mayReadAudience(who(role), audience), mayWriteAudience(who(role), audience)];
      const body = bodyOf('essai');
      const asked = {
        list: await list(by, audience),
        sheet: await by.api('GET', `/disputes/${dispute.id}`),
        page: await by.request('GET', `/disputes/${dispute.id}`),
        timeline: await by.api('GET', `/accounts/${account.id}/timeline?limit=200`),
        ofDispute: await by.api('GET', `/accounts/${account.id}/timeline?limit=200&disputeId=${dispute.id}`),
        files: await by.api('GET', `/disputes/${dispute.id}/attachments`),
        filesHere: await by.api('GET', `/disputes/${dispute.id}/attachments?audience=${audience}`),
        download: await by.request('GET', `/api/v1/attachments/${file.id}`),
        preview: await by.request('GET', `/api/v1/attachments/${file.id}/preview`),
        notifications: await by.api('GET', '/notifications'),
        follow: await by.api('POST', `/disputes/${dispute.id}/follow`, { audience, following: false }),
        read: await by.api('POST', `/disputes/${dispute.id}/read`, { audience, seq: 1 }),
        post: await post(by, body, audience),
        react: await by.api('POST', `/messages/${id}/reactions`, { reaction: '👀', on: true }),
        edit: await by.api('PATCH', `/messages/${id}`, { body: bodyOf(`Dit à ${audience} : ${canary}`) }),
        copy: await by.api('POST', `/messages/${id}/copy`, { audience: 'partner', body }),
        upload: await upload(by, png(), audience),
      };
      if (!reads)
        for (const [name, answer] of Object.entries(asked)) {
          expect([role, name, answer.text.includes(canary)]).toEqual([role, name, false]);
          expect([role, name, answer.headers.get('content-disposition') ?? '']).toEqual([role, name, '']);
        }
      const mayNotAtAll = !mayWriteAudience(who(role), 'internal');
      const write = (ok: number): number => (writes ? ok : reads || mayNotAtAll ? 403 : 404);
      const statuses = Object.fromEntries(Object.entries(asked).map(([name, { status }]) => [name, status]));
      expect({ role, ...statuses }).toMatchObject({
        role,
        list: reads ? 200 : 404,
        filesHere: reads ? 200 : 404,
        download: reads ? 200 : 404,
        preview: reads ? 200 : 404,
        follow: reads ? 200 : 404,
        read: reads ? 200 : 404,
        post: write(201),
        react: write(200),
        edit: role === 'manager' ? 200 : writes ? 403 : write(0),
        upload: write(201),
      });
      if (reads) expect(asked.list.text).toContain(canary);
    }
  });

  it('[A2] what is not for me answers as what is not there, to the last byte', async () => {
    const secret = await posted(people.manager, bodyOf('secret'), 'credit');
    const file = (await upload(people.manager, png(), 'credit')).json<Attachment>();
    const stripped = ({ status, text }: { status: number; text: string }) => [
      status,
      text.replace(/urn:encours:request:[\w-]+/, ''),
    ];
    const body = bodyOf('x');
    for (const [by, id, message, attachment] of [
      [people.sales, dispute.id, secret, file.id],
      [narrow, dispute.id, secret, file.id],
      [stranger, dispute.id, secret, file.id],
      [people.manager, hidden.id, 'nothing-of-this-id', 'nothing-of-this-id'],
    ] as const) {
      const ways: [string, string, unknown][] = [
        ['GET', `/disputes/{}/messages?audience=credit`, undefined],
        ['POST', `/disputes/{}/messages`, { audience: 'credit', body }],
        ['GET', `/disputes/{}/attachments?audience=credit`, undefined],
        ['PATCH', `/messages/[]`, { body }],
        ['DELETE', `/messages/[]`, undefined],
        ['POST', `/messages/[]/reactions`, { reaction: '👍', on: true }],
        ['POST', `/messages/[]/copy`, { audience: 'customer', body }],
        ['GET', `/attachments/<>`, undefined],
        ['GET', `/attachments/<>/preview`, undefined],
        ['DELETE', `/attachments/<>`, undefined],
      ];
      const none = 'nothing-at-all-here';
      for (const [method, path, given] of ways) {
        const at = (a: string, b: string, c: string) => path.replace('{}', a).replace('[]', b).replace('<>', c);
        const real = await by.api(method, at(id, message, attachment), given);
        const unknown = await by.api(method, at(none, none, none), given);
        expect([method, path, ...stripped(real)]).toEqual([method, path, ...stripped(unknown)]);
        expect(real.status).toBe(404);
      }
    }
    expect((await list(people.manager, 'credit')).text).toContain('secret');
  });

  it('[A7] nobody writes as another, whatever the command says', async () => {
    const me = (await people.sales.api('GET', '/me')).json<{ member: { id: string } }>().member.id;
    const other = (await people.manager.api('GET', '/me')).json<{ member: { id: string } }>().member.id;
    const forged = { authorId: other, coAuthorIds: [other], seq: 999, postedAt: '2020-01-01T00:00:00.000Z' };
    const id = await posted(people.sales, bodyOf('signé'), 'internal', forged);
    const page = (await list(people.sales)).json<{ messages: Message[] }>();
    expect(page.messages.find((one) => one.id === id)).toMatchObject({ authorId: me, coAuthorIds: [] });
    expect((await people.manager.api('PATCH', `/messages/${id}`, { body: bodyOf('falsifié') })).status).toBe(403);
  });

  it('numbers messages without gap, and pages them', async () => {
    await Promise.all(
      Array.from({ length: 12 }, (_, at) => post(people[at % 2 === 0 ? 'adv' : 'quality'], bodyOf(`n ${at}`))),
    );
    const all = (await list(people.adv)).json<{ messages: Message[]; lastSeq: number }>();
    const seqs = all.messages.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, at) => (seqs[0] ?? 0) + at));
    expect(seqs.at(-1)).toBe(all.lastSeq);
    const after = await people.adv.api('GET', `/disputes/${dispute.id}/messages?after=${all.lastSeq - 3}&limit=2`);
    expect(after.json<{ messages: Message[] }>().messages.map(({ seq }) => seq)).toEqual([
      all.lastSeq - 2,
      all.lastSeq - 1,
    ]);
  });
});

describe('bodies', () => {
  const text = (value: string, marks?: unknown): unknown => ({
    type: 'doc',
    content: [
      { type: 'paragraph', content: [{ type: 'text', text: value, ...(marks === undefined ? {} : { marks }) }] },
    ],
  });

  it.each([
    ['iframe', { type: 'doc', content: [{ type: 'iframe', attrs: { src: 'https://example.com' } }] }],
    ['image', { type: 'doc', content: [{ type: 'image', attrs: { src: 'x', onerror: 'alert(1)' } }] }],
    ['html mark', text('x', [{ type: 'html', attrs: { html: '<b>' } }])],
    ...['javascript:alert(1)', 'JaVaScRiPt:alert(1)', '\tjavascript:x', 'data:text/html,<script>', 'file:///etc'].map(
      (href): [string, unknown] => [href, text('x', [{ type: 'link', attrs: { href } }])],
    ),
    ['a string', 'x'],
    ['a list', [1]],
    ['too long', text('x'.repeat(120_000))],
  ])('[B7] refuses %s', async (_, body) => {
    const answer = await post(people.collector, body);
    expect([answer.status, codeOf(answer)]).toEqual([400, 'validation_failed']);
  });

  it('[B7] keeps hostile text as text', async () => {
    const hostile = '<img src=x onerror=alert(1)>"\'`</script><script>alert(1)</script>';
    const id = await posted(people.collector, bodyOf(hostile));
    const page = (await list(people.collector)).json<{ messages: Message[] }>();
    expect(page.messages.find((one) => one.id === id)?.text).toBe(hostile);
  });

  it('[B8] refuses field names of a database', async () => {
    for (const body of [{ $where: '1' }, { 'a.b': 1 }, { type: 'doc', content: [{ $ne: null }] }])
      expect(codeOf(await post(people.collector, body))).toBe('validation_failed');
  });

  it('[B9] refuses half a surrogate pair, and keeps every other text as it came', async () => {
    const raw = (words: string): string =>
      `{"body":{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"${words}"}]}]}}`;
    const send = (words: string) =>
      people.collector.request('POST', `/api/v1/disputes/${dispute.id}/messages`, {
        body: raw(words),
        headers: { 'content-type': 'application/json' },
      });
    expect(codeOf(await send('a\\ud800b'))).toBe('validation_failed');
    for (const words of ['été', 'e\u0301te\u0301', '👩\u200d🔧', '\u202egauche', '\u0000'.replace('\u0000', 'zéro')]) {
      const { id } = (await send(words)).json<{ id: string }>();
      const page = (await list(people.collector)).json<{ messages: Message[] }>();
      expect(page.messages.find((one) => one.id === id)?.text).toBe(words);
    }
  });
});

describe('files', () => {
  it('come back byte for byte, to save, in a sandbox, never as a page', async () => {
    const bytes = png();
    const sent = await upload(people.sales, bytes, 'internal', '../../palette "cassée"\u202e.png');
    expect(sent.status).toBe(201);
    const file = sent.json<Attachment>();
    expect(file).toMatchObject({
      name: 'palette _cassée_.png',
      type: 'image/png',
      bytes: bytes.length,
      state: 'draft',
    });
    for (const [path, type] of [
      ['', 'image/png'],
      ['/preview', 'image/png'],
    ]) {
      const got = await fetch(`${server.url}/api/v1/attachments/${file.id}${path}`, {
        headers: { cookie: people.sales.cookie() },
      });
      expect(Buffer.from(await got.arrayBuffer()).equals(bytes)).toBe(true);
      expect(got.headers.get('content-type')).toBe(type);
      expect(got.headers.get('content-disposition')).toMatch(/^attachment; filename=/);
      expect(got.headers.get('content-disposition')).toContain('cass%C3%A9e');
      expect(got.headers.get('x-content-type-options')).toBe('nosniff');
      expect(got.headers.get('content-security-policy')).toContain('sandbox');
      expect(got.headers.get('cache-control')).toContain('no-store');
    }
    expect((await people.finance.request('GET', `/api/v1/attachments/${file.id}`)).status).toBe(404);
  });

  it('a PDF is previewed as bytes alone, a text not at all', async () => {
    const pdf = (await upload(people.sales, Buffer.from('%PDF-1.7\n...'), 'internal', 'bon.pdf')).json<Attachment>();
    const preview = await people.sales.request('GET', `/api/v1/attachments/${pdf.id}/preview`);
    expect([preview.status, preview.headers.get('content-type')]).toEqual([200, 'application/octet-stream']);
    const plain = (await upload(people.sales, Buffer.from('bonjour'), 'internal', 'x.html')).json<Attachment>();
    expect(plain.type).toBe('text/plain');
    expect((await people.sales.request('GET', `/api/v1/attachments/${plain.id}/preview`)).status).toBe(404);
  });

  it.each([
    ['a page', '<!doctype html><script>alert(1)</script>'],
    ['a drawing with a script', '<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'],
    ['a program', '\u007fELF\u0002\u0001\u0001\u0000'],
  ])('[B7] %s is refused, whatever its name', async (_, content) => {
    const answer = await upload(people.sales, Buffer.from(content), 'internal', 'photo.png');
    expect([answer.status, codeOf(answer)]).toEqual([415, 'unsupported_media']);
  });

  it('[B4] more than 25 MB is refused with a name, said or not', async () => {
    const path = `/api/v1/disputes/${dispute.id}/attachments?name=x.png`;
    const said = await people.sales.request('POST', path, {
      body: new Uint8Array(26 * 1_024 * 1_024),
      headers: { 'content-type': 'application/octet-stream' },
    });
    expect([said.status, codeOf(said)]).toEqual([413, 'too_large']);
    const streamed = await streamUp(path, 40);
    expect([streamed.status, codeOf(streamed)]).toEqual([413, 'too_large']);
    expect((await people.sales.api('GET', `/disputes/${dispute.id}/attachments`)).text).not.toContain('"x.png"');
  });

  it('an empty one, one without a name, one of no dispute are refused', async () => {
    expect((await upload(people.sales, new Uint8Array(0))).status).toBe(400);
    const nameless = await people.sales.request('POST', `/api/v1/disputes/${dispute.id}/attachments`, {
      body: png(),
      headers: { 'content-type': 'application/octet-stream' },
    });
    expect([nameless.status, codeOf(nameless)]).toEqual([400, 'validation_failed']);
    expect((await upload(people.sales, png(), 'internal', 'x.png', 'nothing-of-this-id')).status).toBe(404);
  });

  it('[K3] the same key keeps one file', async () => {
    const bytes = png();
    const send = () =>
      people.sales.request('POST', `/api/v1/disputes/${dispute.id}/attachments?name=une-fois.png`, {
        body: bytes,
        headers: { 'content-type': 'application/octet-stream', 'idempotency-key': 'file-key' },
      });
    const [one, two] = [await send(), await send()];
    expect(two.json<Attachment>().id).toBe(one.json<Attachment>().id);
    expect((await people.sales.request('GET', `/api/v1/attachments/${one.json<Attachment>().id}`)).status).toBe(200);
  });

  it('draft of a message is removed by its owner, and the addresses answer other methods by name', async () => {
    const file = (await upload(people.sales, png())).json<Attachment>();
    expect((await people.quality.api('DELETE', `/attachments/${file.id}`)).status).toBe(403);
    expect((await people.sales.api('DELETE', `/attachments/${file.id}`)).status).toBe(200);
    expect((await people.sales.api('DELETE', `/attachments/${file.id}`)).status).toBe(404);
    expect((await people.sales.api('PATCH', `/attachments/${file.id}`, {})).status).toBe(405);
    expect((await people.sales.api('PATCH', `/disputes/${dispute.id}/attachments`, {})).status).toBe(405);
  });
});

/** Sends so many MB without saying how many, until the server answers. */
function streamUp(path: string, megabytes: number): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const sending = httpRequest(
      `${server.url}${path}`,
      { method: 'POST', headers: { cookie: people.sales.cookie(), 'content-type': 'application/octet-stream' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => (text += chunk));
        response.on('end', () => {
          resolve({ status: response.statusCode ?? 0, text });
          sending.destroy();
        });
      },
    );
    sending.on('error', reject);
    let left = megabytes;
    const more = (): void => {
      while (left > 0) {
        left -= 1;
        if (!sending.write(new Uint8Array(1_048_576))) return void sending.once('drain', more);
      }
      sending.end();
    };
    more();
  });
}
