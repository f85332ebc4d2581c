import { open } from 'node:fs/promises';
import type { ImportMapping, ImportReport, ImportRun } from '#lib/domain/import/import.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { StageImportInput } from '#lib/protocol/commands/import.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { storeOf, type App } from '../app.ts';
import { authorize } from '../services/authorize.ts';
import { command, type CommandMeta } from '../services/command.ts';
import { noCounts } from '../services/imports/compare.ts';
import { holdImports } from '../services/imports/import-run.ts';
import { startWork, workOn } from '../services/imports/import-work.ts';
import { readSavedMapping } from '../services/imports/saved-mapping.ts';
import { newId } from '../store/id.ts';
import { importRuns } from '../store/kinds/workspace.ts';
import { openFile, type OpenedFile } from './open-file.ts';
import { readStaged } from './read-staged.ts';
import { HEAD_BYTES, removeSpooled, spool, spoolPath, sweepSpool, type Spooled } from './spool.ts';
import { UnreadableFile } from './unreadable.ts';

/** How long an answer waits for the dry run before it says that it is still going on. */
const WAIT_MS = 25_000;
/** Received files are kept for so long, to be read again under a corrected mapping. */
const KEPT_MS = 24 * 3_600_000;

export const emptyReport = (): ImportReport => ({
  lines: 0,
  ...noCounts(),
  refusedLines: 0,
  roundedLines: 0,
  refused: [],
  totals: [],
  warnedLines: 0,
  warnings: [],
  unknownPeople: [],
});

const refusalOf = (error: unknown): unknown =>
  error instanceof UnreadableFile
    ? new AppError('unsupported_media', {
        rule: error.code,
        issues: [{ path: `line ${error.line}`, reason: error.code }],
      })
    : error;

/**
 * Takes a ledger file in: writes the bytes to disk as they come, reads them line by line, stages the lines where nobody
 * sees them and compares them with the ledger. Nothing is applied. Answers the run as staged, or still `staging` when
 * the dry run takes longer than `waitMs`; its progress and report are in the run.
 *
 * @param bytes the raw body
 * @throws AppError too_large, unsupported_media (the rule says why), validation_failed for a mapping that does not fit,
 *   import_running while another import is at work
 */
export async function stageImport(
  app: App,
  actor: Actor,
  input: StageImportInput,
  bytes: AsyncIterable<Uint8Array>,
  meta: CommandMeta,
  { waitMs = WAIT_MS }: { waitMs?: number } = {},
): Promise<ImportRun> {
  authorize(actor, 'import.stage');
  const id = newId();
  const { dataDir, importMaxBytes } = app.config;
  await sweepSpool(dataDir, app.clock.ms(), KEPT_MS);
  const spooled = await spool(dataDir, id, bytes, importMaxBytes);
  try {
    const workspace = await app.workspace(actor.workspaceId);
    const opened = await openFile(
      spooled.head,
      input.mapping,
      (header) => readSavedMapping(storeOf(app, actor), header),
      workspace.currency,
    );
    if (input.mapping !== null && opened.problems.length > 0) refuseMapping(opened);
    const answer = await insertRun(app, actor, input, meta, { id, spooled, opened });
    if (answer.id !== id) await removeSpooled(dataDir, id);
    else if (opened.problems.length === 0) startReading(app, actor.workspaceId, id);
    return await settled(app, actor, answer.id, waitMs);
  } catch (error) {
    await removeSpooled(dataDir, id);
    throw refusalOf(error);
  }
}

function refuseMapping(opened: OpenedFile): never {
  const issues = opened.problems.map(({ code, column }) => ({ path: `mapping.columns.${column ?? ''}`, reason: code }));
  throw new AppError('validation_failed', { issues });
}

function insertRun(
  app: App,
  actor: Actor,
  input: StageImportInput,
  meta: CommandMeta,
  { id, spooled, opened }: { id: Id; spooled: Spooled; opened: OpenedFile },
): Promise<{ id: Id }> {
  const asked = { ...input, fileDigest: spooled.digest };
  return command(app, actor, meta, { name: 'import.stage', input: asked }, async (tx, now) => {
    const readable = opened.problems.length === 0;
    if (readable) await holdImports(tx, app, id);
    const report = emptyReport();
    const run: ImportRun = {
      id,
      version: 1,
      kind: 'ledger',
      fileName: input.fileName,
      fileDigest: spooled.digest,
      bytes: spooled.bytes,
      asOf: input.asOf ?? now.today,
      mapping: opened.mapping,
      state: readable ? 'staging' : 'refused',
      startedBy: actor.memberId,
      createdAt: now.at,
      appliedAt: null,
      progress: { phase: 'reading', done: 0, total: spooled.bytes },
      preview: opened.preview,
      ambiguous: opened.ambiguous,
      entityCodes: [],
      cursor: null,
      report: { ...report, refused: opened.problems, refusedLines: opened.problems.length },
    };
    await tx.docs(importRuns).insert(run);
    return { id };
  });
}

function startReading(app: App, workspaceId: Id, importId: Id): void {
  const path = spoolPath(app.config.dataDir, importId);
  startWork(app, workspaceId, importId, (stop) => readStaged(app, workspaceId, importId, path, stop));
}

/** The run as it stands once its work is done, or when the wait is over. */
async function settled(app: App, actor: Actor, id: Id, waitMs: number): Promise<ImportRun> {
  const work = workOn(app, id);
  if (work !== null && waitMs > 0) {
    let timer: NodeJS.Timeout | undefined;
    await Promise.race([work, new Promise((resolve) => (timer = setTimeout(resolve, waitMs)))]);
    clearTimeout(timer);
  }
  const run = await storeOf(app, actor).docs(importRuns).get(id);
  if (run === null) throw new AppError('not_found');
  return run;
}

/**
 * Reads a received file again, under a corrected mapping or for another day; the lines staged before are replaced.
 *
 * @throws AppError import_state when it is at work or applied; link_expired when the file is no longer kept here: send it
 *   again; the others of `stageImport`
 */
export async function remapImport(
  app: App,
  actor: Actor,
  input: { id: Id; mapping: ImportMapping; asOf: string },
  meta: CommandMeta,
  { waitMs = WAIT_MS }: { waitMs?: number } = {},
): Promise<ImportRun> {
  authorize(actor, 'import.stage');
  const head = await headOf(spoolPath(app.config.dataDir, input.id));
  if (head === null) throw new AppError('link_expired', { rule: 'file_gone' });
  try {
    const workspace = await app.workspace(actor.workspaceId);
    const opened = await openFile(head, input.mapping, () => Promise.resolve(null), workspace.currency);
    if (opened.problems.length > 0) refuseMapping(opened);
    await command(app, actor, meta, { name: 'import.remap', input }, async (tx) => {
      const run = await tx.docs(importRuns).get(input.id);
      if (run === null) throw new AppError('not_found');
      const open = ['staged', 'refused', 'failed'].includes(run.state) && run.progress.phase !== 'applying';
      if (!open) throw new AppError('import_state', { state: run.state });
      await holdImports(tx, app, input.id);
      await tx.docs(importRuns).replace({
        ...run,
        state: 'staging',
        asOf: input.asOf,
        mapping: opened.mapping,
        ambiguous: [],
        preview: opened.preview,
        progress: { phase: 'reading', done: 0, total: run.bytes },
        report: emptyReport(),
      });
      return null;
    });
  } catch (error) {
    throw refusalOf(error);
  }
  startReading(app, actor.workspaceId, input.id);
  return settled(app, actor, input.id, waitMs);
}

async function headOf(path: string): Promise<Uint8Array | null> {
  try {
    const file = await open(path, 'r');
    try {
      const buffer = Buffer.alloc(HEAD_BYTES);
      const { bytesRead } = await file.read(buffer, 0, HEAD_BYTES, 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}
