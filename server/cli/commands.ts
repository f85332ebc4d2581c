import { createReadStream } from 'node:fs';
import { readFile, stat, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import * as v from 'valibot';
import { ROLES, type Role } from '#lib/domain/member/member.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { importMapping } from '#lib/protocol/commands/import.ts';
import { isDayText } from '#lib/protocol/commands/text.ts';
import type { App } from '../app.ts';
import { stageImport } from '../import/stage-import.ts';
import { NO_META } from '../services/command.ts';
import { applyImport } from '../services/imports/apply-import.ts';
import { workOn } from '../services/imports/import-work.ts';
import { createMember, createWorkspace } from '../services/members/create-workspace.ts';
import { systemActor } from '../services/system.ts';
import { workspaces } from '../store/kinds/installation.ts';
import { importRuns } from '../store/kinds/workspace.ts';
import { MIGRATIONS } from '../store/migrations/all.ts';
import { migrate } from '../store/migrations/migrate.ts';
import type { WorkspaceStore } from '../store/port.ts';
import type { CliArgs, CliResult, OnProgress } from './wire.ts';

/** A command that cannot be done as it was given; its words are for the terminal. */
export class CliRefusal extends Error {}

type Command = (app: App, args: CliArgs, onProgress: OnProgress) => Promise<CliResult>;

const done = (...lines: string[]): CliResult => ({ exitCode: 0, lines });

function text(args: CliArgs, name: string): string | null {
  const value = args[name];
  return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
}

function needed(args: CliArgs, name: string): string {
  const value = text(args, name);
  if (value === null) throw new CliRefusal(`--${name} is needed.`);
  return value;
}

/** The workspace of that name or id; the only one when nothing is said. */
async function workspaceOf(app: App, args: CliArgs): Promise<Workspace> {
  const all: Workspace[] = [];
  for await (const one of app.store.installation.docs(workspaces).each({})) all.push(one);
  const asked = text(args, 'workspace');
  const found = asked === null ? all : all.filter((one) => one.id === asked || one.name === asked);
  const [only] = found;
  if (found.length === 1 && only !== undefined) return only;
  const names = all.map((one) => `  ${one.id}  ${one.name}`).join('\n');
  if (all.length === 0) throw new CliRefusal('There is no workspace yet: encours create-workspace --name NAME.');
  throw new CliRefusal(`Say which workspace with --workspace:\n${names}`);
}

const makeWorkspace: Command = async (app, args) => {
  const currency = text(args, 'currency') ?? 'EUR';
  if (!/^[A-Z]{3}$/.test(currency)) throw new CliRefusal('--currency is a code such as EUR.');
  const timeZone = text(args, 'time-zone') ?? 'Europe/Paris';
  if (!Intl.supportedValuesOf('timeZone').includes(timeZone))
    throw new CliRefusal('--time-zone is a name such as Europe/Paris.');
  const workspace = await createWorkspace(app, { name: needed(args, 'name'), currency, timeZone });
  return done(workspace.id);
};

const makeMember: Command = async (app, args) => {
  const workspace = await workspaceOf(app, args);
  const role = needed(args, 'role');
  if (!(ROLES as readonly string[]).includes(role)) throw new CliRefusal(`--role is one of ${ROLES.join(', ')}.`);
  const email = needed(args, 'email').toLowerCase();
  if (!/^[^\s@]+@[^\s@]+$/.test(email)) throw new CliRefusal('--email is no e-mail address.');
  const password = args.password;
  if (typeof password !== 'string' || password.length < 12 || password.length > 256)
    throw new CliRefusal('The password needs 12 characters at least.');
  const scope = text(args, 'scope') ?? 'all';
  if (scope !== 'all' && scope !== 'portfolio' && scope !== 'department')
    throw new CliRefusal('--scope is one of all, portfolio, department.');
  const member = await createMember(app, workspace.id, {
    email,
    name: needed(args, 'name'),
    role: role as Role,
    scope,
    ledgerCode: text(args, 'ledger-code') ?? '',
    locale: text(args, 'language') === 'en' ? 'en' : 'fr',
    password,
  });
  return done(member.id);
};

const importFile: Command = async (app, args, onProgress) => {
  const workspace = await workspaceOf(app, args);
  const path = needed(args, 'file');
  const asOf = text(args, 'as-of');
  if (asOf !== null && !isDayText(asOf)) throw new CliRefusal('--as-of is a day such as 2026-11-30.');
  const info = await stat(path).catch(() => null);
  if (info === null || !info.isFile()) throw new CliRefusal(`${path} is no file that can be read.`);
  const mappingPath = text(args, 'mapping');
  const mapping = mappingPath === null ? null : v.parse(importMapping, JSON.parse(await readFile(mappingPath, 'utf8')));
  const actor = systemActor(workspace.id);
  const input = { kind: 'ledger' as const, asOf, fileName: basename(path).slice(0, 200), mapping };
  const staged = await stageImport(app, actor, input, createReadStream(path), NO_META, { waitMs: 0 });
  const store = app.store.workspace(workspace.id);
  const run = await follow(app, store, staged.id, onProgress);
  const lines = reportOf(run);
  if (run.state !== 'staged') return { exitCode: 1, lines: [...lines, 'The file was refused; nothing was changed.'] };
  if (args['dry-run'] === true) return done(...lines, 'Dry run: nothing was changed.');
  const excludeRefused = args['exclude-refused'] === true;
  if (run.report.refusedLines > 0 && !excludeRefused)
    return {
      exitCode: 1,
      lines: [...lines, 'Nothing was changed. Leave the refused lines out with --exclude-refused.'],
    };
  await applyImport(app, actor, { id: run.id, excludeRefused, confirmOlder: args['confirm-older'] === true }, NO_META);
  const applied = await follow(app, store, run.id, onProgress);
  return {
    exitCode: applied.state === 'applied' ? 0 : 1,
    lines: [...lines, `Import ${applied.id}: ${applied.state}.`],
  };
};

async function follow(app: App, store: WorkspaceStore, id: string, onProgress: OnProgress) {
  for (;;) {
    const work = workOn(app, id);
    const run = await store.docs(importRuns).get(id);
    if (run === null) throw new CliRefusal('The import is gone.');
    if (run.state !== 'staging' && run.state !== 'applying') return run;
    onProgress(run.progress);
    let timer: NodeJS.Timeout | undefined;
    const pause = new Promise((resolve) => (timer = setTimeout(resolve, 500)));
    await (work === null ? pause : Promise.race([work, pause]));
    clearTimeout(timer);
  }
}

function reportOf(run: Awaited<ReturnType<typeof follow>>): string[] {
  const { report } = run;
  const lines = [
    `${report.lines} lines: ${report.newItems} new, ${report.changedItems} changed, ${report.unchangedItems} unchanged, ` +
      `${report.clearedItems} cleared, ${report.notYetItems} not yet, ${report.missingItems} missing, ${report.refusedLines} refused.`,
    `${report.newAccounts} new accounts, ${report.changedAccounts} changed.`,
  ];
  for (const total of report.totals)
    lines.push(`${total.currency}: ${total.items} items, total ${total.cents / 100}, open ${total.openCents / 100}.`);
  for (const refused of report.refused.slice(0, 20))
    lines.push(`line ${refused.line}: ${refused.code}${refused.column === null ? '' : ` (${refused.column})`}`);
  if (report.unknownPeople.length > 0)
    lines.push(`Nobody is known as: ${report.unknownPeople.slice(0, 20).join(', ')}`);
  return lines;
}

const backup: Command = async (app, args) => {
  const path = needed(args, 'file');
  await app.store.backup(path);
  return done(`Backup written to ${path}.`);
};

const runMigrations: Command = async (app, _args, onProgress) => {
  const from = await app.store.schema.version();
  onProgress({ phase: 'migrating', done: 0, total: 0 });
  await migrate(app.store, MIGRATIONS);
  const to = await app.store.schema.version();
  return done(from === to ? `The data has shape ${to}: nothing to do.` : `Brought from shape ${from} to ${to}.`);
};

type Anchor = { [stream: string]: { seq: number; hash: string } };

/**
 * Recomputes every chain of the journal. With an anchor (heads kept elsewhere since the last time) it also finds events
 * taken off the end, which a chain alone cannot show.
 */
const verify: Command = async (app, args, onProgress) => {
  const path = text(args, 'anchor');
  const known = path === null ? null : await readAnchor(path);
  const wrong: string[] = [];
  const heads: Anchor = {};
  let streams = 0;
  for (const workspaceId of await app.store.schema.workspaces()) {
    const store = workspaceId === 'installation' ? app.store.installation : app.store.workspace(workspaceId);
    for await (const { stream, seq, hash } of store.journal.streams()) {
      const name = `${workspaceId} ${stream}`;
      const found = await store.journal.verify(stream);
      if (found !== null) wrong.push(`${name} row ${found.seq}: ${found.reason}`);
      heads[name] = { seq, hash };
      streams += 1;
      if (streams % 200 === 0) onProgress({ phase: 'verifying', done: streams, total: 0 });
      const before = known?.[name];
      if (before === undefined) continue;
      const event = (await store.journal.read(stream, before.seq - 1, 1))[0];
      if (event?.seq !== before.seq) wrong.push(`${name} row ${before.seq}: the anchor knows it, the journal does not`);
      else if (event.hash !== before.hash) wrong.push(`${name} row ${before.seq}: differs from the anchor`);
    }
  }
  for (const name of Object.keys(known ?? {}))
    if (heads[name] === undefined) wrong.push(`${name}: the whole stream is gone`);
  if (wrong.length > 0) return { exitCode: 2, lines: wrong };
  if (path !== null) await writeFile(path, `${JSON.stringify(heads)}\n`, { mode: 0o600 });
  return done(`${streams} streams verified.`);
};

async function readAnchor(path: string): Promise<Anchor | null> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Anchor;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw new CliRefusal(`${path} is no anchor that verify wrote.`);
  }
}

export const COMMANDS: { [name: string]: Command } = {
  'create-workspace': makeWorkspace,
  'create-member': makeMember,
  import: importFile,
  backup,
  migrate: runMigrations,
  verify,
};
