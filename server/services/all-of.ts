import type { Docs, Filter, Versioned } from '../store/port.ts';

const PAGE = 1_000;

/** Every match, page by page: for sets that belong to one account. `each` is not to be had inside a transaction. */
export async function allOf<T extends Versioned>(docs: Docs<T>, filter: Filter, sort: string[] = []): Promise<T[]> {
  const found: T[] = [];
  let after: string | null = null;
  do {
    const page: { docs: T[]; next: string | null } = await docs.find(filter, { sort, limit: PAGE, after });
    found.push(...page.docs);
    after = page.next;
  } while (after !== null);
  return found;
}
