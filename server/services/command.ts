import { hash } from 'node:crypto';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Day, Instant } from '#lib/domain/values.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { storeOf, type App } from '../app.ts';
import { canonicalJson } from '../store/chain.ts';
import { members } from '../store/kinds/installation.ts';
import { idempotency } from '../store/kinds/workspace.ts';
import { DuplicateKey, VersionConflict, type Tx, type Value, type WorkspaceStore } from '../store/port.ts';

/** What comes with every command beside its input. */
export interface CommandMeta {
  /** Made once per act of the user; the same key again gets the first answer. */
  idempotencyKey: string | null;
  /** The version that the user looked at (If-Match); null: whatever it is now. */
  expectedVersion: number | null;
}

/** For commands of jobs and tests. */
export const NO_META: CommandMeta = { idempotencyKey: null, expectedVersion: null };

/** When a command runs. `today` is the workspace's business day, `at` and `ms` are the clock's. */
export interface Now {
  at: Instant;
  ms: number;
  today: Day;
  workspace: Workspace;
  /** How many times the work was run before: 0 the first time. */
  attempt: number;
}

const MAX_ATTEMPTS = 40;

/** The present moment of a workspace. */
export async function nowIn(app: App, workspaceId: string): Promise<Now> {
  const workspace = await app.workspace(workspaceId);
  const ms = app.clock.ms();
  return { at: new Date(ms).toISOString(), ms, today: app.clock.today(workspace.timeZone), workspace, attempt: 0 };
}

/**
 * Runs a use case in one transaction: its facts, its events and its idempotency record are stored together or not at
 * all. Work that lost a race for a version is run again on what stands there now; a check of the expected version
 * belongs inside the work (`expectVersion`). Work may run several times: no side effects, no foreign await inside.
 *
 * @param store where it commits: the workspace's store, or the installation's for people and sessions
 * @param name the command's name, `case.claim`
 * @param input what the idempotency key stands for: the same key with another input is refused
 * @returns what the work answers, or what it answered the first time under this key; must hold no personal text
 * @throws AppError idempotency_mismatch; conflict when it loses every race; whatever the work refuses, with the
 *   holder's name beside a `holderId`
 */
export async function command<R>(
  app: App,
  actor: Actor,
  meta: CommandMeta,
  { name, input, store = storeOf(app, actor) }: { name: string; input: unknown; store?: WorkspaceStore },
  work: (tx: Tx, now: Now) => Promise<R>,
): Promise<R> {
  const digest = hash('sha256', canonicalJson([name, input ?? null] as Value), 'hex');
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const now = { ...(await nowIn(app, actor.workspaceId)), attempt };
    try {
      return await store.transaction((tx) => once(tx, now, actor, meta, { name, digest }, work));
    } catch (error) {
      if (error instanceof AppError) throw await nameHolder(app, error);
      const sameKey = error instanceof DuplicateKey && error.kind === idempotency.name;
      if (!sameKey && !(error instanceof VersionConflict)) throw error;
    }
  }
  throw new AppError('conflict', { rule: 'busy' });
}

async function once<R>(
  tx: Tx,
  now: Now,
  actor: Actor,
  meta: CommandMeta,
  asked: { name: string; digest: string },
  work: (tx: Tx, now: Now) => Promise<R>,
): Promise<R> {
  if (meta.idempotencyKey === null) return work(tx, now);
  const id = `${actor.memberId}:${meta.idempotencyKey}`;
  const known = await tx.docs(idempotency).get(id);
  if (known !== null) {
    if (known.operation !== asked.name || known.inputDigest !== asked.digest)
      throw new AppError('idempotency_mismatch');
    return known.answer as R;
  }
  const answer = await work(tx, now);
  await tx.docs(idempotency).insert({
    id,
    version: 1,
    operation: asked.name,
    inputDigest: asked.digest,
    answer: (answer ?? null) as Value,
    createdAt: now.at,
  });
  return answer;
}

/** Losers are told who won: names live outside the workspace's transactions. */
async function nameHolder(app: App, error: AppError): Promise<AppError> {
  const { holderId, holderName } = error.details;
  if (holderId === undefined || holderName !== undefined) return error;
  const holder = await app.store.installation.docs(members).get(holderId);
  return holder === null ? error : new AppError(error.code, { ...error.details, holderName: holder.name });
}

/**
 * Refuses a change of something that is not any more what the user looked at.
 *
 * @throws AppError version_conflict with the current version
 */
export function expectVersion(meta: CommandMeta, record: { version: number }): void {
  if (meta.expectedVersion !== null && meta.expectedVersion !== record.version)
    throw new AppError('version_conflict', { currentVersion: record.version });
}
