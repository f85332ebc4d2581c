import type { AgedBalance, TeamFigures } from '#lib/protocol/views/views.ts';
import { ask } from '#lib/server/page.ts';
import type { PageServerLoad } from './$types';

const GROUPS = ['owner', 'entity', 'salesRep'] as const;

/** Figures of now, or the aged balance as of the day in the address. */
export const load: PageServerLoad = async ({ locals, url, depends }) => {
  depends('encours:insights');
  const asked = url.searchParams.get('asOf');
  const by = GROUPS.find((one) => one === url.searchParams.get('by')) ?? 'owner';
  const team = await ask<TeamFigures>(locals, 'insight.team');
  const asOf = asked !== null && asked < team.today ? asked : null;
  const aged = await ask<AgedBalance>(locals, 'insight.aged_balance', { asOf, by });
  return { team, aged, by, past: asOf !== null };
};
