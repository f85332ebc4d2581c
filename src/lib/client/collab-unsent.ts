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
 * The words of drafts that somebody else has just thrown away, as far as the server is not known to have had them: they
 * were typed while the draft was being removed, or without a network. To be called while the change is observed.
 *
 * @param confirmed what the server has, by author
 */
export function droppedText(
  event: Y.YMapEvent<unknown>,
  transaction: Y.Transaction,
  confirmed: ReadonlyMap<number, number>,
): string {
  const lines: string[] = [];
  const walk = (parent: Y.XmlFragment | Y.XmlText): void => {
    let line = '';
    for (let item = parent._start; item !== null; item = item.right) {
      const { client, clock } = item.id;
      const isNews = clock >= (transaction.beforeState.get(client) ?? 0);
      const { content } = item;
      if (isNews) continue;
      if (content instanceof Y.ContentString) {
        const unsent = Math.max(0, Math.min(item.length, clock + item.length - (confirmed.get(client) ?? 0)));
        if (unsent > 0) line += content.str.slice(-unsent);
      } else if (content instanceof Y.ContentType) {
        const { type } = content as unknown as { type: unknown };
        if (type instanceof Y.XmlText || type instanceof Y.XmlFragment) walk(type as Y.XmlFragment);
      }
    }
    if (line !== '') lines.push(line);
  };
  for (const { action, oldValue } of event.changes.keys.values())
    if (action !== 'add' && oldValue instanceof Y.XmlFragment) walk(oldValue as Y.XmlFragment);
  return lines.join('\n');
}
