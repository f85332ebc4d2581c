import * as Y from 'yjs';
import { NOTE_ROOT } from '#lib/protocol/collab.ts';
import { editorSchema, type NoteNode } from '#lib/protocol/editor-schema.ts';

type Mark = NonNullable<NoteNode['marks']>[number];

function textNodes(text: Y.XmlText): NoteNode[] {
  return (text.toDelta() as { insert: unknown; attributes?: Record<string, unknown> }[]).flatMap((run) => {
    if (typeof run.insert !== 'string') return [];
    const marks: Mark[] = Object.entries(run.attributes ?? {}).map(([name, attrs]) => ({
      type: name.split('--', 1)[0] ?? name,
      ...(typeof attrs === 'object' && attrs !== null ? { attrs: attrs as Record<string, unknown> } : {}),
    }));
    return [{ type: 'text', text: run.insert, ...(marks.length > 0 ? { marks } : {}) }];
  });
}

function nodes(parent: Y.XmlFragment): NoteNode[] {
  return parent.toArray().flatMap((child) => {
    if (child instanceof Y.XmlText) return textNodes(child);
    if (!(child instanceof Y.XmlElement)) return [];
    const attrs = child.getAttributes() as Record<string, unknown>;
    const content = nodes(child);
    const node: NoteNode = { type: child.nodeName };
    if (Object.keys(attrs).length > 0) node.attrs = attrs;
    if (content.length > 0) node.content = content;
    return [node];
  });
}

/**
 * The note as JSON that its schema accepts.
 *
 * @throws RangeError when the document holds something that the schema has no place for
 */
export function noteJson(doc: Y.Doc): NoteNode {
  const content = nodes(doc.getXmlFragment(NOTE_ROOT));
  const json: NoteNode = { type: 'doc', content: content.length > 0 ? content : [{ type: 'paragraph' }] };
  const node = editorSchema.nodeFromJSON(json);
  node.check();
  return node.toJSON() as NoteNode;
}
