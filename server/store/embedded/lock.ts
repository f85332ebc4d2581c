import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** Another process works on this data directory. */
export class DirectoryInUse extends Error {
  constructor(directory: string, cause: unknown) {
    super(
      `${directory} is in use by another Encours process. The embedded store belongs to one process: stop the other one, ` +
        'or set MONGODB_URI to run several on one MongoDB replica set.',
      { cause },
    );
    this.name = 'DirectoryInUse';
  }
}

/** Takes the directory for this process until `release`, or until the process ends in any way. */
export function lockDirectory(directory: string): { release: () => void } {
  const db = new DatabaseSync(join(directory, 'encours.lock'), { timeout: 0 });
  try {
    db.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    db.close();
    throw new DirectoryInUse(directory, error);
  }
  return { release: () => db.close() };
}
