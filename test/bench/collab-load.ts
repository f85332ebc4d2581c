import * as decoding from 'lib0/decoding';
import { WebSocket } from 'ws';
import * as Y from 'yjs';
import { DRAFTS_ROOT, MESSAGE, SYNC_STEP } from '#lib/protocol/collab.ts';
import { syncMessage } from '#server/collab/frame.ts';

export interface Target {
  port: number;
  cookies: string[];
}

/** Authors of five bytes, so that an update says at a known place whose it is. */
let nextAuthor = 2 ** 31;
const authorAt = (update: Uint8Array): number => Buffer.from(update.buffer, update.byteOffset).readUIntBE(5, 5);

/** Real editing, made beforehand: the updates of one author who types on in a draft of their own. */
export function typed(count: number, text?: string): Uint8Array[] {
  const doc = new Y.Doc();
  doc.clientID = nextAuthor++;
  const updates: Uint8Array[] = [];
  doc.on('update', (update: Uint8Array) => updates.push(syncMessage(SYNC_STEP.UPDATE, update)));
  const line = new Y.XmlText();
  doc.transact(() => {
    const paragraph = new Y.XmlElement('paragraph');
    paragraph.insert(0, [line]);
    const draft = new Y.XmlFragment();
    draft.insert(0, [paragraph]);
    doc.getMap(DRAFTS_ROOT).set(`d${doc.clientID}`, draft);
  });
  for (let i = 1; i < count; i++) line.insert(line.length, text ?? String.fromCharCode(97 + (i % 26)));
  return updates;
}

let next = 0;
const authors = new Map<number, Client>();

/** A client of as little weight as can be: it counts, and measures what it wrote itself. */
export class Client {
  readonly ws: WebSocket;
  readonly open: Promise<void>;
  synced: Promise<void>;
  deliveries = 0;
  acked = 0;
  sent = 0;
  bytes = 0;
  readonly sentAt: number[] = [];
  readonly ackMs: number[] = [];
  closed = 0;
  /** How long each update of another client of this process took to get here (ms). */
  readonly heardMs: number[] = [];
  readonly #heard = new Map<Client, number>();
  onDelivery: (() => void) | null = null;
  onPlaces: ((message: Buffer) => void) | null = null;

  constructor({ port, cookies }: Target, document: string) {
    this.ws = new WebSocket(`ws://127.0.0.1:${port}/collab/${document}?epoch=1&schema=2`, {
      headers: { cookie: cookies[next++ % cookies.length] ?? '' },
      perMessageDeflate: false,
    });
    this.open = new Promise((resolve, reject) => {
      this.ws.on('open', resolve);
      this.ws.on('error', reject);
    });
    let synced: () => void;
    let refused: (error: Error) => void;
    this.synced = new Promise((resolve, reject) => {
      synced = resolve;
      refused = reject;
    });
    this.synced.catch(() => undefined);
    this.ws.on('close', (code, reason) => {
      this.closed = code;
      refused(new Error(`closed with ${code} ${reason.toString()}`));
    });
    this.ws.on('message', (data: Buffer) => {
      if (data[0] === MESSAGE.ACK) {
        const n = decoding.readVarUint(decoding.createDecoder(data.subarray(1)));
        const now = performance.now();
        for (; this.acked < n; this.acked++) this.ackMs.push(now - (this.sentAt[this.acked] ?? now));
      } else if (data[0] === MESSAGE.SYNC && data[1] === SYNC_STEP.UPDATE) {
        this.deliveries += 1;
        this.#hear(data);
        this.bytes += data.length;
        this.onDelivery?.();
      } else if (data[0] === MESSAGE.SYNC && data[1] === SYNC_STEP.DIFFERENCE) {
        this.bytes += data.length;
        synced();
      } else if (data[0] === MESSAGE.AWARENESS) this.onPlaces?.(data);
    });
  }

  #hear(update: Buffer): void {
    const author = update.length > 10 ? authors.get(authorAt(update)) : undefined;
    if (author === undefined) return;
    const at = this.#heard.get(author) ?? 0;
    this.#heard.set(author, at + 1);
    this.heardMs.push(performance.now() - (author.sentAt[at] ?? Number.NaN));
  }

  /** Forgets what it was told so far, the document as it was. */
  begin(): void {
    this.deliveries = 0;
    this.heardMs.length = 0;
  }

  ask(): void {
    this.ws.send(syncMessage(SYNC_STEP.VECTOR, new Uint8Array([0])));
  }

  send(update: Uint8Array): void {
    if (this.sent === 0 && update.length > 10) authors.set(authorAt(update), this);
    this.sentAt[this.sent] = performance.now();
    this.sent += 1;
    this.ws.send(update);
  }
}

export const percentile = (values: readonly number[], p: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? 0;
};
