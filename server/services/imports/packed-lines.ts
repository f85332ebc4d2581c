import { isDeepStrictEqual } from 'node:util';
import type { LedgerLine } from '#lib/domain/import/import.ts';
import type { PackedLines, PackedRow, SharedPart } from '../../store/kinds/packed-lines.ts';

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
] as const satisfies readonly (keyof SharedPart)[];

const ROUNDED = 1;
const DISPUTED = 2;
const FACTORED = 4;

function sharedOf(line: LedgerLine): SharedPart {
  const shared: Partial<SharedPart> = {};
  for (const field of SHARED) Object.assign(shared, { [field]: line[field] });
  return shared as SharedPart;
}

function ownOf(line: LedgerLine, shared: SharedPart): Partial<SharedPart> | null {
  let own: Partial<SharedPart> | null = null;
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
  const rows = lines.map((line): PackedRow => [
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
