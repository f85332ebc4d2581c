import type { DisputeFilterInput } from './commands/dispute.ts';

/** Filters of the disputes that the bar offers, as they are called in the address. */
export const DISPUTE_FILTERS = [
  'state',
  'reason',
  'department',
  'member',
] as const satisfies (keyof DisputeFilterInput)[];
export type DisputeFilterName = (typeof DISPUTE_FILTERS)[number];

/** Every name that may stand in the address of the disputes; `by` is the board's. */
const ADDRESS = [
  'view',
  ...DISPUTE_FILTERS,
  'rootCause',
  'accountId',
  'currency',
  'openedFrom',
  'openedUntil',
  'fromCents',
  'belowCents',
  'search',
  'sort',
  'as',
  'by',
] as const;
const USUAL: Readonly<Record<string, string>> = { view: 'live', sort: 'deadline', as: 'list', by: 'state' };

/** The known parts of the address of the disputes; unknown names and empty values are left out. */
export function disputesAsked(address: URLSearchParams): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of ADDRESS) {
    const value = address.get(name);
    if (value !== null && value !== '') found[name] = value;
  }
  return found;
}

/** The filters alone, as the operations take them: neither `as` nor `by`. */
export function disputeFilters(address: URLSearchParams): Record<string, string> {
  const { as: _as, by: _by, ...filters } = disputesAsked(address);
  return filters;
}

/** The same list with some values changed; the usual ones and empty ones are not written. */
export function disputesWith(address: URLSearchParams, change: Readonly<Record<string, string>>): string {
  const next = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...disputesAsked(address), ...change }))
    if (value !== '' && USUAL[name] !== value) next.set(name, value);
  const text = next.toString();
  return text === '' ? '/disputes' : `/disputes?${text}`;
}

/** A dispute's page, with the list that it was opened from: its neighbours stand in the strip. */
export function disputeHref(id: string, list: URLSearchParams | null): string {
  if (list === null) return `/disputes/${id}`;
  const { as: _as, by: _by, ...kept } = disputesAsked(list);
  const from = new URLSearchParams(kept).toString();
  return `/disputes/${id}?from=${encodeURIComponent(from === '' ? 'view=live' : from)}`;
}

/** What may be asked for on a dispute's page, `?write=qualify` where there is no script. */
export const STEPS = [
  'qualify',
  'assign',
  'answer',
  'wait',
  'resume',
  'resolve',
  'approve',
  'close',
  'reopen',
  'change',
] as const;
export type Step = (typeof STEPS)[number];
