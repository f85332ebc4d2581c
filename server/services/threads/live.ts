import type { Body } from '#lib/domain/thread/thread.ts';
import type { Id } from '#lib/domain/values.ts';
import type { App } from '../../app.ts';

/** What threads ask of the documents that are being written. */
export interface LiveThreads {
  /**
   * A draft as it stands once the document holds all of `stateVector` (base64), and who wrote in it. `behind`: it does not
   * after `waitMs`; `empty`: there is no such draft, or nothing in it.
   */
  takeDraft(
    workspaceId: Id,
    doc: string,
    draftId: Id,
    stateVector: string | null,
    waitMs: number,
  ): Promise<{ body: Body; authors: Id[]; taken: string } | 'behind' | 'empty'>;
  /** Takes out what was `taken` (or lies below the post's state vector); words that came later stay. */
  removeDraft(workspaceId: Id, doc: string, draftId: Id, taken: string | null): Promise<void>;
  /** Its next epoch holds only what is there now; what was written before is gone from the log. */
  forget(workspaceId: Id, doc: string): Promise<unknown>;
  read(workspaceId: Id, doc: string): Promise<{ epoch: number; note: Body }>;
}

/** Null where nothing is co-written. */
export const liveOf = (app: App): LiveThreads | null => app.live;
