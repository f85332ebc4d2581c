import { netToChase } from '#lib/domain/balance/balances-of.ts';
import type { Balance } from '#lib/domain/balance/balance.ts';
import type { MemberCard } from '#lib/domain/member/member.ts';
import { may } from '#lib/policies/may.ts';
import type { Cents, Currency } from '#lib/domain/values.ts';

/** What a promise is offered for: the largest net to chase, or what is overdue, or what is open. */
export function toChaseOf(balances: readonly Balance[], fallback: Currency): { cents: Cents; currency: Currency } {
  let best: { cents: Cents; currency: Currency } = { cents: 0, currency: balances[0]?.currency ?? fallback };
  for (const balance of balances) {
    const cents = Math.max(netToChase(balance), 0);
    if (cents > best.cents) best = { cents, currency: balance.currency };
  }
  return best;
}

/** Currencies of the account; the workspace's while it has none. */
export function currenciesOf(balances: readonly Balance[], fallback: Currency): Currency[] {
  const found = balances.map(({ currency }) => currency);
  return found.length === 0 ? [fallback] : found;
}

/** Active members who chase: they may own accounts and hold claims. */
export function chasers(members: readonly MemberCard[]): MemberCard[] {
  return members.filter(({ state, role }) => state === 'active' && may({ role, allowedActions: null }, 'case.claim'));
}
