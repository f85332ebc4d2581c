/** Filters of the queue that the bar offers, as they are called in the address. */
export const FILTERS = ['owner', 'reason', 'bucket', 'claimed', 'salesRep', 'entity'] as const;
export type Filter = (typeof FILTERS)[number];
export type FilterValues = Readonly<Record<Filter, string>>;

/** Every name that may stand in the queue's address. */
export const ADDRESS = [...FILTERS, 'currency', 'search', 'sort'] as const;

/** What stands in the address, empty where it does not. */
export function filtersOf(address: URLSearchParams): FilterValues {
  return Object.fromEntries(FILTERS.map((filter) => [filter, address.get(filter) ?? ''])) as Record<Filter, string>;
}

/** The known parts of the address, for the query; unknown names are left out. */
export function asked(address: URLSearchParams): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of ADDRESS) {
    const value = address.get(name);
    if (value !== null && value !== '') found[name] = value;
  }
  return found;
}

/** The same address with one value changed; the usual ones and empty ones are not written. */
export function addressWith(path: string, address: URLSearchParams, change: Readonly<Record<string, string>>): string {
  const next = new URLSearchParams(asked(address));
  for (const [name, value] of Object.entries(change))
    if (value === '' || (name === 'sort' && value === 'priority')) next.delete(name);
    else next.set(name, value);
  const text = next.toString();
  return text === '' ? path : `${path}?${text}`;
}
