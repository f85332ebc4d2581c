import type { DisputeInsight } from '#lib/protocol/views/dispute.ts';
import { ask } from '#lib/server/page.ts';
import type { PageServerLoad } from './$types';

const GROUPS = ['reason', 'rootCause', 'department', 'age', 'amount', 'account'] as const;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** Figures of the disputes opened in a period; an address that asks for nonsense shows the usual one. */
export const load: PageServerLoad = async ({ locals, url, depends }) => {
  depends('encours:dispute-insight');
  const by = GROUPS.find((one) => one === url.searchParams.get('by')) ?? 'reason';
  const dayOf = (name: string): string | null => {
    const value = url.searchParams.get(name);
    return value !== null && DAY.test(value) ? value : null;
  };
  const [from, until] = [dayOf('from'), dayOf('until')];
  const currency = /^[A-Z]{3}$/.exec(url.searchParams.get('currency') ?? '')?.[0] ?? null;
  const insight = await ask<DisputeInsight>(locals, 'insight.disputes', { by, from, until });
  return { insight, by, currency, chosen: { from, until } };
};
