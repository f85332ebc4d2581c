import { addDays } from '#lib/domain/calendar/calendar.ts';
import { nextWorkingDay } from '#lib/domain/calendar/working-days.ts';
import { RESOLUTION_PARTS, type ResolutionPart } from '#lib/domain/dispute/dispute.ts';
import type { LedgerLine } from '#lib/domain/import/import.ts';
import { openAsOf } from '#lib/domain/item/diff-item.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Cents, Day, Id } from '#lib/domain/values.ts';
import type { App } from '../app.ts';
import { colleaguesOf, type Colleagues } from '../services/colleagues.ts';
import { command, NO_META } from '../services/command.ts';
import { accessDispute } from '../services/disputes/access-dispute.ts';
import { answerDispute } from '../services/disputes/answer-dispute.ts';
import { assignDispute } from '../services/disputes/assign-dispute.ts';
import { closeDispute } from '../services/disputes/close-dispute.ts';
import { openDispute } from '../services/disputes/open-dispute.ts';
import { qualifyDispute } from '../services/disputes/qualify-dispute.ts';
import { resolveDispute } from '../services/disputes/resolve-dispute.ts';
import { waitDispute } from '../services/disputes/wait-dispute.ts';
import { bodyOfText, postMessageIn } from '../services/threads/post-in.ts';
import { disputes } from '../store/kinds/disputes.ts';
import { accounts, items } from '../store/kinds/workspace.ts';
import { STORIES, type Story, type Voice } from './dispute-stories.ts';
import type { Deed } from './history.ts';
import type { MadeAccount } from './ledger.ts';
import type { Random } from './random.ts';

/** How far each dispute of the demo has come. `settled`: what the last ledger resolves, by money or a credit note. */
type Stage =
  | 'open'
  | 'qualified'
  | 'assigned'
  | 'late'
  | 'answered'
  | 'waiting'
  | 'approval'
  | 'awaiting'
  | 'resolved'
  | 'closed'
  | 'credited'
  | 'settled';

/** Of the demo; the tiny one has a third of each. About thirty are live. */
const STAGES: readonly [Stage, number][] = [
  ['open', 3],
  ['qualified', 4],
  ['assigned', 6],
  ['late', 6],
  ['answered', 5],
  ['waiting', 4],
  ['approval', 2],
  ['awaiting', 4],
  ['resolved', 3],
  ['closed', 13],
  ['credited', 5],
  ['settled', 3],
];
/** What the ledger itself says is contested on the last day, on accounts without a story. */
const FLAGGED = 4;

interface Plot {
  stage: Stage;
  story: Story;
  accountNumber: string;
  itemNumber: string;
}

/** Live on the invoices that are still open today; over on those that are paid meanwhile. */
const ON_PAID: readonly Stage[] = ['credited', 'settled'];
const DAYS_KNOWN = 60;
const LEAST_CENTS: Cents = 30_000;
const NO_PARTS = Object.fromEntries(RESOLUTION_PARTS.map((part) => [part, 0])) as Record<ResolutionPart, Cents>;

/**
 * Chooses what is disputed in a made ledger, and takes back the flags that the ledger had: people open these disputes,
 * but for a few that the last ledger brings.
 *
 * @returns the ledger without those flags, and what is to be told of which invoice
 */
export function plotDisputes(
  ledger: readonly MadeAccount[],
  random: Random,
  today: Day,
  scale: number,
): { ledger: MadeAccount[]; plots: Plot[] } {
  const known = addDays(today, -DAYS_KNOWN);
  const whole = (line: LedgerLine): boolean =>
    line.kind === 'invoice' &&
    line.issueDay <= known &&
    openAsOf(line, known) === line.cents &&
    line.cents >= LEAST_CENTS;
  const open: { account: MadeAccount; line: LedgerLine }[] = [];
  const paid: typeof open = [];
  for (const account of ledger) {
    const left = account.lines.find((line) => whole(line) && openAsOf(line, today) === line.cents);
    const gone = account.lines.find((line) => whole(line) && openAsOf(line, today) === 0);
    if (left !== undefined) open.push({ account, line: left });
    else if (gone !== undefined) paid.push({ account, line: gone });
  }
  const plots: Plot[] = [];
  for (const [stage, count] of STAGES)
    for (let at = 0; at < Math.max(1, Math.round(count * scale)); at += 1) {
      const pool = ON_PAID.includes(stage) ? paid : open;
      const [taken] = pool.splice(random.whole(0, pool.length - 1), 1);
      const story = STORIES[plots.length % STORIES.length];
      if (taken === undefined || story === undefined) continue;
      plots.push({ stage, story, accountNumber: taken.account.number, itemNumber: taken.line.number });
    }
  const told = new Set(plots.map((plot) => plot.accountNumber));
  let flags = Math.max(1, Math.round(FLAGGED * scale));
  const quiet = ledger.map((account) => {
    const lines = account.lines.map((line) => {
      const fresh = line.disputed && line.issueDay > known && openAsOf(line, today) !== 0 && !told.has(account.number);
      if (!line.disputed || (fresh && flags-- > 0)) return line;
      return { ...line, disputed: false };
    });
    return { ...account, lines };
  });
  return { ledger: quiet, plots };
}

/** A ledger too large for stories: one account in so many keeps what its ledger says is contested. */
export function* fewerFlags(ledger: Iterable<MadeAccount>, every = 50): Generator<MadeAccount> {
  let at = 0;
  for (const account of ledger) {
    at += 1;
    if (at % every === 0) yield account;
    else yield { ...account, lines: account.lines.map((line) => ({ ...line, disputed: false })) };
  }
}

interface Cast {
  collector: Actor;
  settler: Actor;
  manager: Actor;
}

/** What people did on the disputes, step by step, for `makeHistory` to do in order of time. */
export async function disputeDeeds(
  app: App,
  workspaceId: Id,
  plots: readonly Plot[],
  random: Random,
  today: Day,
): Promise<Deed[]> {
  const colleagues = await colleaguesOf(app, workspaceId);
  const store = app.store.workspace(workspaceId);
  const deeds: Deed[] = [];
  for (const plot of plots) {
    const account = (await store.docs(accounts).find({ number: plot.accountNumber }, { limit: 1 })).docs[0];
    const found = await store.docs(items).find({ number: plot.itemNumber }, { limit: 10 });
    const item = found.docs.find((one) => one.accountId === account?.id);
    if (account === undefined || item === undefined) continue;
    const cast = castOf(colleagues, plot.story, account.ownerId);
    const cents = Math.max(5_000, Math.round((item.openCents * plot.story.share) / 100));
    deeds.push(...told(plot, { accountId: account.id, itemId: item.id, cents }, cast, colleagues, random, today));
  }
  return deeds;
}

function castOf(colleagues: Colleagues, story: Story, ownerId: Id | null): Cast {
  const everybody = colleagues.all().flatMap((id) => colleagues.actor(id) ?? []);
  const of = (fits: (actor: Actor) => boolean): Actor => {
    const found = everybody.find(fits);
    if (found === undefined) throw new Error(`the demo has nobody for ${story.department}`);
    return found;
  };
  const collector = everybody.find((actor) => actor.memberId === ownerId) ?? of((actor) => actor.role === 'collector');
  return {
    collector,
    settler: story.department === 'credit' ? collector : of((actor) => actor.departments.includes(story.department)),
    manager: of((actor) => actor.role === 'manager'),
  };
}

/** Days before today on which it was opened, from the latest to the earliest. */
const OPENED: Record<Stage, readonly [number, number]> = {
  open: [0, 1],
  qualified: [1, 3],
  assigned: [2, 5],
  late: [24, 34],
  answered: [6, 12],
  waiting: [8, 16],
  approval: [9, 14],
  awaiting: [14, 25],
  resolved: [12, 22],
  closed: [26, 55],
  credited: [40, 55],
  settled: [20, 40],
};

function told(
  { stage, story }: Plot,
  what: { accountId: Id; itemId: Id; cents: Cents },
  cast: Cast,
  colleagues: Colleagues,
  random: Random,
  today: Day,
): Deed[] {
  const deeds: Deed[] = [];
  const opened = addDays(today, -random.whole(...OPENED[stage]));
  let id: Id = '';
  let day = opened;
  const step = (run: (app: App) => Promise<unknown>): void => {
    deeds.push({ day, run });
  };
  const later = (days: number): void => {
    const next = nextWorkingDay(addDays(day, days - 1));
    day = next > today ? today : next;
  };
  const { collector, settler, manager } = cast;
  const { department, reason } = story;
  step(async (app) => {
    const asked = { ...what, items: [{ itemId: what.itemId, cents: what.cents }], reason, detail: story.detail };
    ({ id } = await openDispute(app, collector, { ...asked, department: null, memberId: null }, NO_META));
  });
  const voices: Record<Voice, Actor> = { collector, department: settler, manager };
  const says = story.says.map(
    ({ audience, voice, text }) =>
      (app: App): Promise<void> =>
        command(
          app,
          voices[voice],
          NO_META,
          { name: 'message.post', input: { id, audience, text } },
          async (tx, now) => {
            const { dispute, account } = await accessDispute(tx, voices[voice], id, 'thread.read');
            await postMessageIn(tx, now, voices[voice], {
              dispute,
              account,
              audience,
              body: bodyOfText(text),
              colleagues,
            });
          },
        ),
  );
  if (stage === 'open') return deeds;
  later(1);
  step((app) => qualifyDispute(app, collector, { id, reason, department: null, memberId: null }, NO_META));
  if (stage === 'qualified') return deeds;
  const named = random.chance(0.6);
  step((app) =>
    assignDispute(
      app,
      collector,
      { id, department, memberId: named || department === 'sales' ? settler.memberId : null, ask: story.ask },
      NO_META,
    ),
  );
  later(1);
  for (const say of says) step(say);
  if (stage === 'assigned' || stage === 'late' || stage === 'settled') return deeds;
  later(1);
  if (stage === 'waiting') {
    step((app) =>
      waitDispute(
        app,
        collector,
        { id, until: nextWorkingDay(addDays(today, random.whole(0, 6))), reason: 'Pièce demandée au client.' },
        NO_META,
      ),
    );
    return deeds;
  }
  step((app) =>
    answerDispute(app, settler, { id, decision: story.decision, rootCause: story.cause, text: story.finding }, NO_META),
  );
  if (stage === 'answered') return deeds;
  later(2);
  const { parts, answer } = endingOf(stage, story, what.cents);
  step((app) => resolveDispute(app, collector, { id, parts, rootCause: story.cause, answer }, NO_META));
  if (stage !== 'closed') return deeds;
  later(3);
  step((app) => closeDispute(app, collector, { id, reason: null }, NO_META));
  return deeds;
}

/** Accepted claims end in a credit note or a replacement, refused ones with an answer; write-offs wait for the manager. */
function endingOf(
  stage: Stage,
  { decision, reason, refusal }: Story,
  cents: Cents,
): { parts: typeof NO_PARTS; answer: string | null } {
  const only = (part: ResolutionPart): { parts: typeof NO_PARTS; answer: string | null } => ({
    parts: { ...NO_PARTS, [part]: cents },
    answer: part === 'rejectedCents' ? refusal : null,
  });
  if (stage === 'approval') return only('writeOffCents');
  if (stage === 'awaiting' || stage === 'credited') return only('creditNoteCents');
  if (decision === 'refused') return only('rejectedCents');
  return only(reason === 'missing_delivery' || reason === 'returned_goods' ? 'replacementCents' : 'withdrawnCents');
}

/** What the last ledger has settled is closed by whoever collects; a few are left for them to find. */
export async function closeSettled(app: App, workspaceId: Id): Promise<void> {
  const colleagues = await colleaguesOf(app, workspaceId);
  const [collector] = colleagues.all().filter((id) => colleagues.actor(id)?.role === 'collector');
  const actor = colleagues.actor(collector ?? '');
  if (actor === null) return;
  const found = await app.store
    .workspace(workspaceId)
    .docs(disputes)
    .find({ state: 'resolved' }, { sort: ['openedOn'], limit: 200 });
  for (const dispute of found.docs) {
    const credited = dispute.awaitingCents === 0 && (dispute.resolution?.creditNoteCents ?? 0) > 0;
    if (credited) await closeDispute(app, actor, { id: dispute.id, reason: null }, NO_META);
  }
}
