import type { ImportRun } from '#lib/domain/import/import.ts';
import type { Id } from '#lib/domain/values.ts';
import { workspaceStream } from '#lib/protocol/streams.ts';
import type { App } from '../app.ts';
import { eventOf } from '../services/account-event.ts';
import { nowIn } from '../services/command.ts';
import { compareStaged } from '../services/imports/compare.ts';
import type { FileContext } from '../services/imports/diff-account.ts';
import { holdImports, releaseImports, updateRun } from '../services/imports/import-run.ts';
import type { Stop } from '../services/imports/import-work.ts';
import { foreseenEntities } from '../services/imports/ledger-day.ts';
import { packLines } from '../services/imports/packed-lines.ts';
import { loadPeople } from '../services/imports/people.ts';
import { removeStaged } from '../services/imports/staged-lines.ts';
import { newId } from '../store/id.ts';
import { importRuns, stagedAccounts, type StagedAccount } from '../store/kinds/workspace.ts';
import type { Value, WorkspaceStore } from '../store/port.ts';
import { readLedger, type LinePart, type ReadingReport } from './read-ledger.ts';
import { UnreadableFile } from './unreadable.ts';

const SAVE_EVERY_MS = 1_000;
const LINES_PER_TRANSACTION = 1_500;

/** Thrown inside to stop when the process ends; the run is failed at the next start. */
class Stopped extends Error {}

/**
 * Reads a received file, stages its lines and compares them with the ledger: the run goes from `staging` to `staged`,
 * or to `refused` with the reason when the file as a whole cannot be read.
 */
export async function readStaged(app: App, workspaceId: Id, importId: Id, path: string, stop: Stop): Promise<void> {
  const store = app.store.workspace(workspaceId);
  const run = await store.docs(importRuns).get(importId);
  if (run === null || run.state !== 'staging') return;
  const save = progressOf(app, store, run, stop);
  try {
    await removeStaged(store, importId);
    const people = await loadPeople(app, workspaceId);
    const reading = await readLedger(path, run.mapping, run.asOf, {
      store: (parts) => storeParts(store, importId, parts),
      progress: (bytes) => save('reading', bytes, run.bytes),
      knows: (person) => people.find(person) !== null,
    });
    if (reading.goodLines === 0) {
      if (reading.refusedLines === 0) throw new UnreadableFile('file_no_lines');
      return await refuse(app, store, run, reading);
    }
    const workspace = await app.workspace(workspaceId);
    // A dry run keeps nothing: its new records need no names.
    const context: FileContext = {
      newId: () => 'new',
      importId,
      asOf: run.asOf,
      at: app.clock.now(),
      people,
      entities: foreseenEntities(workspace, reading.entityCodes),
      defaultTermsDays: workspace.settings.defaultTermsDays,
    };
    const counts = await compareStaged(store, importId, context, run.mapping.complete, (lines) =>
      save('comparing', lines, reading.goodLines),
    );
    await finish(app, workspaceId, store, run, reading, counts);
  } catch (error) {
    if (error instanceof Stopped) return;
    if (!(error instanceof UnreadableFile)) throw error;
    const refused = [{ line: error.line, code: error.code, column: null, value: null }];
    await refuse(app, store, run, { refused, refusedLines: 1 });
  }
}

/** Saves the progress now and then, keeps the place, and stops the work when the process does or the run is discarded. */
function progressOf(app: App, store: WorkspaceStore, run: ImportRun, stop: Stop) {
  let savedAt = app.clock.ms();
  return async (phase: 'reading' | 'comparing', done: number, total: number): Promise<void> => {
    if (stop.aborted) throw new Stopped();
    if (app.clock.ms() - savedAt < SAVE_EVERY_MS) return;
    savedAt = app.clock.ms();
    const saved = await updateRun(store, run.id, async (found, tx) => {
      if (found.state !== 'staging') return null;
      await holdImports(tx, app, run.id);
      return { ...found, progress: { phase, done, total } };
    });
    if (saved.state !== 'staging') throw new Stopped();
  };
}

async function storeParts(store: WorkspaceStore, importId: Id, parts: readonly LinePart[]): Promise<void> {
  let batch: StagedAccount[] = [];
  let lines = 0;
  const flush = async (): Promise<void> => {
    const docs = batch;
    batch = [];
    lines = 0;
    await store.transaction((tx) => tx.docs(stagedAccounts).insertMany(docs));
    await new Promise((resolve) => setImmediate(resolve));
  };
  for (const part of parts) {
    batch.push({ id: newId(), version: 1, importId, ...part, lines: packLines(part.lines) });
    lines += part.lines.length;
    if (lines >= LINES_PER_TRANSACTION || batch.length >= 400) await flush();
  }
  if (batch.length > 0) await flush();
}

async function refuse(app: App, store: WorkspaceStore, run: ImportRun, reading: Partial<ReadingReport>): Promise<void> {
  const { goodLines: _good, entityCodes: _codes, ...report } = reading;
  await updateRun(store, run.id, (found) =>
    found.state === 'staging' ? { ...found, state: 'refused', report: { ...found.report, ...report } } : null,
  );
  await releaseImports(store, run.id);
  await removeStaged(store, run.id);
}

async function finish(
  app: App,
  workspaceId: Id,
  store: WorkspaceStore,
  run: ImportRun,
  reading: ReadingReport,
  counts: Awaited<ReturnType<typeof compareStaged>>,
): Promise<void> {
  const { goodLines, entityCodes, ...read } = reading;
  const now = await nowIn(app, workspaceId);
  await updateRun(store, run.id, async (found, tx) => {
    if (found.state !== 'staging') return null;
    const { refused: _lines, warnings: _warnings, unknownPeople: _people, ...figures } = { ...read, ...counts };
    await tx.append(workspaceStream(workspaceId), [
      eventOf(now, { memberId: run.startedBy }, 'import.staged', {
        importId: run.id,
        asOf: run.asOf,
        report: figures as unknown as Value,
      }),
    ]);
    const progress = { phase: 'done' as const, done: goodLines, total: goodLines };
    return { ...found, state: 'staged', entityCodes, progress, report: { ...found.report, ...read, ...counts } };
  });
  await releaseImports(store, run.id);
}
