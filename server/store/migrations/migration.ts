import type { Id } from '#lib/domain/values.ts';
import type { Store } from '#server/store/port.ts';

/** What a migration may use. */
export interface MigrationContext {
  store: Store;
  /** Every workspace that has ever written, the installation included. */
  workspaces: readonly Id[];
}

/**
 * Brings stored documents from version `to - 1` to version `to`. It may be killed at any moment and is then run again
 * from its start, on documents of which some have been changed already: it must leave those as they are. It works
 * through the port, in small transactions, so that it runs on either store and beside other nodes.
 */
export interface Migration {
  to: number;
  name: string;
  run(context: MigrationContext): Promise<void>;
}
