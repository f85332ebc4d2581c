import { mentionText, type NoteNode } from '#lib/protocol/editor-schema.ts';

/**
 * A body in which people are mere names: what outsiders read points at nobody inside. Invoices and accounts become
 * their numbers likewise.
 *
 * @returns the body, and how many mentions were replaced
 */
export function flattenMentions(body: NoteNode): { body: NoteNode; count: number } {
  let count = 0;
  const flat = (node: NoteNode): NoteNode => {
    if (node.type !== 'mention')
      return node.content === undefined ? node : { ...node, content: joined(node.content.map(flat)) };
    count += 1;
    const text = mentionText(node.attrs).slice(1);
    return { type: 'text', text: text === '' ? '…' : text, ...(node.marks === undefined ? {} : { marks: node.marks }) };
  };
  return { body: flat(body), count };
}

/** Neighbouring texts of the same look are one. */
function joined(nodes: NoteNode[]): NoteNode[] {
  const out: NoteNode[] = [];
  for (const node of nodes) {
    const last = out.at(-1);
    const same = JSON.stringify(last?.marks ?? []) === JSON.stringify(node.marks ?? []);
    if (last?.type === 'text' && node.type === 'text' && same)
      out[out.length - 1] = { ...last, text: `${last.text}${node.text}` };
    else out.push(node);
  }
  return out;
}
