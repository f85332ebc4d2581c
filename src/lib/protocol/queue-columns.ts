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
