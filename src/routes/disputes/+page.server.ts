import { AppError } from '#lib/protocol/errors.ts';
import { disputeFilters } from '#lib/protocol/dispute-address.ts';
import type { DisputeBoard, DisputePage, ProposalPage } from '#lib/protocol/views/dispute.ts';
import { ask } from '#lib/server/page.ts';
import { error } from '@sveltejs/kit';
import type { PageServerLoad } from './$types';

const FIRST = 50;
const CARDS = 30;
const PROPOSALS = 50;

/** The first disputes, or the board, in the HTML; an address that asks for nonsense shows the usual list. */
export const load: PageServerLoad = async ({ locals, url, depends }) => {
  depends('encours:disputes');
  const { actor, runtime } = locals;
  if (actor === null) error(401);
  const onBoard = url.searchParams.get('as') === 'board';
  const read = async (
    filters: Record<string, string>,
  ): Promise<{ first: DisputePage | null; board: DisputeBoard | null }> => {
    const { sort, ...narrow } = filters;
    if (onBoard) {
      const by = url.searchParams.get('by') ?? 'state';
      const board = (await runtime.run(actor, 'dispute.board', { ...narrow, by, limit: CARDS })) as DisputeBoard;
      return { first: null, board };
    }
    const page = await runtime.run(actor, 'dispute.page', {
      ...narrow,
      ...(sort === undefined ? {} : { sort }),
      limit: FIRST,
    });
    return { first: page as DisputePage, board: null };
  };
  const [shown, proposals] = await Promise.all([
    read(disputeFilters(url.searchParams)).catch((refusal: unknown) => {
      if (!(refusal instanceof AppError) || refusal.code !== 'validation_failed') throw refusal;
      return ask<DisputePage>(locals, 'dispute.page', { limit: FIRST }).then((first) => ({ first, board: null }));
    }),
    ask<ProposalPage>(locals, 'proposal.list', { limit: PROPOSALS }),
  ]);
  return { ...shown, proposals };
};
