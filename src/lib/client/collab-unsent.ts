import * as encoding from 'lib0/encoding';
import * as Y from 'yjs';

/**
 * The words in a document that the server is not known to have, a line per run; what was deleted since is left out.
 *
 * @param confirmed what the server has, by author
 */
export function unsentText(doc: Y.Doc, confirmed: ReadonlyMap<number, number>): string {
  const encoder = encoding.createEncoder();
  encoding.writeVarUint(encoder, confirmed.size);
  for (const [client, clock] of confirmed) {
    encoding.writeVarUint(encoder, client);
    encoding.writeVarUint(encoder, clock);
  }
  const difference = Y.encodeStateAsUpdate(doc, encoding.toUint8Array(encoder));
  const { structs, ds } = Y.decodeUpdate(difference);
  const lines: string[] = [];
  for (const struct of structs) {
    if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentString)) continue;
    const { client, clock } = struct.id;
    const gone = ds.clients.get(client) ?? [];
    const text = [...struct.content.str.split('')]
      .filter((_, i) => !gone.some((range) => clock + i >= range.clock && clock + i < range.clock + range.len))
      .join('');
    if (text !== '') lines.push(text);
  }
  return lines.join('\n');
}
