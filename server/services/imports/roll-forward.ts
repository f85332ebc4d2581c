import type { ImportRun } from '#lib/domain/import/import.ts';
import type { Id } from '#lib/domain/values.ts';
import { workspaceStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { newId } from '../../store/id.ts';
import { importRuns } from '../../store/kinds/workspace.ts';
import { StoreUnavailable, VersionConflict, type Value, type WorkspaceStore } from '../../store/port.ts';
import { eventOf } from '../account-event.ts';
import { nowIn } from '../command.ts';
import { applyUnmatched } from '../einvoices/apply-unmatched.ts';
import { loadStates, newState } from './account-state.ts';
import { absentAccounts, breathe } from './compare.ts';
import type { AccountLines, FileContext } from './diff-account.ts';
import { importAccount } from './import-account.ts';
import { holdImports, releaseImports, updateRun } from './import-run.ts';
import type { Stop } from './import-work.ts';
import { setLedgerDay, settleEntities } from './ledger-day.ts';
import { loadPeople } from './people.ts';
import { DisputeNumbers } from '../disputes/dispute-numbers.ts';
import type { AccountWrites, ImportOrigin } from './settle-imported.ts';
import { keysOfAccount, removeStaged, stagedNumbers, stagedParts, type StagedPart } from './staged-lines.ts';
import { writeAccounts } from './write-accounts.ts';

/**
 * Documents in one transaction, roughly. Many cost the disk less, since they share its pages; but others' commands wait
 * while one is at work, so that their number follows the time that the last one took.
 */
const DOCS_PER_TRANSACTION = { least: 1_600, first: 1_600, most: 3_200 };
const TRANSACTION_MS = 250;
/** Between so many lines the event loop has its turn, within a transaction too. */
const LINES_PER_TURN = 200;
const SAVE_EVERY_MS = 1_000;
const MAX_TRIES = 30;

interface Rolling {
  app: App;
  store: WorkspaceStore;
  workspaceId: Id;
  run: ImportRun;
  context: FileContext;
  savedAt: number;
  done: number;
  docsPerTransaction: number;
  stop: Stop;
}

/**
 * Applies a committed import account by account in small transactions, from where it was left. Every one is
 * idempotent: its difference is made afresh inside the transaction, so that a batch applied twice changes nothing the
 * second time, and what members changed meanwhile is respected.
 *
 * @param stop stops after the transaction in hand; the import goes on at the next start
 * @throws what the store throws when it stays away
 */
export async function rollForward(app: App, workspaceId: Id, importId: Id, stop: Stop): Promise<void> {
  const store = app.store.workspace(workspaceId);
  const run = await store.docs(importRuns).get(importId);
  if (run === null || run.state !== 'applying') return;
  const workspace = await app.workspace(workspaceId);
  const context: FileContext = {
    newId,
    importId,
    asOf: run.asOf,
    at: app.clock.now(),
    people: await loadPeople(app, workspaceId),
    entities: await settleEntities(app, workspaceId, run),
    defaultTermsDays: workspace.settings.defaultTermsDays,
  };
  const rolling: Rolling = {
    app,
    store,
    workspaceId,
    run,
    context,
    savedAt: app.clock.ms(),
    done: run.cursor === null ? 0 : run.progress.done,
    docsPerTransaction: DOCS_PER_TRANSACTION.first,
    stop,
  };
  await applyStaged(rolling);
  if (run.mapping.complete && !stop.aborted) await flagAbsent(rolling);
  if (!stop.aborted) await finish(rolling);
}

async function applyStaged(rolling: Rolling): Promise<void> {
  const { store, run, stop } = rolling;
  let batch: StagedPart[] = [];
  let size = 0;
  const flush = async (): Promise<void> => {
    const parts = batch;
    batch = [];
    size = 0;
    const told = await Promise.all(parts.map((part) => toldOf(rolling, part)));
    const begun = performance.now();
    await applyBatch(rolling, told);
    rolling.docsPerTransaction = nextSize(rolling.docsPerTransaction, performance.now() - begun);
    rolling.done += parts.reduce((sum, part) => sum + part.lines.length, 0);
    await saveProgress(rolling, parts.at(-1) ?? null);
    await breathe();
  };
  for await (const part of stagedParts(store, run.id, run.cursor)) {
    if (stop.aborted) return;
    const cost = 5 + 2.2 * part.lines.length;
    const again = batch.at(-1)?.accountNumber === part.accountNumber;
    if (batch.length > 0 && (again || size + cost > rolling.docsPerTransaction)) await flush();
    batch.push(part);
    size += cost;
  }
  if (batch.length > 0 && !stop.aborted) await flush();
}

/** A size that would take about as long as a transaction may, from one that took so many ms. */
function nextSize(size: number, ms: number): number {
  const wanted = size * Math.min(1.3, Math.max(0.5, TRANSACTION_MS / ms));
  return Math.min(DOCS_PER_TRANSACTION.most, Math.max(DOCS_PER_TRANSACTION.least, wanted));
}

async function toldOf({ store, run }: Rolling, part: StagedPart): Promise<AccountLines> {
  return {
    number: part.accountNumber,
    lines: part.lines,
    first: part.first,
    last: part.last,
    allKeys: run.mapping.complete && part.last ? await keysOfAccount(store, run.id, part) : null,
  };
}

/** Open items of accounts that a complete file does not speak of at all. */
async function flagAbsent(rolling: Rolling): Promise<void> {
  const { store, run, stop } = rolling;
  for await (const numbers of absentAccounts(store, await stagedNumbers(store, run.id))) {
    if (stop.aborted) return;
    await applyBatch(
      rolling,
      numbers.map((number) => ({ number, lines: [], first: false, last: true, allKeys: new Set<string>() })),
    );
    await saveProgress(rolling, null);
    await breathe();
  }
}

/** One transaction; tried again while the store is away for a moment or somebody else was faster. */
async function applyBatch(rolling: Rolling, told: readonly AccountLines[]): Promise<void> {
  const { app, store, workspaceId, run, context } = rolling;
  const numbers = told.map(({ number }) => number);
  for (let attempt = 1; ; attempt += 1) {
    const now = await nowIn(app, workspaceId);
    try {
      await store.transaction(async (tx) => {
        const states = await loadStates(tx, numbers);
        const counted = await DisputeNumbers.read(tx);
        const origin: ImportOrigin = {
          importId: run.id,
          asOf: run.asOf,
          memberId: run.startedBy,
          nextNumber: () => counted.next(),
          newId: context.newId,
        };
        const writes: AccountWrites[] = [];
        let lines = 0;
        for (const one of told) {
          const state = states.get(one.number) ?? newState();
          const made = await importAccount(tx, state, one, context, now, origin);
          if (made !== null) writes.push(made);
          lines += one.lines.length;
          if (lines < LINES_PER_TURN) continue;
          lines = 0;
          await breathe();
        }
        await counted.save();
        await writeAccounts(tx, writes, now, origin);
      });
      return;
    } catch (error) {
      const passing = error instanceof StoreUnavailable || error instanceof VersionConflict;
      if (!passing || attempt >= MAX_TRIES || rolling.stop.aborted) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.min(2_000, 20 * 2 ** attempt)));
    }
  }
}

async function saveProgress(rolling: Rolling, part: StagedPart | null): Promise<void> {
  const { app, store, run } = rolling;
  if (part !== null) run.cursor = { accountNumber: part.accountNumber, part: part.part };
  if (app.clock.ms() - rolling.savedAt < SAVE_EVERY_MS) return;
  rolling.savedAt = app.clock.ms();
  await updateRun(store, run.id, async (stored, tx) => {
    if (stored.state !== 'applying') return null;
    await holdImports(tx, app, run.id);
    return { ...stored, cursor: run.cursor, progress: { ...stored.progress, done: rolling.done } };
  });
}

async function finish(rolling: Rolling): Promise<void> {
  const { app, store, workspaceId, run } = rolling;
  await setLedgerDay(app, workspaceId, run.startedBy, run.asOf);
  // What buyers had said of invoices that were not known: they may be now. The ledger is in whatever becomes of it.
  await applyUnmatched(app, workspaceId).catch((error: unknown) => {
    app.log.error({ err: error, workspaceId }, 'waiting statuses could not be applied');
  });
  const now = await nowIn(app, workspaceId);
  await updateRun(store, run.id, async (stored, tx) => {
    if (stored.state !== 'applying') return null;
    const { refused: _lines, warnings: _warnings, unknownPeople: _people, ...report } = stored.report;
    await tx.append(workspaceStream(workspaceId), [
      eventOf(now, { memberId: run.startedBy }, 'import.applied', {
        importId: run.id,
        asOf: run.asOf,
        report: report as unknown as Value,
      }),
    ]);
    const progress = { phase: 'done' as const, done: stored.progress.total, total: stored.progress.total };
    return { ...stored, state: 'applied', appliedAt: now.at, cursor: run.cursor, progress };
  });
  await releaseImports(store, run.id);
  await removeStaged(store, run.id);
}
