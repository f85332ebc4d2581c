import type { Id } from '#lib/domain/values.ts';
import type { NoteNode } from '#lib/protocol/editor-schema.ts';

/** A draft as its author saw it when posting. */
export interface TakenDraft {
  /** JSON that the editor's schema accepts. */
  body: NoteNode;
  /** Members who wrote words that are in it, as the server knows from their connections; the poster may not be among them. */
  authors: Id[];
  /** Base64 state vector of what was taken: for `removeDraft`. */
  taken: string;
}

/** What services and pages may ask of the documents that are being written, open or not. */
export interface LiveDocuments {
  /** The document's note as it is this moment, unsaved updates included, and its epoch. */
  read(workspaceId: Id, doc: string): Promise<{ epoch: number; note: NoteNode }>;
  /**
   * Reads a thread's draft, without removing it: exactly what lies below the author's state vector, so that nobody posts
   * words that were not on their screen.
   *
   * @param stateVector base64; null: all that is there
   * @param waitMs how long the author's last words may still be under way
   * @returns `behind` when they did not come in that time, `empty` when there is no such draft or only blanks in it
   * @throws RangeError when the state vector is none
   */
  takeDraft(
    workspaceId: Id,
    doc: string,
    draftId: string,
    stateVector: string | null,
    waitMs: number,
  ): Promise<TakenDraft | 'behind' | 'empty'>;
  /**
   * Removes what was taken, as the server's own update: journalled and relayed. What came later, or is still under way,
   * stays in the draft; the emptied draft stays in the map, so that words typed into it offline find their place. May be
   * called again after a crash.
   *
   * @param taken `TakenDraft.taken`, or the state vector that the post was given; null: all that is there
   */
  removeDraft(workspaceId: Id, doc: string, draftId: string, taken: string | null): Promise<void>;
  /** Puts the document into its next epoch with its content, and sends everybody who has it open there (4409). */
  restart(workspaceId: Id, doc: string): Promise<number>;
  /**
   * Forgets what was deleted: the next epoch begins with what is there now, and the log of the epochs before is dropped.
   * Everybody who has it open starts afresh (4409). Interrupted, it can be run again.
   *
   * @returns the new epoch
   */
  forget(workspaceId: Id, doc: string): Promise<number>;
}
