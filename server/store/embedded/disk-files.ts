import { createHash } from 'node:crypto';
import { rmSync } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Id } from '#lib/domain/values.ts';
import { refuse } from '#server/store/guard.ts';
import { newId } from '#server/store/id.ts';
import { FileTooLarge, StoreUnavailable, type Files } from '#server/store/port.ts';
import { syncDirectory } from '#server/store/embedded/files.ts';

const NAME = /^[A-Za-z0-9_-]{1,200}$/;
/** Read at a time. */
const CHUNK = 65_536;

/**
 * Files in a folder beside the database: `files/<workspace>/<two characters>/<id>`. Written under another name, brought onto
 * the disk and then renamed, so that a file is never there by halves.
 */
export class DiskFiles {
  readonly #root: string;
  readonly #parts: string;

  /** Takes away what a killed process has left half written. The directory must be this process's own. */
  constructor(directory: string) {
    this.#root = join(directory, 'files');
    this.#parts = join(this.#root, '.part');
    rmSync(this.#parts, { recursive: true, force: true });
  }

  of(workspaceId: Id): Files {
    if (!NAME.test(workspaceId)) refuse('a workspace with files needs a plain id');
    const folder = join(this.#root, workspaceId);
    const folderOf = (fileId: string): string => join(folder, fileId.slice(-2));
    const known = (fileId: string): boolean => NAME.test(fileId) && fileId.length > 2;
    return {
      put: async (source, limit) => {
        const fileId = newId();
        const part = join(this.#parts, fileId);
        try {
          await mkdir(this.#parts, { recursive: true, mode: 0o700 });
          const kept = await this.#write(part, source, limit);
          await this.#ensure(folderOf(fileId));
          await rename(part, join(folderOf(fileId), fileId));
          syncDirectory(folderOf(fileId));
          return { fileId, ...kept };
        } catch (error) {
          await rm(part, { force: true }).catch(() => undefined);
          throw mapped(error);
        }
      },
      open: async (fileId) => {
        if (!known(fileId)) return null;
        const path = join(folderOf(fileId), fileId);
        return (await stat(path).catch(absent)) === null ? null : chunksOf(path);
      },
      remove: async (fileId) => {
        if (!known(fileId)) return;
        try {
          await rm(join(folderOf(fileId), fileId), { force: true });
        } catch (error) {
          throw mapped(error);
        }
      },
      list: async function* () {
        for (const shelf of (await readdir(folder).catch(absent)) ?? [])
          for (const fileId of (await readdir(join(folder, shelf)).catch(absent)) ?? []) {
            const found = await stat(join(folder, shelf, fileId)).catch(absent);
            if (found !== null) yield { fileId, storedAt: found.mtimeMs };
          }
      },
    };
  }

  async #write(
    path: string,
    source: AsyncIterable<Uint8Array>,
    limit: number,
  ): Promise<{ bytes: number; sha256: string }> {
    const file = await open(path, 'wx', 0o600);
    try {
      const hash = createHash('sha256');
      let bytes = 0;
      for await (const chunk of source) {
        bytes += chunk.length;
        if (bytes > limit) throw new FileTooLarge(limit);
        hash.update(chunk);
        for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at)).bytesWritten;
      }
      await file.sync();
      return { bytes, sha256: hash.digest('hex') };
    } finally {
      await file.close();
    }
  }

  /** A new folder must outlive a power cut as its files do. */
  async #ensure(folder: string): Promise<void> {
    const first = await mkdir(folder, { recursive: true, mode: 0o700 });
    if (first === undefined) return;
    for (let at = folder; at.length >= this.#root.length; at = join(at, '..')) syncDirectory(at);
    syncDirectory(join(this.#root, '..'));
  }
}

/** Opened when it is first read: what nobody reads holds nothing open. */
async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    for (;;) {
      const buffer = Buffer.allocUnsafe(CHUNK);
      const { bytesRead } = await handle.read(buffer, 0, CHUNK);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await handle.close();
  }
}

function absent(error: unknown): null {
  const code = (error as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') return null;
  throw mapped(error);
}

/** What the disk says; other errors (of the source, of the limit) as they are. */
function mapped(error: unknown): unknown {
  const failed = ['ENOSPC', 'EDQUOT', 'EIO', 'EROFS', 'EACCES', 'EMFILE', 'ENFILE'];
  const code = (error as NodeJS.ErrnoException | null)?.code ?? '';
  return failed.includes(code) ? new StoreUnavailable('the disk does not take or give files', { cause: error }) : error;
}
