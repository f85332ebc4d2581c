import * as Y from 'yjs';
import { DRAFTS_ROOT } from '#lib/protocol/collab.ts';
import { updateOf } from '#server/collab/entry.ts';
import { updateMessage } from '#server/collab/frame.ts';
import { Server, join, sleep } from './collab-harness.ts';
import { typed } from './collab-load.ts';
import { absolute, median, type Figure } from './figure.ts';

/** A thread of so many edits, compacted, opened by a client that knows nothing of it. */
export async function cold(edits: number): Promise<Figure> {
  const server = await new Server('encours').open();
  const document = server.documents[0] ?? '';
  const [writer] = await join(server, document, 1);
  if (!writer) throw new Error('nobody');
  const updates = scattered(edits);
  for (let i = 0; i < updates.length; i++) {
    writer.send(updates[i] ?? new Uint8Array());
    if (i % 2_000 === 0) while (writer.acked < i - 2_000) await sleep(5);
  }
  while (writer.acked < edits) await sleep(20);
  writer.ws.close();
  // The document is compacted when the last one leaves, and let go afterwards.
  for (let looks = 0; looks < 600 && (await server.stop()).stats.rooms > 0; looks++) await sleep(100);
  const times: number[] = [];
  let bytes = 0;
  for (let round = 0; round < 7; round++) {
    await server.start();
    const [client] = await join(server, document, 1);
    const { cpuMs } = await server.stop();
    times.push(cpuMs);
    bytes = client?.bytes ?? 0;
    client?.ws.close();
    await sleep(300);
  }
  server.end();
  process.stderr.write(`cold: ${edits} edits are ${Math.round(bytes / 1024)} KiB on the wire\n`);
  return absolute(`opening a thread of ${edits} edits: server CPU`, median(times), 'ms', 5);
}

/** Edits all over a text, with deletions, as people make them. */
function scattered(edits: number): Uint8Array[] {
  const base = typed(200);
  const rest = Math.max(0, edits - base.length);
  return [...base, ...scatter(base, rest)];
}

function scatter(base: Uint8Array[], count: number): Uint8Array[] {
  const made: Uint8Array[] = [];
  const doc = docOf(base);
  doc.on('update', (update: Uint8Array) => made.push(updateMessage(update)));
  const line = lineOf(doc);
  for (let i = 0; i < count; i++) {
    if (i % 10 === 9 && line.length > 50) line.delete((i * 7_919) % (line.length - 1), 1);
    else line.insert((i * 31) % 7 === 0 ? (i * 7_919) % line.length : line.length, 'x');
  }
  return made;
}

function docOf(messages: Uint8Array[]): Y.Doc {
  const doc = new Y.Doc();
  for (const message of messages) Y.applyUpdate(doc, updateOf(message));
  return doc;
}

function lineOf(doc: Y.Doc): Y.XmlText {
  const [draft] = [...doc.getMap<Y.XmlFragment>(DRAFTS_ROOT).values()];
  const paragraph = draft?.get(0);
  const line = paragraph instanceof Y.XmlElement ? paragraph.get(0) : null;
  if (!(line instanceof Y.XmlText)) throw new Error('no line');
  return line;
}
