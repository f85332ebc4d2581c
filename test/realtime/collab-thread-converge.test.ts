import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import * as Y from 'yjs';
import { DRAFTS_ROOT, NOTE_ROOT } from '#lib/protocol/collab.ts';
import { noteText } from '#lib/protocol/editor-schema.ts';
import { threadDocument } from '#lib/protocol/streams.ts';
import { updatesOf } from '#server/collab/entry.ts';
import { openCollab, type CollabHouse, type Pen } from '../support/collab.ts';
import { until } from '../support/realtime.ts';
import { openedDispute } from '../support/thread-world.ts';

const SEEDS = Number(process.env.COLLAB_SEEDS ?? 50);
const OPS = Number(process.env.COLLAB_OPS ?? 50);
const PEOPLE = 5;
const AT_ONCE = 5;
const DRAFTS = ['reponse', 'relance', 'interne'];
/** Every character typed into a draft is another one: what becomes of each can be told. */
const FIRST_CHAR = 0x4e00;

type Random = (below: number) => number;
function prng(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

let house: CollabHouse;
let people: { cookie: string }[];
beforeAll(async () => {
  house = await openCollab({ deps: { compactFrom: 60 } });
  people = await Promise.all(Array.from({ length: PEOPLE }, () => house.person()));
});
afterAll(async () => {
  await house.close();
});

/** One dispute that five people edit: its note, its drafts, and posting, over lines that break. */
class Play {
  readonly document: string;
  readonly pens: Pen[];
  readonly random: Random;
  readonly posted: string[] = [];
  typed = 0;

  constructor(document: string, seed: number) {
    this.document = document;
    this.random = prng(seed);
    this.pens = people.map((who) => house.pen(who, { document }));
  }

  /** One act of somebody: types, deletes, cuts, comes back, holds back, lets go in another order or twice, posts. */
  async act(pen: Pen): Promise<void> {
    const { random } = this;
    const dice = random(24);
    if (dice < 9) this.typeInDraft(pen, DRAFTS[random(DRAFTS.length)] ?? '');
    else if (dice < 12) pen.type(random(40), String.fromCharCode(97 + random(26)));
    else if (dice < 14) pen.write(`p${random(1_000)}`);
    else if (dice === 14 && pen.fragment.length > 1) pen.fragment.delete(random(pen.fragment.length), 1);
    else if (dice === 15) pen.cut();
    else if (dice < 18 && pen.ws === null) pen.connect();
    else if (dice === 18) pen.holding = true;
    else if (dice === 19) pen.release([...pen.held].reverse());
    else if (dice === 20) pen.release([...pen.held, ...pen.held]);
    else if (dice > 21) await this.post(pen, DRAFTS[random(DRAFTS.length)] ?? '');
  }

  typeInDraft(pen: Pen, id: string): void {
    if (pen.draft(id) === null) return;
    const text = String.fromCodePoint(FIRST_CHAR + this.typed);
    this.typed += 1;
    if (this.random(4) === 0) pen.in(id).write(text);
    else pen.in(id).type(this.random(20), text);
  }

  /** As the command does: take, store, take out. Who is away posts what the server has of theirs, or hears `behind`. */
  async post(pen: Pen, id: string): Promise<void> {
    const { live } = house.collab;
    const taken = await live.takeDraft(house.workspace.id, this.document, id, pen.vector, 40);
    if (typeof taken === 'string') return;
    this.posted.push(noteText(taken.body));
    if (this.random(2) === 0) await new Promise(setImmediate);
    await live.removeDraft(house.workspace.id, this.document, id, taken.taken);
  }

  level(): boolean {
    const [first] = this.pens;
    return this.pens.every((pen) => pen.saved && first !== undefined && contentOf(pen.doc) === contentOf(first.doc));
  }
}

const contentOf = (doc: Y.Doc): string => {
  const drafts = doc.getMap<Y.XmlFragment>(DRAFTS_ROOT);
  const texts = [...drafts.keys()].sort().map((id) => `${id}: ${drafts.get(id)?.toString()}`);
  return [doc.getXmlFragment(NOTE_ROOT).toString(), ...texts].join('\n');
};

async function play(seed: number): Promise<void> {
  const dispute = await openedDispute(house.app, house.workspace, house.account);
  const play = new Play(threadDocument(dispute.id, 'internal'), seed);
  const { pens, random } = play;
  await Promise.all(pens.map((pen) => pen.ready()));
  for (const id of DRAFTS) pens[0]?.begin(id).write('');
  await until(() => pens.every((pen) => DRAFTS.every((id) => pen.draft(id) !== null)), `drafts, seed ${seed}`);
  for (let op = 0; op < OPS * PEOPLE; op++) {
    const pen = pens[random(PEOPLE)];
    if (pen !== undefined) await play.act(pen);
    if (op % 10 === 0) await new Promise(setImmediate);
  }
  for (const pen of pens) {
    if (pen.holding) pen.release();
    if (pen.ws === null || pen.closed !== null) pen.connect();
  }
  await until(() => play.level(), `level, seed ${seed}`, 20_000).catch(() => undefined);
  const where = pens.map((pen) => `${pen.closed?.code ?? 'open'} ${pen.synced} ${pen.acked}/${pen.sent}`).join(', ');
  expect([seed, play.level(), where, new Set(pens.map(({ doc }) => contentOf(doc))).size]).toEqual([
    seed,
    true,
    where,
    1,
  ]);
  const [first] = pens as [Pen];
  for (const pen of pens) expect([seed, pen.doc.store.pendingStructs]).toEqual([seed, null]);
  const server = new Y.Doc();
  const log = await house.app.store.workspace(house.workspace.id).log.read(play.document, 1);
  for (const update of log.flatMap(({ bytes }) => updatesOf(bytes))) Y.applyUpdate(server, update);
  expect([seed, contentOf(server)]).toEqual([seed, contentOf(first.doc)]);
  // and no word typed into a draft is lost, or posted twice, or left behind once it was posted
  const drafts = DRAFTS.map((id) => first.draftText(id)).join('');
  const found = [...play.posted.join(''), ...drafts].filter((char) => char >= String.fromCodePoint(FIRST_CHAR)).sort();
  const typed = Array.from({ length: play.typed }, (_, i) => String.fromCodePoint(FIRST_CHAR + i));
  expect([seed, found.join('')]).toEqual([seed, typed.join('')]);
  for (const pen of pens) pen.cut();
}

describe('[C1] five people, one dispute: note, drafts, cuts, and posting while others type', () => {
  const seeds = Array.from({ length: SEEDS }, (_, i) => 41_122_000 + i);
  const batches = Array.from({ length: Math.ceil(SEEDS / AT_ONCE) }, (_, i) =>
    seeds.slice(i * AT_ONCE, (i + 1) * AT_ONCE),
  );
  test.each(batches.map((batch): [string, number[]] => [`${batch[0]} to ${batch.at(-1)}`, batch]))(
    'seeds %s end with the same text, which is the store’s, and no word is lost',
    async (_, batch) => {
      await Promise.all(batch.map((seed) => play(seed)));
    },
  );
});
