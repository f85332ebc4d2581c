import { DatabaseSync } from 'node:sqlite';
import type { SQLInputValue, StatementSync } from 'node:sqlite';
import { DuplicateKey, StoreUnavailable } from '#server/store/port.ts';

/** Statements kept prepared for each connection. */
const MAX_STATEMENTS = 500;

export type Row = unknown[];

/** One SQLite connection with its prepared statements; rows come as arrays, the fastest way in node:sqlite. */
export class Connection {
  readonly db: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();

  constructor(path: string, pragmas: readonly string[]) {
    this.db = new DatabaseSync(path, { timeout: 5_000 });
    for (const pragma of pragmas) this.db.exec(`PRAGMA ${pragma}`);
  }

  #prepare(text: string): StatementSync {
    const known = this.#statements.get(text);
    if (known) return known;
    const statement = this.db.prepare(text);
    statement.setReturnArrays(true);
    if (this.#statements.size >= MAX_STATEMENTS) {
      const oldest = this.#statements.keys().next().value;
      if (oldest !== undefined) this.#statements.delete(oldest);
    }
    this.#statements.set(text, statement);
    return statement;
  }

  all(text: string, params: readonly SQLInputValue[] = []): Row[] {
    try {
      return this.#prepare(text).all(...params) as unknown as Row[];
    } catch (error) {
      throw unavailable(error);
    }
  }

  get(text: string, params: readonly SQLInputValue[] = []): Row | undefined {
    try {
      return this.#prepare(text).get(...params) as unknown as Row | undefined;
    } catch (error) {
      throw unavailable(error);
    }
  }

  /** Answers how many rows it changed and the last row's number. */
  run(text: string, params: readonly SQLInputValue[] = []): { changes: number; row: number } {
    const { changes, lastInsertRowid } = this.#prepare(text).run(...params);
    return { changes: Number(changes), row: Number(lastInsertRowid) };
  }

  exec(text: string): void {
    this.db.exec(text);
  }

  close(): void {
    this.#statements.clear();
    this.db.close();
  }
}

/** Primary result codes after which another try, later, may do. */
const UNAVAILABLE = new Map([
  [5, 'the database is busy'],
  [6, 'the database is locked'],
  [7, 'out of memory'],
  [8, 'the database is read-only'],
  [10, 'the disk failed'],
  [11, 'the database file is damaged'],
  [13, 'the disk is full'],
  [14, 'the database file cannot be opened'],
  [26, 'the database file is not a database'],
]);

/** An error after which another try may do, as the port has it; others pass unchanged. */
function unavailable(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if ('code' in error && error.code === 'ERR_INVALID_STATE')
    return new StoreUnavailable('the store is closed', { cause: error });
  if (!('errcode' in error) || typeof error.errcode !== 'number') return error;
  const reason = UNAVAILABLE.get(error.errcode & 0xff);
  return reason ? new StoreUnavailable(reason, { cause: error }) : error;
}

/** Turns an error of SQLite into one of the port's; others pass unchanged. `duplicate`: what a unique index refused. */
export function toPortError(error: unknown, duplicate: (columns: string) => DuplicateKey = inJournal): unknown {
  const refused =
    error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' && (error.errcode & 0xff) === 19;
  return refused ? duplicate(/failed: (.*)/.exec(error.message)?.[1] ?? '') : unavailable(error);
}

function inJournal(): DuplicateKey {
  return new DuplicateKey('journal', 'id');
}
