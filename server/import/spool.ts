import { createHash } from 'node:crypto';
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Id } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';

/** A received file, waiting on this machine's disk to be read (again, when its mapping is corrected). */
export interface Spooled {
  path: string;
  bytes: number;
  /** SHA-256 of the bytes, in hex. */
  digest: string;
  /** First bytes, at most HEAD_BYTES. */
  head: Uint8Array;
}

/** What detection looks at. */
export const HEAD_BYTES = 256 * 1024;

export const spoolDir = (dataDir: string): string => join(dataDir, 'imports');
export const spoolPath = (dataDir: string, importId: Id): string => join(spoolDir(dataDir), `${importId}.ledger`);

/**
 * Writes a stream of bytes to disk as it comes, in constant memory.
 *
 * @param maxBytes cap; beyond it nothing is kept
 * @throws AppError too_large
 */
export async function spool(
  dataDir: string,
  importId: Id,
  source: AsyncIterable<Uint8Array>,
  maxBytes: number,
): Promise<Spooled> {
  await mkdir(spoolDir(dataDir), { recursive: true, mode: 0o700 });
  const path = spoolPath(dataDir, importId);
  const file = await open(path, 'w', 0o600);
  const hash = createHash('sha256');
  const head: Uint8Array[] = [];
  let bytes = 0;
  try {
    for await (const chunk of source) {
      if (bytes < HEAD_BYTES) head.push(chunk.slice(0, HEAD_BYTES - bytes));
      bytes += chunk.length;
      if (bytes > maxBytes) throw new AppError('too_large', { maxBytes });
      hash.update(chunk);
      await file.write(chunk);
    }
    await file.close();
    return { path, bytes, digest: hash.digest('hex'), head: Buffer.concat(head) };
  } catch (error) {
    await file.close().catch(() => undefined);
    await rm(path, { force: true });
    throw error;
  }
}

/** Forgets a received file. */
export async function removeSpooled(dataDir: string, importId: Id): Promise<void> {
  await rm(spoolPath(dataDir, importId), { force: true });
}

/** Removes received files that nobody will read any more: older than `maxAgeMs`. */
export async function sweepSpool(dataDir: string, nowMs: number, maxAgeMs: number): Promise<number> {
  const names = await readdir(spoolDir(dataDir)).catch(() => []);
  let removed = 0;
  for (const name of names) {
    const path = join(spoolDir(dataDir), name);
    const info = await stat(path).catch(() => null);
    if (info === null || nowMs - info.mtimeMs < maxAgeMs) continue;
    await rm(path, { force: true });
    removed += 1;
  }
  return removed;
}
