import type { Id } from '#lib/domain/values.ts';
import type { Connection } from '#server/store/embedded/connection.ts';

/** Each workspace has a small number in the file, so that indexes do not repeat its id in every row. */
export class WorkspaceNumbers {
  readonly #writer: Connection;
  readonly #reader: Connection;
  #numbers = new Map<Id, number>();
  #ids = new Map<number, Id>();

  constructor(writer: Connection, reader: Connection) {
    this.#writer = writer;
    this.#reader = reader;
  }

  /** For reads of committed data: a number that matches nothing while the workspace has written nothing. */
  known(id: Id): number {
    const cached = this.#numbers.get(id);
    if (cached !== undefined) return cached;
    const n = this.#reader.get('SELECT n FROM workspaces WHERE id = ?', [id])?.[0] as number | undefined;
    return n === undefined ? -1 : this.#remember(id, n);
  }

  /** For writes, inside a transaction; not remembered before it is committed, since it may be undone. */
  made(id: Id): number {
    const committed = this.known(id);
    if (committed !== -1) return committed;
    this.#writer.run('INSERT OR IGNORE INTO workspaces (id) VALUES (?)', [id]);
    return this.#writer.get('SELECT n FROM workspaces WHERE id = ?', [id])?.[0] as number;
  }

  idOf(n: number): Id {
    return this.#ids.get(n) ?? (this.#reader.get('SELECT id FROM workspaces WHERE n = ?', [n])?.[0] as Id);
  }

  all(): Id[] {
    return this.#reader.all('SELECT id FROM workspaces ORDER BY n').map(([id]) => id as Id);
  }

  #remember(id: Id, n: number): number {
    this.#numbers.set(id, n);
    this.#ids.set(n, id);
    return n;
  }
}
