import { foldText } from '../text/fold.ts';
import type { Id } from '../values.ts';

/** How accounts without an owner are given out. */
export type DistributionRule =
  | { by: 'evenly'; memberIds: readonly Id[] }
  | { by: 'size'; memberIds: readonly Id[] }
  | { by: 'letters'; ranges: readonly { from: string; to: string; memberId: Id }[] }
  | { by: 'entity'; entities: readonly { entityId: Id; memberId: Id }[] };

/** What the distribution needs to know of an account. */
export interface Distributable {
  id: Id;
  number: string;
  name: string;
  entityIds: readonly Id[];
  /** What makes it large: its open amount at the reference rate, for comparison only. */
  size: number;
}

export interface Distribution {
  /** In the order of the accounts' numbers. */
  assignments: { accountId: Id; ownerId: Id }[];
  /** Accounts that the rule gives to nobody. */
  left: Id[];
  /** What each member gets, for the preview: in the rule's order, those who get nothing too. */
  shares: { memberId: Id; accounts: number; size: number }[];
}

/**
 * Gives accounts out by a rule (rule OWN-5). Pure and without chance: the same accounts and rule give the same result,
 * so that the preview is what will happen. Evenly: in turn, by number. By size: the largest first, each to whom has
 * least. By letters: the first range that the name's beginning falls in. By entity: the first entity that the rule
 * names. What no range or entity takes is left.
 */
export function distribute(accounts: readonly Distributable[], rule: DistributionRule): Distribution {
  const byNumber = [...accounts].sort((a, b) => compare(a.number, b.number) || compare(a.id, b.id));
  const shares = new Map(membersOfRule(rule).map((memberId) => [memberId, { memberId, accounts: 0, size: 0 }]));
  const owners = new Map<Id, Id>();
  const order = rule.by === 'size' ? [...byNumber].sort((a, b) => b.size - a.size) : byNumber;
  for (const [index, account] of order.entries()) {
    const ownerId = ownerBy(rule, account, index, [...shares.values()]);
    const share = ownerId === null ? undefined : shares.get(ownerId);
    if (share === undefined) continue;
    owners.set(account.id, share.memberId);
    share.accounts += 1;
    share.size += account.size;
  }
  return {
    assignments: byNumber.flatMap(({ id }) => {
      const ownerId = owners.get(id);
      return ownerId === undefined ? [] : [{ accountId: id, ownerId }];
    }),
    left: byNumber.filter(({ id }) => !owners.has(id)).map(({ id }) => id),
    shares: [...shares.values()],
  };
}

function membersOfRule(rule: DistributionRule): Id[] {
  if (rule.by === 'letters') return rule.ranges.map((range) => range.memberId);
  if (rule.by === 'entity') return rule.entities.map((entity) => entity.memberId);
  return [...rule.memberIds];
}

function ownerBy(
  rule: DistributionRule,
  account: Distributable,
  index: number,
  shares: readonly Distribution['shares'][number][],
): Id | null {
  switch (rule.by) {
    case 'evenly':
      return shares[index % shares.length]?.memberId ?? null;
    case 'size':
      return leastLoaded(shares);
    case 'letters':
      return rule.ranges.find((range) => isInRange(account.name, range.from, range.to))?.memberId ?? null;
    case 'entity':
      return rule.entities.find((entity) => account.entityIds.includes(entity.entityId))?.memberId ?? null;
  }
}

function leastLoaded(shares: readonly Distribution['shares'][number][]): Id | null {
  let least = shares[0];
  for (const share of shares) {
    if (least === undefined) break;
    if (share.size < least.size || (share.size === least.size && share.accounts < least.accounts)) least = share;
  }
  return least?.memberId ?? null;
}

/** Whether the name begins between two beginnings, both included: `A` to `C` takes `Czech`. Accents and case aside. */
export function isInRange(name: string, from: string, to: string): boolean {
  const letters = foldText(name).replace(/[^\p{L}\p{N}]+/gu, '');
  const first = foldText(from).trim();
  const last = foldText(to).trim();
  return letters !== '' && letters.slice(0, first.length) >= first && letters.slice(0, last.length) <= last;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
