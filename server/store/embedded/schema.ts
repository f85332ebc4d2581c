import { bare } from '#server/store/guard.ts';
import type { Kind, Versioned } from '#server/store/port.ts';
import type { Connection } from '#server/store/embedded/connection.ts';

/** Tables and indexes of the embedded file: fixed ones, and for each kind what its declaration asks for. */

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

export function indexOf(kind: Kind<Versioned>, name: string): string {
  return `i_${kind.name}_${name}`;
}

/** The side table that holds one row for each token of each document, with the fields it is sorted by. */
export function tokenTableOf(kind: Kind<Versioned>, token: string, list: readonly string[]): string {
  return ['t', kind.name, token, ...list.map((field) => field.replace('-', '0'))].join('_');
}

/** SQL of a field of the documents' table, as its indexes have it. */
export function fieldSql(field: string, alias: string): string {
  return field === 'id' ? `${alias}id` : `(${alias}body->>'$.${field}')`;
}

interface Wanted {
  type: 'table' | 'index';
  sql: string;
  /** Fills a side table from the documents that are there. */
  fill?: string;
}

/** What the declaration of a kind asks for, by name. */
export function wantedFor(kind: Kind<Versioned>): Map<string, Wanted> {
  const table = tableOf(kind);
  const wanted = new Map<string, Wanted>();
  wanted.set(table, {
    type: 'table',
    sql: `CREATE TABLE ${table} (n INTEGER PRIMARY KEY, ws INTEGER NOT NULL, id TEXT NOT NULL, version INTEGER NOT NULL, body BLOB NOT NULL)`,
  });
  wanted.set(indexOf(kind, 'id'), {
    type: 'index',
    sql: `CREATE UNIQUE INDEX ${indexOf(kind, 'id')} ON ${table} (ws, id)`,
  });
  for (const { name, fields, unique } of kind.indexes) {
    const columns = [
      'ws',
      ...fields.map((field) => fieldSql(bare(field), '') + direction(field)),
      ...(unique ? [] : ['id']),
    ];
    const sql = `CREATE ${unique ? 'UNIQUE ' : ''}INDEX ${indexOf(kind, name)} ON ${table} (${columns.join(', ')})`;
    wanted.set(indexOf(kind, name), { type: 'index', sql });
  }
  for (const { token, fields } of kind.tokenIndexes) {
    const side = tokenTableOf(kind, token, fields);
    const carried = fields.map(bare);
    const key = ['ws', 'token', ...fields.map((field) => `f_${bare(field)}${direction(field)}`), 'id'];
    const columns = ['ws INTEGER NOT NULL', 'token TEXT NOT NULL', ...carried.map((field) => `f_${field} NOT NULL`)];
    const values = carried.map((field) => `ifnull(${fieldSql(field, 'd.')}, x'')`);
    wanted.set(side, {
      type: 'table',
      sql: `CREATE TABLE ${side} (${[...columns, 'id TEXT NOT NULL', 'n INTEGER NOT NULL'].join(', ')}, PRIMARY KEY (${key.join(', ')})) WITHOUT ROWID`,
      fill: `INSERT OR IGNORE INTO ${side} SELECT ${['d.ws', 'j.value', ...values, 'd.id', 'd.n'].join(', ')} FROM ${table} AS d, json_each(d.body, '$.${token}') AS j`,
    });
  }
  return wanted;
}

function direction(field: string): string {
  return field.startsWith('-') ? ' DESC' : '';
}

/**
 * Brings the tables and indexes of the kinds in line with their declarations: makes what is missing, drops indexes and
 * side tables that are no longer declared or were declared otherwise. Documents of kinds that are gone stay.
 */
export function applyDeclarations(db: Connection, kinds: readonly Kind<Versioned>[]): void {
  for (const sql of FIXED_TABLES) db.exec(sql);
  const present = new Map(
    db
      .all(
        "SELECT name, type, sql FROM sqlite_master WHERE sql IS NOT NULL AND (name GLOB 'd_*' OR name GLOB 'i_*' OR name GLOB 't_*')",
      )
      .map(([name, type, sql]) => [name as string, { type: type as string, sql: sql as string }]),
  );
  const wanted = new Map(kinds.flatMap((kind) => [...wantedFor(kind)]));
  for (const [name, { type, sql }] of present) {
    if (wanted.get(name)?.sql === sql || name.startsWith('d_')) continue;
    db.exec(`DROP ${type} ${name}`);
    present.delete(name);
  }
  for (const [name, { sql, fill }] of wanted) {
    if (present.has(name)) continue;
    db.exec(sql);
    if (fill) db.exec(fill);
  }
}
