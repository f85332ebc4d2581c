import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as decoding from 'lib0/decoding';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import type { Account } from '#lib/domain/account/account.ts';
import type { Member } from '#lib/domain/member/member.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { DRAFTS_ROOT, MESSAGE, MODE, NOTE_ROOT, SYNC_STEP } from '#lib/protocol/collab.ts';
import { noteDocument } from '#lib/protocol/streams.ts';
import { EDITOR_SCHEMA_VERSION } from '#lib/protocol/version.ts';
import { sessionCookieName } from '#server/auth/cookies.ts';
import { sessionsOf } from '#server/auth/lucia.ts';
import { digestOf } from '#server/auth/secrets.ts';
import { createCollab, type Collab, type CollabDeps } from '#server/collab/collab.ts';
import { numberMessage, syncMessage } from '#server/collab/frame.ts';
import { newId } from '#server/store/id.ts';
import { dispatchUpgrades } from '#server/upgrades.ts';
import { buildApp, type BuildOptions, type TestApp } from './app.ts';
import { buildAccount, buildMember, buildWorkspace } from './factories.ts';
import { until } from './realtime.ts';

export interface CollabHouse {
  app: TestApp;
  workspace: Workspace;
  account: Account;
  collab: Collab;
  port: number;
  /** A member of the workspace, signed in; answers the cookie. */
  person(overrides?: Partial<Member>): Promise<{ member: Member; cookie: string; sessionId: string }>;
  /** Somebody at the account's note, not connected yet. */
  pen(who: { cookie: string }, options?: PenOptions): Pen;
  /** Stops the server and leaves the store open. */
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** A real HTTP server with the co-writing rooms on a real store, and one account. Close it after the test. */
export async function openCollab(
  options: BuildOptions & { deps?: CollabDeps; app?: TestApp; workspace?: Workspace; account?: Account } = {},
): Promise<CollabHouse> {
  const app = options.app ?? (await buildApp({ at: new Date().toISOString(), ...options }));
  const workspace = options.workspace ?? (await buildWorkspace(app));
  const account = options.account ?? (await buildAccount(app, workspace));
  const collab = createCollab(app, options.deps);
  app.live = collab.live;
  const server = createServer((_, response) => response.writeHead(404).end());
  dispatchUpgrades(server, [{ prefix: '/collab/', handle: collab.handleUpgrade }], false);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const pens = new Set<Pen>();
  const stop = async (): Promise<void> => {
    for (const pen of pens) pen.cut();
    await collab.close();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  };
  return {
    app,
    workspace,
    account,
    collab,
    port,
    person: async (overrides = {}) => {
      const member = await buildMember(app, workspace, overrides);
      const token = `${newId()}-${newId()}`;
      const sessionId = digestOf(token);
      const absoluteExpiresAt = new Date(Date.now() + 30 * 86_400_000).toISOString();
      await sessionsOf(app).createSession(
        member.id,
        { workspaceId: workspace.id, absoluteExpiresAt, replaces: null },
        { sessionId },
      );
      return { member, cookie: `${sessionCookieName(app.config)}=${token}`, sessionId };
    },
    pen: (who, given = {}) => {
      const pen = new Pen(`ws://127.0.0.1:${port}`, who.cookie, { document: noteDocument(account.id), ...given });
      pens.add(pen);
      return pen;
    },
    stop,
    close: async () => {
      await stop();
      if (options.app === undefined) await app.close();
    },
  };
}

export interface PenOptions {
  document?: string;
  epoch?: number;
  schema?: number;
  origin?: string;
  /** For whom the page was loaded. */
  member?: string;
}

/** Writes in one fragment. */
export class Quill {
  readonly doc: Y.Doc;
  readonly fragment: Y.XmlFragment;

  constructor(doc: Y.Doc, fragment: Y.XmlFragment) {
    this.doc = doc;
    this.fragment = fragment;
  }

  /** Writes a paragraph at the end. */
  write(text: string): void {
    this.doc.transact(() => {
      const paragraph = new Y.XmlElement('paragraph');
      paragraph.insert(0, [new Y.XmlText(text)]);
      this.fragment.insert(this.fragment.length, [paragraph]);
    });
  }

  /** Types at a place in the first paragraph. */
  type(at: number, text: string): void {
    const first = this.fragment.get(0);
    if (!(first instanceof Y.XmlElement)) return this.write(text);
    const line = first.get(0);
    if (line instanceof Y.XmlText) line.insert(Math.min(at, line.length), text);
  }
}

/** One who writes: a Y.Doc and the wire, spoken by hand so that a test can cut, hold back and forge. */
export class Pen {
  readonly doc = new Y.Doc();
  readonly url: string;
  readonly cookie: string;
  readonly origin: string | undefined;
  ws: WebSocket | null = null;
  synced = false;
  sent = 0;
  acked = 0;
  mode: number | null = null;
  closed: { code: number; reason: string } | null = null;
  /** Messages with content (not acks, modes, questions) heard since the last connection. */
  heard: Uint8Array[] = [];
  /** Answers LEAVING as our client does. */
  polite = true;
  /** While true, what it writes waits. */
  holding = false;
  held: Uint8Array[] = [];

  constructor(
    base: string,
    cookie: string,
    { document = '', epoch = 1, schema = EDITOR_SCHEMA_VERSION, origin, member }: PenOptions,
  ) {
    this.url = `${base}/collab/${document}?epoch=${epoch}&schema=${schema}${member === undefined ? '' : `&member=${member}`}`;
    this.cookie = cookie;
    this.origin = origin;
    this.doc.on('update', (update: Uint8Array, from: unknown) => {
      if (from !== this) this.say(syncMessage(SYNC_STEP.UPDATE, update));
    });
  }

  connect(): this {
    const ws = new WebSocket(this.url, {
      headers: { cookie: this.cookie },
      perMessageDeflate: false,
      ...(this.origin === undefined ? {} : { origin: this.origin }),
    });
    this.ws = ws;
    this.synced = false;
    this.sent = 0;
    this.acked = 0;
    this.closed = null;
    this.heard = [];
    let broken = '';
    ws.on('open', () => this.ws === ws && ws.send(syncMessage(SYNC_STEP.VECTOR, Y.encodeStateVector(this.doc))));
    ws.on('message', (data: Buffer) => this.ws === ws && this.hear(new Uint8Array(data)));
    ws.on('close', (code, reason) => {
      if (this.ws !== ws) return;
      this.closed = { code, reason: reason.toString() || broken };
      this.synced = false;
    });
    ws.on('error', (error) => {
      broken = error.message;
    });
    return this;
  }

  async ready(): Promise<this> {
    if (this.ws === null) this.connect();
    await until(() => this.synced || this.closed !== null, 'synced');
    if (!this.synced) throw new Error(`closed ${this.closed?.code} ${this.closed?.reason}`);
    return this;
  }

  say(message: Uint8Array): void {
    if (this.ws?.readyState !== WebSocket.OPEN) return;
    if (this.holding) this.held.push(message);
    else this.raw(message);
  }

  /** Sends it whatever the state. */
  raw(message: Uint8Array): void {
    if (message[0] === MESSAGE.SYNC && message[1] !== SYNC_STEP.VECTOR) this.sent += 1;
    this.ws?.send(message);
  }

  release(messages: Uint8Array[] = this.held): void {
    this.holding = false;
    this.held = [];
    for (const message of messages) this.raw(message);
  }

  hear(data: Uint8Array): void {
    const decoder = decoding.createDecoder(data);
    const type = decoding.readVarUint(decoder);
    if (type === MESSAGE.ACK) this.acked = decoding.readVarUint(decoder);
    else if (type === MESSAGE.MODE) {
      this.mode = decoding.readVarUint(decoder);
      if (this.mode === MODE.LEAVING && this.polite) this.raw(numberMessage(MESSAGE.MODE, MODE.LEAVING));
    } else if (type === MESSAGE.SYNC) {
      const step = decoding.readVarUint(decoder);
      const body = decoding.readVarUint8Array(decoder);
      if (step === SYNC_STEP.VECTOR) this.raw(syncMessage(SYNC_STEP.DIFFERENCE, Y.encodeStateAsUpdate(this.doc, body)));
      else {
        this.heard.push(data);
        Y.applyUpdate(this.doc, body, this);
        if (step === SYNC_STEP.DIFFERENCE) this.synced = true;
      }
    } else this.heard.push(data);
  }

  /** All it sent is acknowledged. */
  get saved(): boolean {
    return this.synced && this.sent > 0 && this.acked === this.sent;
  }

  get fragment(): Y.XmlFragment {
    return this.doc.getXmlFragment(NOTE_ROOT);
  }

  /** Writes a paragraph at the end of the note. */
  write(text: string): void {
    new Quill(this.doc, this.fragment).write(text);
  }

  /** Types at a place in the note's first paragraph. */
  type(at: number, text: string): void {
    new Quill(this.doc, this.fragment).type(at, text);
  }

  get text(): string {
    return this.fragment.toString();
  }

  get drafts(): Y.Map<Y.XmlFragment> {
    return this.doc.getMap(DRAFTS_ROOT);
  }

  /** State vector, as a command carries it. */
  get vector(): string {
    return Buffer.from(Y.encodeStateVector(this.doc)).toString('base64');
  }

  draft(id: string): Y.XmlFragment | null {
    return this.drafts.get(id) ?? null;
  }

  draftText(id: string): string {
    return this.draft(id)?.toString() ?? '';
  }

  /** Begins a draft. */
  begin(id: string): Quill {
    this.drafts.set(id, new Y.XmlFragment());
    return this.in(id);
  }

  /** Writes in a draft that is there. */
  in(id: string): Quill {
    const draft = this.draft(id);
    if (draft === null) throw new Error(`no draft ${id}`);
    return new Quill(this.doc, draft);
  }

  /** Breaks the line without a word. */
  cut(): void {
    const { ws } = this;
    this.ws = null;
    this.synced = false;
    this.held = [];
    this.holding = false;
    ws?.terminate();
  }

  async closedWith(): Promise<number> {
    await until(() => this.closed !== null, 'closed');
    return this.closed?.code ?? 0;
  }
}

export const textOf = (updates: readonly Uint8Array[]): string => {
  const doc = new Y.Doc();
  for (const update of updates) Y.applyUpdate(doc, update);
  return doc.getXmlFragment(NOTE_ROOT).toString();
};

export const toHtml = (...paragraphs: string[]): string =>
  paragraphs.map((text) => `<paragraph>${text}</paragraph>`).join('');
