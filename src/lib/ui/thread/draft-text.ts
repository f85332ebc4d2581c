import * as Y from 'yjs';

/** The plain text of a draft as it stands in its shared type: a line per paragraph or list item, mentions by their name. */
export function draftText(parent: Y.XmlFragment | Y.XmlElement): string {
  const parts = parent.toArray().map((child) => {
    if (child instanceof Y.XmlText)
      return (child.toDelta() as { insert: unknown }[])
        .map(({ insert }) => (typeof insert === 'string' ? insert : ''))
        .join('');
    if (!(child instanceof Y.XmlElement)) return '';
    if (child.nodeName === 'hardBreak') return '\n';
    if (child.nodeName === 'mention') {
      const { kind = 'member', label = '' } = child.getAttributes() as { kind?: string; label?: string };
      return `${kind === 'member' ? '@' : '#'}${label}`;
    }
    return draftText(child);
  });
  const inline = parent instanceof Y.XmlElement && parent.nodeName === 'paragraph';
  return parts.join(inline ? '' : '\n');
}

const RADIX = 36;
const TIME_CHARS = 9;

/** A draft's id: those begun later sort behind. */
export function newDraftId(now: number): string {
  const random = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, '0'));
  return `d${now.toString(RADIX).padStart(TIME_CHARS, '0')}-${random.join('')}`;
}

/** When it was begun, ms; null for an id that was made elsewhere. */
export function draftBegan(id: string): number | null {
  const time = /^d([0-9a-z]{9})-/.exec(id)?.[1];
  return time === undefined ? null : Number.parseInt(time, RADIX);
}
