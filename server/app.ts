import type { Logger } from 'pino';
import type { Day, Instant } from '#lib/domain/values.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import type { LiveDocuments } from './collab/live-documents.ts';
import type { Config } from './config.ts';
import type { Store, WorkspaceStore } from './store/port.ts';

/** The only clock. `today` obeys ENCOURS_TODAY; instants never do. */
export interface Clock {
  ms(): number;
  now(): Instant;
  today(timeZone: string): Day;
}

/** What services and queries work with. Built once, in runtime.ts. */
export interface App {
  config: Config;
  store: Store;
  clock: Clock;
  log: Logger;
  /** The workspace's document, from a short cache that its events refresh. */
  workspace(id: string): Promise<Workspace>;
  /** Notes and drafts as they are being written. */
  live: LiveDocuments;
}

/** The store's handle of the actor's workspace. */
export const storeOf = (app: App, actor: { workspaceId: string }): WorkspaceStore =>
  app.store.workspace(actor.workspaceId);
