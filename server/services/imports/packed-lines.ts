import { isDeepStrictEqual } from 'node:util';
import type { LedgerLine } from '#lib/domain/import/import.ts';

/** What a file usually repeats on every line of an account. */
type Shared = Pick<
  LedgerLine,
  | 'accountNumber'
  | 'accountName'
  | 'identity'
  | 'contact'
  | 'collector'
  | 'salesRep'
  | 'entityCode'
  | 'payingAccount'
  | 'terms'
  | 'currency'
  | 'paymentMethod'
>;

type Row = [
  line: number,
  kind: LedgerLine['kind'],
  number: string,
  instalment: string,
  issueDay: string,
  dueDay: string | null,
  cents: number,
  openCents: number | null,
  settledOn: string | null,
  flags: number,
  lostMillicents: number,
  orderNumber: string | null,
  deliveryNote: string | null,
  extra: LedgerLine['extra'] | null,
  /** What differs from the shared part; null: nothing. */
  own: Partial<Shared> | null,
];

/** Lines of one account as they are staged: a quarter of their size, since they are written, read and taken away again. */
export interface PackedLines {
  shared: Shared | null;
  rows: Row[];
}

const SHARED = [
  'accountNumber',
  'accountName',
  'identity',
  'contact',
  'collector',
  'salesRep',
  'entityCode',
  'payingAccount',
  'terms',
  'currency',
  'paymentMethod',
] as const satisfies readonly (keyof Shared)[];

const ROUNDED = 1;
const DISPUTED = 2;
const FACTORED = 4;

function sharedOf(line: LedgerLine): Shared {
  const shared: Partial<Shared> = {};
  for (const field of SHARED) Object.assign(shared, { [field]: line[field] });
  return shared as Shared;
}

function ownOf(line: LedgerLine, shared: Shared): Partial<Shared> | null {
  let own: Partial<Shared> | null = null;
  for (const field of SHARED) {
    const value = line[field];
    if (value === shared[field]) continue;
    if (typeof value === 'object' && isDeepStrictEqual(value, shared[field])) continue;
    own ??= {};
    Object.assign(own, { [field]: value });
  }
  return own;
}

export function packLines(lines: readonly LedgerLine[]): PackedLines {
  const [first] = lines;
  if (first === undefined) return { shared: null, rows: [] };
  const shared = sharedOf(first);
  const rows = lines.map((line): Row => [
    line.line,
    line.kind,
    line.number,
    line.instalment,
    line.issueDay,
    line.dueDay,
    line.cents,
    line.openCents,
    line.settledOn,
    (line.rounded ? ROUNDED : 0) + (line.disputed ? DISPUTED : 0) + (line.factored ? FACTORED : 0),
    line.lostMillicents,
    line.orderNumber,
    line.deliveryNote,
    Object.keys(line.extra).length > 0 ? line.extra : null,
    ownOf(line, shared),
  ]);
  return { shared, rows };
}

export function unpackLines({ shared, rows }: PackedLines): LedgerLine[] {
  if (shared === null) return [];
  return rows.map((row) => {
    const flags = row[9];
    return {
      ...shared,
      ...(row[14] ?? {}),
      line: row[0],
      kind: row[1],
      number: row[2],
      instalment: row[3],
      issueDay: row[4],
      dueDay: row[5],
      cents: row[6],
      openCents: row[7],
      settledOn: row[8],
      rounded: (flags & ROUNDED) !== 0,
      disputed: (flags & DISPUTED) !== 0,
      factored: (flags & FACTORED) !== 0,
      lostMillicents: row[10],
      orderNumber: row[11],
      deliveryNote: row[12],
      extra: row[13] ?? {},
    };
  });
}
