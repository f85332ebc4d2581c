import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { GridFSBucket } from 'mongodb';
import type { Id } from '#lib/domain/values.ts';
import { newId } from '../id.ts';
import { FileTooLarge, type Files } from '../port.ts';
import { rowId, type Database } from './database.ts';
import { outside } from './errors.ts';

/** Files in GridFS, bucket `files`. Their names are rowId's, so that workspaces do not meet. */
export function filesOf(database: Database, workspaceId: Id): Files {
  const bucket = new GridFSBucket(database.db, { bucketName: 'files' });
  const find = async (fileId: string) => {
    const [found] = await bucket.find({ filename: rowId(workspaceId, fileId) }, { limit: 1 }).toArray();
    return found ?? null;
  };
  return {
    put: (source, limit) =>
      outside(async () => {
        const fileId = newId();
        const hash = createHash('sha256');
        const upload = bucket.openUploadStream(rowId(workspaceId, fileId), { metadata: { w: workspaceId, fileId } });
        const failed = new Promise<never>((_, reject) => upload.once('error', reject));
        failed.catch(() => undefined);
        let bytes = 0;
        try {
          for await (const chunk of source) {
            bytes += chunk.length;
            if (bytes > limit) throw new FileTooLarge(limit);
            hash.update(chunk);
            if (!upload.write(chunk)) await Promise.race([once(upload, 'drain'), failed]);
          }
          const finished = once(upload, 'finish');
          upload.end();
          await Promise.race([finished, failed]);
        } catch (error) {
          await upload.abort().catch(() => undefined);
          throw error;
        }
        return { fileId, bytes, sha256: hash.digest('hex') };
      }),
    open: (fileId) =>
      outside(async () => {
        const found = await find(fileId);
        return found === null ? null : (bucket.openDownloadStream(found._id) as AsyncIterable<Uint8Array>);
      }),
    remove: (fileId) =>
      outside(async () => {
        const found = await find(fileId);
        // Another node may have been faster.
        if (found !== null) await bucket.delete(found._id).catch(ignoreMissing);
      }),
    list: async function* () {
      for await (const { metadata, uploadDate } of bucket.find({ 'metadata.w': workspaceId })) {
        const fileId: unknown = metadata?.fileId;
        if (typeof fileId === 'string') yield { fileId, storedAt: uploadDate.getTime() };
      }
    },
  };
}

function ignoreMissing(error: unknown): void {
  if (!/FileNotFound|File not found/.test(String(error))) throw error;
}
