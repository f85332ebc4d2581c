import { bare } from '#server/store/guard.ts';
import type { CheckedFilter, CheckedFind, SortField, Term } from '#server/store/query-guard.ts';
import type { Filter, FindOptions, Kind, Scalar, Versioned } from '#server/store/port.ts';

/**
 * Which declared index serves a find: its leading fields pinned by equality (or a short `$in`), the rest in the order
 * of the sort, then `id`. The embedded store follows this plan, MongoDB finds the same by itself, and in tests a find
 * without a plan is refused on both.
 */
export interface Plan {
  /** `id`: the primary index. `token`: an index list of a token field. `index`: a declared index. */
  source: { type: 'id' } | { type: 'index'; name: string } | { type: 'token'; token: Term; list: string[] };
  /** Alternatives of each pinned field, in order: one for an equality, several for an `$in`. */
  pinned: { field: string; values: Scalar[] }[];
  /** What is left to sort by, in the index's order; pinned fields left out, `id` last. */
  order: SortField[];
}

/** Most index ranges that one find is split into. */
export const MAX_BRANCHES = 200;

/** The plan with most pinned fields, or null when no declared index serves this filter and sort. */
export function planFind(kind: Kind<Versioned>, find: CheckedFind): Plan | null {
  const equal = new Set(find.filter.terms.filter(isOneValue).map(({ field }) => field));
  const order = find.sort.filter(({ field }) => field === 'id' || !equal.has(field));
  let best: { plan: Plan; score: number } | null = null;
  const offer = (plan: Plan, score: number): void => {
    if (branchesOf(plan, find.after !== null) <= MAX_BRANCHES && (!best || score > best.score)) best = { plan, score };
  };
  for (const index of kind.indexes) {
    const pinned = serve(index.fields, find.filter, order);
    if (pinned) offer({ source: { type: 'index', name: index.name }, pinned, order }, pinned.length);
  }
  for (const { token, list } of tokenSources(kind, find.filter)) {
    const pinned = token.op === 'prefix' ? [] : serve(list, find.filter, order);
    if (pinned)
      offer(
        { source: { type: 'token', token, list }, pinned, order },
        pinned.length + (token.op === 'prefix' ? 0.6 : 0.5),
      );
  }
  const byId =
    order.length === 1 && (find.filter.terms.length === 0 || find.filter.terms.some(({ field }) => field === 'id'));
  if (byId && !(find.filter.or && find.filter.terms.length === 0))
    offer({ source: { type: 'id' }, pinned: [], order }, 0.1);
  return (best as { plan: Plan } | null)?.plan ?? null;
}

/**
 * Whether a declared index serves this find. A scoped list ("any of these tokens, sorted") that could only be read by
 * walking all rows in the order of the sort is not served: it is slow exactly where little matches.
 */
export function isServed(kind: Kind<Versioned>, find: CheckedFind): boolean {
  const plan = planFind(kind, find);
  if (!plan) return false;
  const scoped = find.filter.terms.some(({ type }) => type === 'tokens');
  return !(scoped && plan.source.type === 'index' && plan.pinned.length === 0);
}

/** Every token condition with every index list declared for it; the bare list (no carried field) always exists. */
export function tokenSources(kind: Kind<Versioned>, filter: CheckedFilter): { token: Term; list: string[] }[] {
  return filter.terms
    .filter(({ type }) => type === 'tokens')
    .flatMap((token) => tokenLists(kind, token.field).map((list) => ({ token, list })));
}

/** The index lists of a token field. */
export function tokenLists(kind: Kind<Versioned>, field: string): string[][] {
  return kind.tokenIndexes.filter(({ token }) => token === field).map(({ fields }) => fields);
}

function isOneValue(term: Term): boolean {
  return term.op === 'eq' || (term.op === 'in' && (term.value as Scalar[]).length === 1);
}

/** The pinned leading fields if `fields` (and then `id`) gives `order`, else null. Longest pinning first. */
function serve(fields: readonly string[], filter: CheckedFilter, order: readonly SortField[]): Plan['pinned'] | null {
  const pinned: Plan['pinned'] = [];
  for (const field of fields) {
    const term = filter.terms.find((one) => one.field === bare(field) && (one.op === 'eq' || one.op === 'in'));
    if (!term) break;
    pinned.push({ field: bare(field), values: term.op === 'eq' ? [term.value as Scalar] : (term.value as Scalar[]) });
  }
  for (let split = pinned.length; split >= 0; split -= 1) {
    const rest: SortField[] = fields
      .slice(split)
      .map((name) => ({ field: bare(name), descending: name.startsWith('-') }));
    if (split === 0 && rest.length === 0 && fields.length > 0) continue;
    rest.push({ field: 'id', descending: false });
    if (rest.length !== order.length) continue;
    const same = rest.every((one, at) => one.field === order[at]?.field && one.descending === order[at]?.descending);
    const flipped = rest.every((one, at) => one.field === order[at]?.field && one.descending !== order[at]?.descending);
    if (same || flipped) return pinned.slice(0, split);
  }
  return null;
}

/** How many index ranges the plan reads: alternatives of pinned fields and tokens, times the ranges after a cursor. */
export function branchesOf(plan: Plan, paged: boolean): number {
  const { source } = plan;
  const tokens = source.type === 'token' && source.token.op === 'anyOf' ? (source.token.value as string[]).length : 1;
  return plan.pinned.reduce((count, { values }) => count * values.length, tokens) * (paged ? plan.order.length : 1);
}

/** The words of the refusal of a find that no declared index serves. */
export function noIndex(kind: Kind<Versioned>, filter: Filter, options: FindOptions): string {
  return `no index of ${kind.name} serves the filter on ${Object.keys(filter).join(', ') || 'nothing'} sorted by ${(options.sort ?? []).join(', ') || 'id'}`;
}
