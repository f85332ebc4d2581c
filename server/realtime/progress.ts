import type { ImportRun } from '#lib/domain/import/import.ts';
import type { Id } from '#lib/domain/values.ts';
import type { ServerToClient } from '#lib/protocol/realtime.ts';
import type { App } from '../app.ts';
import { bulkJobs, importRuns, type BulkJob } from '../store/kinds/workspace.ts';

type Message = Parameters<ServerToClient['progress']>[0];
export type Tell = (workspaceId: Id, message: Message, startedBy: Id) => void;

const EVERY_MS = 1_000;
const RUNNING_IMPORTS = ['staging', 'applying'];

const importMessage = (run: ImportRun): Message => ({
  kind: 'import',
  id: run.id,
  phase: run.progress.phase,
  done: run.progress.done,
  total: run.progress.total,
  state: run.state,
});
const bulkMessage = (job: BulkJob): Message => ({
  kind: 'bulk',
  id: job.id,
  phase: job.kind,
  done: job.done,
  total: job.lines.length,
  state: job.state,
});

/**
 * Progress of imports and bulk commands. It moves without events, so it is read from the store: once a second, while
 * something runs and somebody follows.
 */
export class Progress {
  readonly #app: App;
  readonly #tell: Tell;
  readonly #isFollowed: (workspaceId: Id) => boolean;
  /** By workspace and run: the last message told, as text, so that standing still is not told. */
  readonly #told = new Map<Id, Map<Id, string>>();
  readonly #timers = new Map<Id, NodeJS.Timeout>();
  /** Workspaces being looked at; true when another look was asked for meanwhile. */
  readonly #looking = new Map<Id, boolean>();
  #closed = false;

  constructor(app: App, tell: Tell, isFollowed: (workspaceId: Id) => boolean) {
    this.#app = app;
    this.#tell = tell;
    this.#isFollowed = isFollowed;
  }

  /**
   * Something began or ended, or somebody began to follow: look now.
   * @param runId the import or job, told of even when it has ended meanwhile
   */
  poke(workspaceId: Id, runId: Id | null = null): void {
    if (runId !== null) {
      const told = this.#told.get(workspaceId) ?? new Map<Id, string>();
      this.#told.set(workspaceId, told.set(runId, ''));
    }
    if (this.#looking.has(workspaceId)) this.#looking.set(workspaceId, true);
    else this.#schedule(workspaceId, 0);
  }

  close(): void {
    this.#closed = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }

  #schedule(workspaceId: Id, ms: number): void {
    clearTimeout(this.#timers.get(workspaceId));
    this.#timers.delete(workspaceId);
    if (this.#closed) return;
    const timer = setTimeout(() => {
      this.#timers.delete(workspaceId);
      void this.#turn(workspaceId);
    }, ms);
    this.#timers.set(workspaceId, timer.unref());
  }

  async #turn(workspaceId: Id): Promise<void> {
    this.#looking.set(workspaceId, false);
    let more = true;
    try {
      more = await this.#look(workspaceId);
    } catch (error) {
      this.#app.log.warn({ err: error }, 'progress could not be read');
    }
    const again = this.#looking.get(workspaceId) === true;
    this.#looking.delete(workspaceId);
    if (again || more) this.#schedule(workspaceId, again ? 0 : EVERY_MS);
  }

  /** Answers whether it is worth looking again. */
  async #look(workspaceId: Id): Promise<boolean> {
    const store = this.#app.store.workspace(workspaceId);
    // the same map as `poke` adds to while this looks
    const told = this.#told.get(workspaceId) ?? new Map<Id, string>();
    this.#told.set(workspaceId, told);
    const runs = await store.docs(importRuns).find({ state: { $in: RUNNING_IMPORTS } }, { limit: 10 });
    const jobs = await store.docs(bulkJobs).find({ state: 'running' }, { limit: 10 });
    const ended = new Set(told.keys());
    for (const run of runs.docs) this.#say(workspaceId, told, ended, importMessage(run), run.startedBy);
    for (const job of jobs.docs) this.#say(workspaceId, told, ended, bulkMessage(job), job.startedBy);
    for (const id of ended) {
      told.delete(id);
      const run = await store.docs(importRuns).get(id);
      const job = run === null ? await store.docs(bulkJobs).get(id) : null;
      if (run !== null) this.#tell(workspaceId, importMessage(run), run.startedBy);
      else if (job !== null) this.#tell(workspaceId, bulkMessage(job), job.startedBy);
    }
    if (told.size === 0) this.#told.delete(workspaceId);
    return told.size > 0 || this.#isFollowed(workspaceId);
  }

  #say(workspaceId: Id, told: Map<Id, string>, ended: Set<Id>, message: Message, startedBy: Id): void {
    ended.delete(message.id);
    const text = JSON.stringify(message);
    if (told.get(message.id) === text) return;
    told.set(message.id, text);
    this.#tell(workspaceId, message, startedBy);
  }
}
