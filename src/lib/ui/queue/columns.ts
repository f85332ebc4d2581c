/** Columns of the queue that a user may choose and order; the account always comes first. */
export const COLUMNS = [
  'claim',
  'overdue',
  'delay',
  'contested',
  'net',
  'promise',
  'last_contact',
  'next_action',
  'owner',
  'sales_rep',
  'entity',
] as const;
export type Column = (typeof COLUMNS)[number];

/** Shown until the user chooses otherwise. */
export const USUAL: readonly Column[] = [
  'claim',
  'net',
  'overdue',
  'delay',
  'contested',
  'promise',
  'next_action',
  'last_contact',
  'owner',
];

/** CSS grid track of each. */
export const TRACK: Record<Column, string> = {
  claim: '8.75rem',
  overdue: '7.75rem',
  delay: '5rem',
  contested: '7.5rem',
  net: '8.25rem',
  promise: '8.75rem',
  last_contact: '7.25rem',
  next_action: '9.5rem',
  owner: '7.5rem',
  sales_rep: '7.5rem',
  entity: '6rem',
};

/** Amounts and delays stand to the right. */
export const RIGHT: ReadonlySet<Column> = new Set(['overdue', 'delay', 'contested', 'net']);

export const COLUMNS_COOKIE = 'columns';

/** Columns from the cookie; unknown names are left out, none left means the usual ones. */
export function columnsFrom(raw: string | undefined): Column[] {
  const known = (raw ?? '').split('.').filter((name): name is Column => (COLUMNS as readonly string[]).includes(name));
  const once = [...new Set(known)];
  return once.length === 0 ? [...USUAL] : once;
}

/** For the cookie. */
export function columnsText(columns: readonly Column[]): string {
  return columns.join('.');
}

/** The whole row's tracks. */
export function tracks(columns: readonly Column[], selectable: boolean): string {
  return [
    selectable ? '2.25rem' : '0.75rem',
    'minmax(12.5rem, 1fr)',
    '5.5rem',
    ...columns.map((column) => TRACK[column]),
  ].join(' ');
}
