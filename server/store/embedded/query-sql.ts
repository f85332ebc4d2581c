import type { SQLInputValue } from 'node:sqlite';
import { bare, refuse } from '#server/store/guard.ts';
import { tokenSources } from '#server/store/plan.ts';
import type { Plan } from '#server/store/plan.ts';
import type { CheckedFilter, CheckedFind, SortField, Term } from '#server/store/query-guard.ts';
import type { GroupOptions, Kind, Scalar, Versioned } from '#server/store/port.ts';
import { columnOf, indexOf, tableOf, tokenTableOf } from '#server/store/embedded/schema.ts';

/** Compiles checked filters and plans to SQL. Values are always parameters; only declared names enter the text. */

export interface Sql {
  text: string;
  params: SQLInputValue[];
}

/** Above every token that begins with a prefix. */
const LAST = '\u{10ffff}';

/** `column` answers the SQL of a field and whether null is stored as an empty blob. */
type Column = (field: string) => { sql: string; blobNull: boolean };

class Builder {
  readonly params: SQLInputValue[] = [];

  bind(value: Scalar): string {
    this.params.push(typeof value === 'boolean' ? Number(value) : value);
    return '?';
  }

  list(values: readonly Scalar[]): string {
    const plain = values.filter((value) => value !== null);
    this.params.push(JSON.stringify(plain));
    return '(SELECT value FROM json_each(?))';
  }

  term({ field, op, value }: Term, column: Column): string {
    if (op === 'anyOf')
      return this.someToken(
        field,
        (value as string[]).length === 1
          ? `= ${this.bind((value as string[])[0] ?? '')}`
          : `IN ${this.list(value as string[])}`,
      );
    if (op === 'allOf')
      return (value as string[]).map((token) => this.someToken(field, `= ${this.bind(token)}`)).join(' AND ');
    if (op === 'prefix')
      return this.someToken(
        field,
        `>= ${this.bind(value as string)} AND j.value < ${this.bind((value as string) + LAST)}`,
      );
    const { sql, blobNull } = column(field);
    const isNull = blobNull ? `${sql} = x''` : `${sql} IS NULL`;
    const notNull = blobNull ? `${sql} <> x''` : `${sql} IS NOT NULL`;
    if (op === 'in') {
      const values = value as Scalar[];
      const some = `${sql} IN ${this.list(values)}`;
      return values.includes(null) ? `(${some} OR ${isNull})` : some;
    }
    if (value === null) return op === 'eq' ? isNull : notNull;
    const bound = this.bind(value as Scalar);
    if (op === 'eq') return `${sql} = ${bound}`;
    if (op === 'ne') return `${sql} IS NOT ${bound}`;
    const sign = { lt: '<', lte: '<=', gt: '>', gte: '>=' }[op];
    return `${sql} ${sign} ${bound}${blobNull && op.startsWith('g') ? ` AND ${sql} < x''` : ''}`;
  }

  someToken(field: string, test: string): string {
    return `EXISTS (SELECT 1 FROM json_each(d.${columnOf(field)}) AS j WHERE j.value ${test})`;
  }

  terms(terms: readonly Term[], column: Column): string[] {
    return terms.map((term) => this.term(term, column));
  }

  or(branches: readonly Term[][] | null, column: Column): string[] {
    if (!branches) return [];
    return [`(${branches.map((terms) => `(${this.terms(terms, column).join(' AND ')})`).join(' OR ')})`];
  }
}

const docColumn: Column = (field) => ({ sql: `d.${columnOf(field)}`, blobNull: false });

function sideColumn(list: readonly string[]): Column {
  const carried = new Set(list.map(bare));
  return (field) => {
    if (field === 'id') return { sql: 't.id', blobNull: false };
    return carried.has(field) ? { sql: `t.${columnOf(field)}`, blobNull: true } : docColumn(field);
  };
}

/** Whether a condition needs the document itself and not only the side table's row. */
function needsDoc(filter: CheckedFilter, token: Term, list: readonly string[]): boolean {
  const carried = new Set(['id', ...list.map(bare)]);
  const outside = (term: Term): boolean => term !== token && !carried.has(term.field);
  return filter.terms.some(outside) || (filter.or ?? []).flat().some(outside) || token.op === 'allOf';
}

/** The conditions of one token source: this token (or prefix), and everything else. Answers FROM and WHERE. */
function tokenFrom(
  build: Builder,
  kind: Kind<Versioned>,
  ws: number,
  filter: CheckedFilter,
  token: Term,
  list: string[],
  one: string | null,
): string {
  const column = sideColumn(list);
  const join = needsDoc(filter, token, list) ? ` CROSS JOIN ${tableOf(kind)} AS d ON d.n = t.n` : '';
  const where = [`t.ws = ${build.bind(ws)}`];
  if (one === null) {
    const prefix = token.value as string;
    where.push(`t.token >= ${build.bind(prefix)} AND t.token < ${build.bind(prefix + LAST)}`);
  } else {
    where.push(`t.token = ${build.bind(one)}`);
  }
  const others = filter.terms.filter((term) => term !== token || token.op === 'allOf');
  where.push(...build.terms(others, column), ...build.or(filter.or, column));
  return `FROM ${tokenTableOf(kind, token.field, list)} AS t${join} WHERE ${where.join(' AND ')}`;
}

/** The tokens to read one by one; null stands for the range of a prefix. */
function tokensToRead(token: Term): (string | null)[] {
  if (token.op === 'prefix') return [null];
  const values = token.value as string[];
  return token.op === 'allOf' ? values.slice(0, 1) : values;
}

function orderSql(order: readonly SortField[], name: (field: string, at: number) => string): string {
  return order.map(({ field, descending }, at) => name(field, at) + (descending ? ' DESC' : '')).join(', ');
}

/** The ranges that lie after a cursor, nearest first: equal in the first fields, beyond in the next. */
function rangesAfter(
  find: CheckedFind,
  order: readonly SortField[],
): { field: string; op: '=' | '<' | '>'; value: Scalar }[][] {
  if (!find.after) return [[]];
  const { after } = find;
  const values = order.map(({ field }) => after[find.sort.findIndex((one) => one.field === field)] ?? null);
  return order
    .map((_, last) =>
      order.slice(0, last + 1).map(({ field, descending }, at) => {
        const op: '=' | '<' | '>' = at < last ? '=' : descending ? '<' : '>';
        return { field, op, value: values[at] ?? null };
      }),
    )
    .reverse();
}

function combinations(pinned: Plan['pinned']): { field: string; value: Scalar }[][] {
  let all: { field: string; value: Scalar }[][] = [[]];
  for (const { field, values } of pinned)
    all = all.flatMap((some) => values.map((value) => [...some, { field, value }]));
  return all;
}

/** SQL of a find; `plan` null: no declared index serves it, SQLite does what it can. Rows: the body as text. */
export function findSql(kind: Kind<Versioned>, ws: number, find: CheckedFind, plan: Plan | null): Sql {
  const build = new Builder();
  const order = plan?.order ?? find.sort;
  const source = plan?.source ?? null;
  const pinned = plan?.pinned ?? [];
  const table = tableOf(kind);
  const isToken = source?.type === 'token';
  const column = isToken ? sideColumn(source.list) : docColumn;
  const prefixed = isToken && source.token.op === 'prefix';
  const key = (field: string): string =>
    prefixed && field !== 'id'
      ? isToken && source.list.map(bare).includes(field)
        ? column(field).sql
        : `d.${columnOf(field)}`
      : column(field).sql;
  const hint =
    source && source.type !== 'token' ? ` INDEXED BY ${indexOf(kind, source.type === 'id' ? 'id' : source.name)}` : '';
  const rest: CheckedFilter = {
    terms: find.filter.terms.filter(
      (term) => !pinned.some(({ field }) => field === term.field && (term.op === 'eq' || term.op === 'in')),
    ),
    or: find.filter.or,
  };
  const ranges = rangesAfter(find, order);
  const alternatives = combinations(pinned);
  const tokens = isToken ? tokensToRead(source.token) : [null];
  const single = !isToken && ranges.length === 1 && alternatives.length === 1;
  const sorts = order.filter(({ field }) => field !== 'id');
  const bodies: string[] = [];
  for (const range of ranges) {
    for (const alternative of alternatives) {
      for (const token of tokens) {
        const selected = single
          ? 'd.body'
          : [
              isToken ? 't.n AS n' : 'd.n AS n',
              ...sorts.map(({ field }, at) => `${key(field)} AS s${at}`),
              `${key('id')} AS id`,
            ].join(', ');
        let from: string;
        if (isToken) {
          from = tokenFrom(build, kind, ws, rest, source.token, source.list, token);
          if (prefixed && !from.includes(' AS d '))
            from = from.replace(' WHERE ', ` CROSS JOIN ${table} AS d ON d.n = t.n WHERE `);
        } else {
          const where = [`d.ws = ${build.bind(ws)}`, ...build.terms(rest.terms, column), ...build.or(rest.or, column)];
          from = `FROM ${table} AS d${hint} WHERE ${where.join(' AND ')}`;
        }
        for (const { field, value } of alternative) {
          from += ` AND ${build.term({ field, type: 'string', op: 'eq', value }, column)}`;
        }
        for (const { field, op, value } of range) from += ` AND ${key(field)} ${op} ${build.bind(value)}`;
        const distinct = prefixed ? 'DISTINCT ' : '';
        bodies.push(
          `SELECT ${distinct}${selected} ${from} ORDER BY ${orderSql(order, key)} LIMIT ${build.bind(find.limit + 1)}`,
        );
      }
    }
  }
  if (bodies.length === 0) return { text: "SELECT '' WHERE 0", params: [] };
  if (single) return { text: bodies[0] ?? '', params: build.params };
  const outer = (alias: string): string =>
    orderSql(order, (field, at) => (field === 'id' ? `${alias}id` : `${alias}s${at}`));
  const union = bodies.map((body) => `SELECT * FROM (${body})`).join(' UNION ALL ');
  const merged = `SELECT DISTINCT * FROM (${union}) ORDER BY ${outer('')} LIMIT ${build.bind(find.limit + 1)}`;
  return {
    text: `SELECT d.body FROM (${merged}) AS p CROSS JOIN ${table} AS d ON d.n = p.n ORDER BY ${outer('p.')}`,
    params: build.params,
  };
}

/** The side table that spares most: the one that carries most of the filter's fields. */
function bestTokenSource(kind: Kind<Versioned>, filter: CheckedFilter): { token: Term; list: string[] } | null {
  const cost = ({ token, list }: { token: Term; list: string[] }): number => {
    const carried = new Set(list.map(bare));
    const [first] = list;
    const seekable = first !== undefined && filter.terms.some((term) => term.field === bare(first) && term.op === 'eq');
    return (
      filter.terms.filter((term) => term !== token && !carried.has(term.field)).length * 10 +
      list.length -
      (seekable ? 5 : 0)
    );
  };
  return tokenSources(kind, filter).toSorted((a, b) => cost(a) - cost(b))[0] ?? null;
}

/** FROM and WHERE of all documents that match, each once, under the alias `d` (or only their `n`). */
function matching(
  build: Builder,
  kind: Kind<Versioned>,
  ws: number,
  filter: CheckedFilter,
): { rows: string; bodies: string } {
  const table = tableOf(kind);
  const source = bestTokenSource(kind, filter);
  const hasEquality = filter.terms.some(
    ({ field, op }) => op === 'eq' && kind.indexes.some(({ fields }) => bare(fields[0] ?? '') === field),
  );
  const carriesAll = source !== null && !needsDoc(filter, source.token, source.list);
  if (!source || (hasEquality && !carriesAll)) {
    const where = [
      `d.ws = ${build.bind(ws)}`,
      ...build.terms(filter.terms, docColumn),
      ...build.or(filter.or, docColumn),
    ];
    const from = `FROM ${table} AS d WHERE ${where.join(' AND ')}`;
    return { rows: `SELECT d.n AS n ${from}`, bodies: from };
  }
  const tokens = tokensToRead(source.token);
  if (tokens.length > 400) refuse('more than 400 tokens');
  const parts = tokens.map(
    (token) => `SELECT t.n AS n ${tokenFrom(build, kind, ws, filter, source.token, source.list, token)}`,
  );
  const once = tokens.length === 1 && tokens[0] !== null;
  const rows =
    tokens.length === 0
      ? 'SELECT 0 AS n WHERE 0'
      : `SELECT ${once ? '' : 'DISTINCT '}n FROM (${parts.join(' UNION ALL ')})`;
  return { rows, bodies: `FROM (${rows}) AS p CROSS JOIN ${table} AS d ON d.n = p.n` };
}

export function countSql(kind: Kind<Versioned>, ws: number, filter: CheckedFilter, upTo: number | null): Sql {
  const build = new Builder();
  const { rows } = matching(build, kind, ws, filter);
  return { text: `SELECT count(*) FROM (${rows} LIMIT ${build.bind(upTo ?? -1)})`, params: build.params };
}

/** Rows: the values of `by`, the count, sums, minima, maxima. */
export function groupSql(
  kind: Kind<Versioned>,
  ws: number,
  filter: CheckedFilter,
  options: Required<GroupOptions>,
): Sql {
  const build = new Builder();
  const { bodies } = matching(build, kind, ws, filter);
  const sql = (field: string): string => `d.${columnOf(field)}`;
  const keys = options.by.map(sql);
  const columns = [
    ...keys,
    'count(*)',
    ...options.sum.map((field) => `ifnull(sum(${sql(field)}), 0)`),
    ...options.min.map((field) => `min(${sql(field)})`),
    ...options.max.map((field) => `max(${sql(field)})`),
  ];
  const by = keys.length > 0 ? keys.join(', ') : 'NULL';
  return { text: `SELECT ${columns.join(', ')} ${bodies} GROUP BY ${by} ORDER BY ${by}`, params: build.params };
}
