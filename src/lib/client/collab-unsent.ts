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

/** Whether the server is known to have everything that was written in a document. */
export function isConfirmed(doc: Y.Doc, confirmed: ReadonlyMap<number, number>): boolean {
  for (const [client, clock] of Y.decodeStateVector(Y.encodeStateVector(doc)))
    if (clock > (confirmed.get(client) ?? 0)) return false;
  return true;
}

/**
 * The words whose place somebody else has just taken away, a draft that was thrown away or a line that was made anew, as
 * far as the server is not known to have had them: they were typed meanwhile, or without a network. A line per place. To
 * be called after the transaction and before it is tidied up.
 *
 * @param confirmed what the server has, by author
 */
export function lostText(transaction: Y.Transaction, confirmed: ReadonlyMap<number, number>): string {
  const lost = new Map<Y.Item, string>();
  const places = new Set<Y.AbstractType<unknown>>();
  Y.iterateDeletedStructs(transaction, transaction.deleteSet, (struct) => {
    if (!(struct instanceof Y.Item) || !(struct.content instanceof Y.ContentString) || !hasNoPlace(struct)) return;
    const { client, clock } = struct.id;
    if (clock >= (transaction.beforeState.get(client) ?? 0)) return;
    const unsent = Math.max(0, Math.min(struct.length, clock + struct.length - (confirmed.get(client) ?? 0)));
    if (unsent === 0) return;
    lost.set(struct, struct.content.str.slice(-unsent));
    places.add(struct.parent as Y.AbstractType<unknown>);
  });
  return [...places]
    .map((place) => {
      let line = '';
      for (let item = place._start; item !== null; item = item.right) line += lost.get(item) ?? '';
      return line;
    })
    .join('\n');
}

/** What was deleted by itself was seen by whoever deleted it. */
function hasNoPlace(item: Y.Item): boolean {
  for (let parent = item.parent; parent instanceof Y.AbstractType; parent = parent._item?.parent ?? null)
    if (parent._item?.deleted === true) return true;
  return false;
}
