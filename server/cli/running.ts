import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Where a running server of this data directory takes the commands of `encours`. */
export interface RunningServer {
  port: number;
  token: string;
  pid: number;
}

const fileOf = (dataDir: string): string => join(dataDir, 'running.json');

/** Tells the `encours` command, through a file that only this user can read, where the server is. */
export async function announceRunning(dataDir: string, running: RunningServer): Promise<void> {
  await mkdir(dataDir, { recursive: true });
  await rm(fileOf(dataDir), { force: true });
  await writeFile(fileOf(dataDir), JSON.stringify(running), { mode: 0o600, flag: 'wx' });
}

/** Takes the file away, if it is still this server's. */
export async function withdrawRunning(dataDir: string, running: RunningServer): Promise<void> {
  const found = await readRunning(dataDir);
  if (found?.token === running.token) await rm(fileOf(dataDir), { force: true });
}

/** What the file says; the server may have died since. */
export async function readRunning(dataDir: string): Promise<RunningServer | null> {
  try {
    const found = JSON.parse(await readFile(fileOf(dataDir), 'utf8')) as Partial<RunningServer>;
    if (typeof found.port !== 'number' || typeof found.token !== 'string' || typeof found.pid !== 'number') return null;
    return { port: found.port, token: found.token, pid: found.pid };
  } catch {
    return null;
  }
}
