import { searchWords } from '#lib/domain/text/fold.ts';
import type { Docs, Versioned } from '../store/port.ts';
import type { PlainFilter } from './scope.ts';

/** A search looks at no more matches than this; who finds so many is asked for another word. */
export const SEARCH_LIMIT = 500;

/**
 * Finds documents whose folded words include every word typed, the last one as a beginning.
 *
 * @param sort by name unless told; one that an index of the kind's words serves
 * @param limit at most SEARCH_LIMIT
 * @returns at most `limit` documents; null when nothing that can be searched was typed
 */
export async function searchByWords<T extends Versioned>(
  docs: Docs<T>,
  typed: string,
  filter: PlainFilter,
  sort: string[] = ['name'],
  limit = SEARCH_LIMIT,
): Promise<T[] | null> {
  const words = searchWords(typed);
  const last = words.pop();
  if (last === undefined) return null;
  const condition = words.length === 0 ? { $prefix: last } : { $prefix: last, $all: words };
  const page = await docs.find({ ...filter, words: condition }, { sort, limit });
  return page.docs;
}
