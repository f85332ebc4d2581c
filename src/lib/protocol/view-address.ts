import type { ViewScreen } from '#lib/domain/view/saved-view.ts';

/** The address's query as saved views keep it: sorted, so that the same filters are the same text; `from` and pages apart. */
export function savedQuery(address: URLSearchParams | Readonly<Record<string, string>>): string {
  const kept = new URLSearchParams(address instanceof URLSearchParams ? address : { ...address });
  for (const name of ['after', 'limit', 'from']) kept.delete(name);
  for (const [name, value] of [...kept]) if (value === '') kept.delete(name);
  kept.sort();
  return kept.toString().replaceAll('*', '%2A');
}

/** Where a saved view leads: the queue's view stands in its path. */
export function savedHref(screen: ViewScreen, query: string): string {
  if (screen === 'disputes') return query === '' ? '/disputes' : `/disputes?${query}`;
  const address = new URLSearchParams(query);
  const view = address.get('view') ?? 'today';
  address.delete('view');
  const rest = address.toString();
  return `/queue/${encodeURIComponent(view)}${rest === '' ? '' : `?${rest}`}`;
}
