import { noteText, type NoteNode } from '#lib/protocol/editor-schema.ts';

/** The words that a command carries, for whoever must see what was not sent: a message's body, an answer, a reason. */
export function contentOf(body: unknown): string {
  if (typeof body !== 'object' || body === null) return '';
  const { body: prose, ...rest } = body as { body?: unknown; [key: string]: unknown };
  if (typeof prose === 'object' && prose !== null && 'type' in prose) return noteText(prose as NoteNode).trim();
  for (const name of ['text', 'answer', 'reason', 'detail', 'ask'])
    if (typeof rest[name] === 'string' && rest[name] !== '') return rest[name];
  return '';
}
