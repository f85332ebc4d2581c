import type { Id } from '#lib/domain/values.ts';
import type { NoteNode } from '#lib/protocol/editor-schema.ts';

/** What services and pages may ask of the documents that are being written, open or not. */
export interface LiveDocuments {
  /** The document as it is this moment, unsaved updates included, and its epoch. */
  read(workspaceId: Id, doc: string): Promise<{ epoch: number; note: NoteNode }>;
  /** Puts the document into its next epoch with its content, and sends everybody who has it open there (4409). */
  restart(workspaceId: Id, doc: string): Promise<number>;
}
