import type { Document, Filter as MongoFilter } from 'mongodb';
import type { Scalar } from '../port.ts';
import type { CheckedFilter, SortField, Term } from '../query-guard.ts';
import type { DocRow } from './database.ts';

/** Where a declared field lies in the stored row. */
export const pathOf = (field: string): string => (field === 'id' ? 'id' : `d.${field}`);

/** A text for a regular expression, in which the server takes no null character as it is. */
const escaped = (text: string): string =>
  text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll('\0', String.raw`\x00`);

/** One condition. What it compares with is always wrapped in an operator, so that no value is taken for one. */
function condition(term: Term): Document {
  const { value } = term;
  switch (term.op) {
    case 'eq':
      return { $eq: value };
    case 'in':
    case 'anyOf':
      return { $in: value };
    case 'allOf':
      return { $all: value };
    case 'prefix':
      return { $regex: `^${escaped(String(value))}` };
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
    case 'ne':
      return { [`$${term.op}`]: value };
  }
}

const conditionOf = (term: Term): Document => ({ [pathOf(term.field)]: condition(term) });

/** A checked filter as MongoDB's. */
export function matchOf(workspaceId: string, filter: CheckedFilter): MongoFilter<DocRow> {
  const and: Document[] = filter.terms.map(conditionOf);
  if (filter.or !== null) and.push({ $or: filter.or.map((branch) => ({ $and: branch.map(conditionOf) })) });
  return (and.length === 0 ? { w: workspaceId } : { w: workspaceId, $and: and }) as MongoFilter<DocRow>;
}

/** What comes after a page's last row: equal so far and beyond in the next field, or so on. */
export function afterOf(sort: readonly SortField[], after: readonly Scalar[]): Document {
  const beyond = (at: number): string => (sort[at]?.descending === true ? '$lt' : '$gt');
  const branches = sort.map(({ field }, at) => ({
    ...Object.fromEntries(sort.slice(0, at).map((before, index) => [pathOf(before.field), { $eq: after[index] }])),
    [pathOf(field)]: { [beyond(at)]: after[at] },
  }));
  const [first] = sort;
  if (first === undefined || sort.length === 1) return { $or: branches };
  // Bounds the index from the first field on; the branches then leave out what the page before had.
  return { $and: [{ [pathOf(first.field)]: { [`${beyond(0)}e`]: after[0] } }, { $or: branches }] };
}

export const sortOf = (sort: readonly SortField[]): Record<string, 1 | -1> =>
  Object.fromEntries(sort.map(({ field, descending }) => [pathOf(field), descending ? -1 : 1]));
