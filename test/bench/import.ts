import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Actor } from '#lib/domain/member/member.ts';
import { stageImport } from '#server/import/stage-import.ts';
import { NO_META } from '#server/services/command.ts';
import { applyImport } from '#server/services/imports/apply-import.ts';
import { importsIdle } from '#server/services/imports/import-work.ts';
import { stopBackground } from '#server/services/background.ts';
import {
  accounts,
  balances,
  cases,
  contacts,
  importRuns,
  items,
  movements,
  queueRows,
} from '#server/store/kinds/workspace.ts';
import type { Kind, NewEvent, StoredEvent, Versioned } from '#server/store/port.ts';
import { workspaceCache } from '#server/workspace-cache.ts';
import { buildApp, type TestApp } from '../support/app.ts';
import { actorFor, buildMember, buildWorkspace } from '../support/factories.ts';
import { absolute, compared, median, type Figure } from './figure.ts';

const LINES = 100_000;
const ROUNDS = 1;
const TODAY = '2026-03-16';
/** Documents in one bare transaction: the size at which the bare way is fastest here. */
const BARE_DOCS = 1_000;
const KINDS = [accounts, cases, contacts, items, movements, balances, queueRows] as Kind<Versioned>[];

const day = (at: number): string => new Date(Date.UTC(2026, 2, 16 + at)).toISOString().slice(0, 10);

/** A ledger as met in the wild: a few large accounts, many small ones, mixed over the file. */
export function* ledgerOf(lines: number): Generator<string> {
  yield 'Compte;Nom;SIREN;Email;Collecteur;Entité;Type;Pièce;Date;Échéance;Montant;Solde;Devise;Commande\n';
  for (let at = 0; at < lines; at += 1) {
    const mixed = (at * 2_654_435_761) % 1_000_003;
    const account = mixed % 5 === 0 ? mixed % 100 : mixed % Math.max(1, Math.floor(lines / 15));
    const open = mixed % 3 === 0;
    const cents = 5_000 + (mixed % 500_000);
    const amount = `${Math.floor(cents / 100)},${String(cents % 100).padStart(2, '0')}`;
    yield `C${String(account).padStart(6, '0')};Établissements ${account};;compta${account}@client.example;M${account % 9};10;Facture;F${at};${day(-(mixed % 300))};${day(30 - (mixed % 300))};${amount};${open ? amount : '0,00'};EUR;BC${mixed}\n`;
  }
}

async function* bytesOf(lines: number): AsyncGenerator<Uint8Array> {
  let text = '';
  for (const line of ledgerOf(lines)) {
    text += line;
    if (text.length < 60_000) continue;
    yield Buffer.from(text);
    text = '';
  }
  yield Buffer.from(text);
}

interface House {
  app: TestApp;
  manager: Actor;
}

async function houseOf(): Promise<House> {
  const app = await buildApp({ today: TODAY });
  const workspace = await buildWorkspace(app);
  const manager = actorFor(await buildMember(app, workspace, { role: 'manager' }));
  for (let at = 0; at < 9; at += 1)
    await buildMember(app, workspace, { role: 'collector', ledgerCode: `M${at}`, name: `Bench ${at}` });
  app.workspace = workspaceCache(app.store).read;
  return { app, manager };
}

interface Cost {
  ms: number;
  cpuMs: number;
}

async function costOf(work: () => Promise<void>): Promise<Cost> {
  const cpu = process.cpuUsage();
  const started = performance.now();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { ms: performance.now() - started, cpuMs: (user + system) / 1_000 };
}

async function importInto({ app, manager }: House): Promise<void> {
  const run = await stageImport(
    app,
    manager,
    { kind: 'ledger', asOf: TODAY, fileName: 'ledger.csv', mapping: null },
    bytesOf(LINES),
    NO_META,
    { waitMs: 600_000 },
  );
  if (run.state !== 'staged') throw new Error(`the file was ${run.state}`);
  await applyImport(app, manager, { id: run.id, excludeRefused: false, confirmOlder: false }, NO_META);
  await importsIdle(app);
  const applied = await app.store.workspace(manager.workspaceId).docs(importRuns).get(run.id);
  if (applied?.state !== 'applied') throw new Error(`the import is ${String(applied?.state)}`);
}

interface Made {
  docs: { kind: Kind<Versioned>; docs: Versioned[] }[];
  events: Map<string, StoredEvent[]>;
}

async function madeBy({ app, manager }: House): Promise<Made> {
  const store = app.store.workspace(manager.workspaceId);
  const made: Made = { docs: [], events: new Map() };
  for (const kind of KINDS) {
    const docs: Versioned[] = [];
    for await (const doc of store.docs(kind).each({})) docs.push({ ...doc, version: 1 });
    made.docs.push({ kind, docs });
  }
  for await (const { stream } of store.journal.streams())
    if (stream.startsWith('account:')) made.events.set(stream, await store.journal.read(stream, 0, 5_000));
  return made;
}

/** The same documents and events, by nothing but `insertMany` and `append`. */
async function insertInto({ app, manager }: House, made: Made): Promise<void> {
  const store = app.store.workspace(manager.workspaceId);
  for (const { kind, docs } of made.docs)
    for (let at = 0; at < docs.length; at += BARE_DOCS)
      await store.transaction((tx) => tx.docs(kind).insertMany(docs.slice(at, at + BARE_DOCS)));
  const streams = [...made.events];
  for (let at = 0; at < streams.length; at += BARE_DOCS)
    await store.transaction(async (tx) => {
      for (const [stream, events] of streams.slice(at, at + BARE_DOCS))
        await tx.append(stream, events as unknown as NewEvent[]);
    });
}

/** 100,000 lines staged and applied, beside the same documents and events inserted barely. */
export async function benchImport(): Promise<Figure[]> {
  const ours: Cost[] = [];
  const bare: Cost[] = [];
  const p99: number[] = [];
  const longest: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const house = await houseOf();
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    ours.push(await costOf(() => importInto(house)));
    delay.disable();
    p99.push(delay.percentile(99) / 1e6);
    longest.push(delay.max / 1e6);
    const made = await madeBy(house);
    await stopBackground(house.app);
    await house.app.close();
    const other = await houseOf();
    bare.push(await costOf(() => insertInto(other, made)));
    await other.app.close();
  }
  const of = (costs: readonly Cost[], part: keyof Cost): number => median(costs.map((cost) => cost[part]));
  const name = `import of ${LINES.toLocaleString('en')} lines, staging to the last event`;
  const beside = 'the same documents and events by bare insertMany and append';
  return [
    compared(`${name}: time`, of(ours, 'ms'), 'ms', { name: beside, value: of(bare, 'ms') }, 3),
    compared(`${name}: CPU`, of(ours, 'cpuMs'), 'ms', { name: beside, value: of(bare, 'cpuMs') }, 3),
    absolute(`${name}: event loop's p99`, median(p99), 'ms', 200),
    absolute(`${name}: longest wait of the event loop`, Math.max(...longest), 'ms', 500),
  ];
}
