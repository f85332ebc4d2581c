import type { Docs, FindOptions, Filter, Page, PageCursor, Versioned } from '../store/port.ts';

const LOOK = 200;

/**
 * One page of what somebody may see among documents that the store cannot tell apart: full as long as there is more, and the
 * last one says so. What is left out leaves neither a short page nor a cursor of its own.
 *
 * @param sees judges one document
 */
export async function visiblePage<T extends Versioned>(
  docs: Docs<T>,
  filter: Filter,
  { sort = [], limit, after }: FindOptions & { limit: number; after: PageCursor | null },
  sees: (doc: T) => boolean,
): Promise<Page<T>> {
  const found: T[] = [];
  let cursor: PageCursor | null = null;
  for (let from = after; ;) {
    const page: Page<T> = await docs.find(filter, { sort, limit: LOOK, after: from });
    for (const [at, doc] of page.docs.entries()) {
      if (!sees(doc)) continue;
      if (found.length === limit) return { docs: found, next: cursor };
      found.push(doc);
      if (found.length === limit) cursor = (await docs.find(filter, { sort, limit: at + 1, after: from })).next;
    }
    if (page.next === null) return { docs: found, next: null };
    from = page.next;
  }
}
