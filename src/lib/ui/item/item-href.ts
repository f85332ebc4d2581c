import type { Id } from '#lib/domain/values.ts';

/** Where an item is shown: on its account's page, among the settled ones where it is known to be. */
export function itemHref(accountId: Id, item: { id: Id; state?: string }): string {
  return `/accounts/${accountId}?tab=items${item.state === 'settled' ? '&items=settled' : ''}#item-${item.id}`;
}
