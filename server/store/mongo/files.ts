import { createHash } from 'node:crypto';
import type { Id } from '#lib/domain/values.ts';
import { instantOf, newId } from '../id.ts';
import { FileTooLarge, StoreUnavailable, type Files } from '../port.ts';
import { rowId, type Database, type FileRow } from './database.ts';
import { outside, toPortError } from './errors.ts';

/** Bytes of a part, as GridFS has it. */
const PART = 255 * 1_024;
/** Files asked for at a time: whoever takes their list may be slower than the server keeps a cursor. */
const BATCH = 200;
/** Names that this store makes; no other can be a file's. */
const NAME = /^[A-Za-z0-9_-]{1,200}$/;

/**
 * Files as GridFS lays them out, bucket `files`, so that MongoDB's own tools read them. Each part is stored before the next
 * is taken, and the file's record last: without it there is no file, and what a killed process left of one is in the list.
 */
export function filesOf(database: Database, workspaceId: Id): Files {
  const { files, chunks } = database;
  const idOf = (fileId: string): string => rowId(workspaceId, fileId);
  const prefix = idOf('');
  const fileIdOf = (_id: string): string => _id.slice(prefix.length);
  // The slash is followed by the zero.
  const ofWorkspace = { $gte: prefix, $lt: `${prefix.slice(0, -1)}0` };
  const remove = async (_id: string): Promise<void> => {
    await files.deleteOne({ _id });
    await chunks.deleteMany({ files_id: _id });
  };
  const unfinished = async function* (ids: string[]): AsyncGenerator<{ fileId: string; storedAt: number }> {
    const there = await files.find({ _id: { $in: ids } }, { projection: { _id: 1 } }).toArray();
    const known = new Set(there.map(({ _id }) => _id));
    for (const _id of ids) if (!known.has(_id)) yield { fileId: fileIdOf(_id), storedAt: instantOf(fileIdOf(_id)) };
  };
  return {
    put: (source, limit) =>
      outside(async () => {
        const fileId = newId();
        const _id = idOf(fileId);
        try {
          const kept = await writeParts(database, _id, source, limit);
          await files.insertOne({
            _id,
            length: kept.bytes,
            chunkSize: PART,
            uploadDate: new Date(),
            filename: _id,
            metadata: { w: workspaceId, fileId },
          });
          return { fileId, ...kept };
        } catch (error) {
          await remove(_id).catch(() => undefined);
          throw error;
        }
      }),
    open: (fileId) =>
      outside(async () => {
        const found = NAME.test(fileId) ? await files.findOne({ _id: idOf(fileId) }) : null;
        return found === null ? null : partsOf(database, found);
      }),
    remove: (fileId) =>
      outside(async () => {
        if (NAME.test(fileId)) await remove(idOf(fileId));
      }),
    list: async function* () {
      try {
        for await (const { _id, uploadDate } of files.find({ _id: ofWorkspace }, { batchSize: BATCH }))
          yield { fileId: fileIdOf(_id), storedAt: uploadDate.getTime() };
        let ids: string[] = [];
        const found = chunks.aggregate<{ _id: string }>(
          [{ $match: { files_id: ofWorkspace } }, { $group: { _id: '$files_id' } }],
          { batchSize: BATCH },
        );
        for await (const { _id } of found) {
          ids.push(_id);
          if (ids.length < BATCH) continue;
          yield* unfinished(ids);
          ids = [];
        }
        yield* unfinished(ids);
      } catch (error) {
        throw toPortError(error);
      }
    },
  };
}

/** @throws FileTooLarge as soon as there is one byte too many */
async function writeParts(
  { chunks }: Database,
  fileRow: string,
  source: AsyncIterable<Uint8Array>,
  limit: number,
): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  const part = Buffer.alloc(PART);
  let [bytes, filled, n] = [0, 0, 0];
  const store = async (): Promise<void> => {
    await chunks.insertOne({ _id: newId(), files_id: fileRow, n, data: part.subarray(0, filled) });
    n += 1;
    filled = 0;
  };
  for await (const piece of source) {
    bytes += piece.length;
    if (bytes > limit) throw new FileTooLarge(limit);
    hash.update(piece);
    for (let at = 0; at < piece.length;) {
      const taken = piece.subarray(at, at + PART - filled);
      part.set(taken, filled);
      filled += taken.length;
      at += taken.length;
      if (filled === PART) await store();
    }
  }
  if (filled > 0) await store();
  return { bytes, sha256: hash.digest('hex') };
}

/** Part by part, each asked for by itself: a reader that is slow, or goes away, leaves no cursor open. */
async function* partsOf({ chunks }: Database, file: FileRow): AsyncGenerator<Uint8Array> {
  for (let n = 0; n * file.chunkSize < file.length; n += 1) {
    const part = await outside(() => chunks.findOne({ files_id: file._id, n }));
    if (part === null) throw new StoreUnavailable('the file was removed while it was read');
    yield part.data;
  }
}
