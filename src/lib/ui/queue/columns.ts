import type { Column } from '#lib/protocol/queue-columns.ts';

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

/** The whole row's tracks. */
export function tracks(columns: readonly Column[], selectable: boolean): string {
  return [
    selectable ? '2.25rem' : '0.75rem',
    'minmax(12.5rem, 1fr)',
    '5.5rem',
    ...columns.map((column) => TRACK[column]),
  ].join(' ');
}
