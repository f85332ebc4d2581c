import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { App } from '../app.ts';
import { systemClock } from '../clock.ts';
import { withDocumentsAtRest } from '../collab/documents.ts';
import { restartAllDocuments } from '../collab/heads.ts';
import { readConfig, type Config } from '../config.ts';
import { createLog } from '../log.ts';
import { ALL_KINDS } from '../store/kinds/all.ts';
import { restoreBackup } from '../store/embedded/backup.ts';
import { openStore } from '../store/open.ts';
import { stopBackground } from '../services/background.ts';
import { workspaceCache } from '../workspace-cache.ts';
import { askServer, findServer } from './ask-server.ts';
import { readPassword } from './password.ts';
import { runCliCommand } from './run.ts';
import { helpOf, USAGES } from './usage.ts';
import type { CliArgs, CliProgress, CliResult, OnProgress } from './wire.ts';

const WRONG_USAGE = 64;
const SHOW_EVERY_MS = 2_000;

const out = (line: string): void => void process.stdout.write(`${line}\n`);
const err = (line: string): void => void process.stderr.write(`${line}\n`);

/**
 * The `encours` command.
 *
 * @returns the exit code: 0 done, 1 refused or failed, 2 a wrong row found by `verify`, 64 wrong usage
 */
export async function main(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [name, ...rest] = argv;
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    out(helpOf(null));
    return name === undefined ? WRONG_USAGE : 0;
  }
  const usage = Object.hasOwn(USAGES, name) ? USAGES[name] : undefined;
  if (usage === undefined) {
    err(`There is no command ${name}.\n\n${helpOf(null)}`);
    return WRONG_USAGE;
  }
  let args: CliArgs;
  try {
    const parsed = parseArgs({
      args: rest,
      options: { ...usage.options, help: { type: 'boolean', short: 'h' } },
      allowPositionals: usage.positional !== null,
    });
    if (parsed.values.help === true) {
      out(helpOf(name));
      return 0;
    }
    args = { ...parsed.values } as CliArgs;
    const [first, ...more] = parsed.positionals;
    if (usage.positional !== null && (first === undefined || more.length > 0)) throw new Error('One file is needed.');
    if (usage.positional !== null && first !== undefined) args[usage.positional] = resolve(first);
  } catch (error) {
    err(`${error instanceof Error ? error.message : 'Wrong usage.'}\n\n${helpOf(name)}`);
    return WRONG_USAGE;
  }
  for (const path of ['mapping', 'anchor']) if (typeof args[path] === 'string') args[path] = resolve(args[path]);
  try {
    if (name === 'create-member') args.password = await readPassword('Password: ');
    const result = await carryOut(readConfig(env), name, args);
    for (const line of result.lines) (result.exitCode === 0 ? out : err)(line);
    return result.exitCode;
  } catch (error) {
    err(error instanceof Error ? error.message : String(error));
    return 1;
  }
}

/** By the running server if there is one, else in this process. */
async function carryOut(config: Config, name: string, args: CliArgs): Promise<CliResult> {
  const onProgress = progressShown();
  const running = await findServer(config.dataDir);
  if (name === 'restore') {
    if (running !== null)
      return { exitCode: 1, lines: ['Stop the server first: a restore takes the data from under it.'] };
    return restore(config, args);
  }
  if (running !== null) return askServer(running, { name, args }, onProgress);
  return inOwnProcess(config, (app) => runCliCommand(app, name, args, onProgress));
}

async function inOwnProcess<R>(config: Config, work: (app: App) => Promise<R>): Promise<R> {
  const log = createLog('error');
  const store = await openStore(config, ALL_KINDS, log);
  const clock = systemClock(config.fixedToday);
  const app = withDocumentsAtRest({ config, store, log, clock, workspace: workspaceCache(store).read });
  try {
    return await work(app);
  } finally {
    await stopBackground(app);
    await store.close();
  }
}

/** Documents begin a new epoch: browsers may know more than the backup, and keep it aside instead of mixing it in. */
async function restore(config: Config, args: CliArgs): Promise<CliResult> {
  if (config.mongodbUri !== null)
    return { exitCode: 1, lines: ['MongoDB has its own tools for this: mongorestore. Then run encours migrate.'] };
  const file = typeof args.file === 'string' ? args.file : '';
  const aside = restoreBackup(config.dataDir, file);
  const documents = await inOwnProcess(config, async (app) => {
    let count = 0;
    for (const id of await app.store.schema.workspaces())
      count += await restartAllDocuments(app.store.workspace(id), app.clock.ms());
    return count;
  });
  const lines = [`Restored ${file}.`, `${documents} co-written documents begin a new epoch.`];
  if (aside !== null) lines.push(`What was there is kept in ${aside}.`);
  return { exitCode: 0, lines };
}

function progressShown(): OnProgress {
  let shownAt = 0;
  return ({ phase, done, total }: CliProgress) => {
    const now = Date.now();
    if (now - shownAt < SHOW_EVERY_MS) return;
    shownAt = now;
    const share = total > 0 ? ` ${Math.floor((100 * done) / total)} %` : ` ${done}`;
    err(`${phase}${share}`);
  };
}
