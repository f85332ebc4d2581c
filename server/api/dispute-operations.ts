import * as input from '#lib/protocol/commands/dispute.ts';
import { exportDisputeInsight, exportDisputes } from '../export/disputes.ts';
import { disputeBoard } from '../queries/dispute-board.ts';
import { disputeInsight } from '../queries/dispute-insight.ts';
import { disputePage } from '../queries/dispute-page.ts';
import { disputeSheet } from '../queries/dispute-sheet.ts';
import { proposalList } from '../queries/proposal-list.ts';
import { query, type Operation } from './operation.ts';

/** Disputes: list, board, one of them, what they are about, and what is done with them. */
export const DISPUTE_OPERATIONS: Operation[] = [
  query(
    {
      id: 'dispute.page',
      path: '/disputes',
      summary: 'One page of the disputes.',
      action: 'dispute.read',
      input: input.disputePageInput,
    },
    disputePage,
  ),
  query(
    {
      id: 'dispute.board',
      path: '/disputes/board',
      summary: 'The disputes in columns, with counts and amounts per currency.',
      action: 'dispute.read',
      input: input.disputeBoardInput,
    },
    disputeBoard,
  ),
  query(
    {
      id: 'dispute.export',
      path: '/disputes/export',
      summary: 'The disputes as filtered and sorted, as CSV.',
      action: 'dispute.export',
      input: input.disputePageInput,
    },
    exportDisputes,
  ),
  query(
    {
      id: 'dispute.read',
      path: '/disputes/{id}',
      summary: 'A dispute: facts, items, tasks, threads that one may read, timeline.',
      action: 'dispute.read',
      input: input.readDisputeInput,
    },
    disputeSheet,
  ),
  query(
    {
      id: 'proposal.list',
      path: '/dispute-proposals',
      summary: 'Disputes that a payment pattern lets suppose, for somebody to confirm or dismiss.',
      action: 'dispute.read',
      input: input.proposalListInput,
    },
    proposalList,
  ),
  query(
    {
      id: 'insight.disputes',
      path: '/insights/disputes',
      summary: 'What disputes are about: amounts, counts and shares by reason, cause, department, age or account.',
      action: 'dispute.read',
      input: input.disputeInsightInput,
    },
    disputeInsight,
  ),
  query(
    {
      id: 'insight.disputes_export',
      path: '/insights/disputes/export',
      summary: 'The same as CSV.',
      action: 'dispute.export',
      input: input.disputeInsightInput,
    },
    exportDisputeInsight,
  ),
];
