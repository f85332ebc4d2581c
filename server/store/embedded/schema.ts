import { bare } from '#server/store/guard.ts';
import type { Kind, Versioned } from '#server/store/port.ts';
import type { Connection } from '#server/store/embedded/connection.ts';

/**
 * Tables and indexes of the embedded file: fixed ones, and for each kind what its declaration asks for. Every declared
 * field has a column of its own beside the document, so that a change touches only the indexes of what has changed:
 * with indexes on expressions over the document every replacement rewrote all of them (2,000 against 12,000 a second).
 */

/** Marks the file as ours: `ENCO`. */
export const APPLICATION_ID = 0x454e434f;

export const FIXED_TABLES = [
  'CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID',
  'CREATE TABLE IF NOT EXISTS workspaces (n INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE)',
  `CREATE TABLE IF NOT EXISTS journal (n INTEGER PRIMARY KEY, ws INTEGER NOT NULL, stream TEXT NOT NULL, seq INTEGER NOT NULL,
    id TEXT NOT NULL, name TEXT NOT NULL, at TEXT NOT NULL, day TEXT NOT NULL, actor TEXT NOT NULL, data TEXT NOT NULL,
    digest TEXT, prev TEXT NOT NULL, hash TEXT NOT NULL)`,
  'CREATE UNIQUE INDEX IF NOT EXISTS journal_seq ON journal (ws, stream, seq)',
  'CREATE UNIQUE INDEX IF NOT EXISTS journal_id ON journal (ws, id)',
  'CREATE INDEX IF NOT EXISTS journal_at ON journal (ws, stream, at)',
  'CREATE TABLE IF NOT EXISTS personal (n INTEGER PRIMARY KEY, salt TEXT NOT NULL, data TEXT NOT NULL)',
  `CREATE TABLE IF NOT EXISTS heads (ws INTEGER NOT NULL, stream TEXT NOT NULL, seq INTEGER NOT NULL, hash TEXT NOT NULL,
    at TEXT NOT NULL, PRIMARY KEY (ws, stream)) WITHOUT ROWID`,
  `CREATE TABLE IF NOT EXISTS log (n INTEGER PRIMARY KEY AUTOINCREMENT, ws INTEGER NOT NULL, doc TEXT NOT NULL,
    epoch INTEGER NOT NULL, author TEXT NOT NULL, bytes BLOB NOT NULL)`,
  'CREATE INDEX IF NOT EXISTS log_doc ON log (ws, doc, epoch)',
];

/** The table of a kind. */
export function tableOf(kind: Kind<Versioned>): string {
  return `d_${kind.name}`;
}

/** The column of a declared field; `id` is a column of its own. */
export function columnOf(field: string): string {
  return field === 'id' ? 'id' : `f_${field.replaceAll('.', '__')}`;
}

/** A name with only letters, digits and underscores. */
function plain(name: string): string {
  return name.replaceAll('-', '_desc_').replaceAll('.', '__');
}

export function indexOf(kind: Kind<Versioned>, name: string): string {
  return `i_${kind.name}_${plain(name)}`;
}

/** The side table that holds one row for each token of each document, with the fields it is sorted by. */
export function tokenTableOf(kind: Kind<Versioned>, token: string, list: readonly string[]): string {
  return ['t', kind.name, token, ...list].map(plain).join('_');
}

interface Wanted {
  type: 'TABLE' | 'INDEX';
  sql: string;
  /** Fills a side table from the documents that are there. */
  fill?: string;
}

function direction(field: string): string {
  return field.startsWith('-') ? ' DESC' : '';
}

/** The indexes and side tables that a kind's declaration asks for, by name. */
function wantedFor(kind: Kind<Versioned>): [string, Wanted][] {
  const table = tableOf(kind);
  const indexes = [{ name: 'id', fields: ['id'], unique: true }, ...kind.indexes].map(
    ({ name, fields, unique }): [string, Wanted] => {
      const columns = [
        'ws',
        ...fields.map((field) => columnOf(bare(field)) + direction(field)),
        ...(unique ? [] : ['id']),
      ];
      const sql = `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${indexOf(kind, name)} ON ${table} (${columns.join(', ')})`;
      return [indexOf(kind, name), { type: 'INDEX', sql }];
    },
  );
  const sides = kind.tokenIndexes.map(({ token, fields }): [string, Wanted] => {
    const side = tokenTableOf(kind, token, fields);
    const carried = fields.map((field) => columnOf(bare(field)));
    const key = ['ws', 'token', ...fields.map((field) => columnOf(bare(field)) + direction(field)), 'id'];
    const columns = ['ws INTEGER NOT NULL', 'token TEXT NOT NULL', ...carried.map((column) => `${column} NOT NULL`)];
    const values = carried.map((column) => `ifnull(d.${column}, x'')`);
    const sql = `CREATE TABLE ${side} (${[...columns, 'id TEXT NOT NULL', 'n INTEGER NOT NULL'].join(', ')}, PRIMARY KEY (${key.join(', ')})) WITHOUT ROWID`;
    const fill = `INSERT OR IGNORE INTO ${side} SELECT ${['d.ws', 'j.value', ...values, 'd.id', 'd.n'].join(', ')} FROM ${table} AS d, json_each(d.${columnOf(token)}) AS j`;
    return [side, { type: 'TABLE', sql, fill }];
  });
  return [...indexes, ...sides];
}

/** Makes the kind's table, or brings its columns in line with the declared fields. */
function applyColumns(db: Connection, kind: Kind<Versioned>): void {
  const table = tableOf(kind);
  const fields = Object.keys(kind.fields);
  const columns = fields.map((field) => `, ${columnOf(field)}`).join('');
  db.exec(
    `CREATE TABLE IF NOT EXISTS ${table} (n INTEGER PRIMARY KEY, ws INTEGER NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL${columns}, body TEXT NOT NULL)`,
  );
  const present = new Set(db.all('SELECT name FROM pragma_table_info(?)', [table]).map(([name]) => name as string));
  for (const field of fields) {
    const column = columnOf(field);
    if (present.delete(column)) continue;
    db.exec(`ALTER TABLE ${table} ADD COLUMN ${column}`);
    db.exec(`UPDATE ${table} SET ${column} = body->>'$.${field}'`);
  }
  for (const column of present) if (column.startsWith('f_')) db.exec(`ALTER TABLE ${table} DROP COLUMN ${column}`);
}

/**
 * Brings the tables and indexes of the kinds in line with their declarations: makes what is missing, drops indexes and
 * side tables that are no longer declared or were declared otherwise. Documents of kinds that are gone stay.
 */
export function applyDeclarations(db: Connection, kinds: readonly Kind<Versioned>[]): void {
  for (const sql of FIXED_TABLES) db.exec(sql);
  const present = new Map(
    db
      .all("SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL AND (name GLOB 'i_*' OR name GLOB 't_*')")
      .map(([name, type, sql]) => [name as string, { type: type as string, sql: sql as string }]),
  );
  const wanted = new Map(kinds.flatMap(wantedFor));
  for (const [name, { type, sql }] of present) {
    if (wanted.get(name)?.sql === sql) continue;
    db.exec(`DROP ${type} ${name}`);
    present.delete(name);
  }
  for (const kind of kinds) applyColumns(db, kind);
  for (const [name, { sql, fill }] of wanted) {
    if (present.has(name)) continue;
    db.exec(sql);
    if (fill) db.exec(fill);
  }
}
