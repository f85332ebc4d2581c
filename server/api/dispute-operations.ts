import * as v from 'valibot';
import * as input from '#lib/protocol/commands/dispute.ts';
import { exportDisputeInsight, exportDisputes } from '../export/disputes.ts';
import { disputeBoard } from '../queries/dispute-board.ts';
import { disputeInsight } from '../queries/dispute-insight.ts';
import { disputePage } from '../queries/dispute-page.ts';
import { disputeSheet } from '../queries/dispute-sheet.ts';
import { proposalList } from '../queries/proposal-list.ts';
import { changeDisputeSettings } from '../services/disputes/change-settings.ts';
import { changeDispute } from '../services/disputes/change-dispute.ts';
import { openDispute } from '../services/disputes/open-dispute.ts';
import { confirmProposal, dismissProposal } from '../services/disputes/judge-proposal.ts';
import { qualifyDispute } from '../services/disputes/qualify-dispute.ts';
import { assignDispute } from '../services/disputes/assign-dispute.ts';
import { waitDispute } from '../services/disputes/wait-dispute.ts';
import { resumeDispute } from '../services/disputes/resume-dispute.ts';
import { answerDispute } from '../services/disputes/answer-dispute.ts';
import { resolveDispute } from '../services/disputes/resolve-dispute.ts';
import { approveResolution } from '../services/disputes/approve-resolution.ts';
import { closeDispute } from '../services/disputes/close-dispute.ts';
import { reopenDispute } from '../services/disputes/reopen-dispute.ts';
import { command, query, type Operation } from './operation.ts';

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
  command(
    {
      id: 'dispute.open',
      method: 'POST',
      path: '/disputes',
      summary: 'Open a dispute on items of one account, whole or in part.',
      action: 'dispute.open',
      status: 201,
      input: input.openDisputeInput,
    },
    openDispute,
  ),
  command(
    {
      id: 'dispute.change',
      method: 'PATCH',
      path: '/disputes/{id}',
      summary: 'Correct items, amounts or words of a live dispute.',
      action: 'dispute.open',
      versioned: true,
      input: input.changeDisputeInput,
    },
    changeDispute,
  ),
  command(
    {
      id: 'dispute.qualify',
      method: 'POST',
      path: '/disputes/{id}/qualify',
      summary: 'Say what the claim is about; its owner department follows.',
      action: 'dispute.qualify',
      versioned: true,
      input: input.qualifyDisputeInput,
    },
    qualifyDispute,
  ),
  command(
    {
      id: 'dispute.assign',
      method: 'POST',
      path: '/disputes/{id}/assign',
      summary: 'Give it to a department or a person, live; with `ask`, as a task.',
      action: 'dispute.assign',
      versioned: true,
      input: input.assignDisputeInput,
    },
    assignDispute,
  ),
  command(
    {
      id: 'dispute.wait',
      method: 'POST',
      path: '/disputes/{id}/wait',
      summary: 'Wait for the customer, clock stopped, until a day.',
      action: 'dispute.wait',
      versioned: true,
      input: input.waitDisputeInput,
    },
    waitDispute,
  ),
  command(
    {
      id: 'dispute.resume',
      method: 'POST',
      path: '/disputes/{id}/resume',
      summary: 'The customer has answered: the clock runs again.',
      action: 'dispute.wait',
      versioned: true,
      input: input.resumeDisputeInput,
    },
    resumeDispute,
  ),
  command(
    {
      id: 'dispute.answer',
      method: 'POST',
      path: '/disputes/{id}/answer',
      summary: 'The owner department accepts the claim or refuses it, with the cause.',
      action: 'dispute.answer',
      versioned: true,
      input: input.answerDisputeInput,
    },
    answerDispute,
  ),
  command(
    {
      id: 'dispute.resolve',
      method: 'POST',
      path: '/disputes/{id}/resolve',
      summary: 'Say how the disputed amount ends, in parts; above the limits a second person is asked.',
      action: 'dispute.resolve',
      versioned: true,
      input: input.resolveDisputeInput,
    },
    resolveDispute,
  ),
  command(
    {
      id: 'dispute.approve',
      method: 'POST',
      path: '/disputes/{id}/approve',
      summary: 'Agree to a resolution as the second person, or do not.',
      action: 'dispute.approve',
      versioned: true,
      input: input.approveDisputeInput,
    },
    approveResolution,
  ),
  command(
    {
      id: 'dispute.close',
      method: 'POST',
      path: '/disputes/{id}/close',
      summary: 'Close a resolved dispute, or one opened by mistake with a reason.',
      action: 'dispute.close',
      versioned: true,
      input: input.closeDisputeInput,
    },
    closeDispute,
  ),
  command(
    {
      id: 'dispute.reopen',
      method: 'POST',
      path: '/disputes/{id}/reopen',
      summary: 'Take it up again, with a reason.',
      action: 'dispute.reopen',
      versioned: true,
      input: input.reopenDisputeInput,
    },
    reopenDispute,
  ),
  command(
    {
      id: 'proposal.confirm',
      method: 'POST',
      path: '/dispute-proposals/{id}/confirm',
      summary: 'Open the supposed dispute.',
      action: 'dispute.open',
      versioned: true,
      input: input.confirmProposalInput,
    },
    confirmProposal,
  ),
  command(
    {
      id: 'proposal.dismiss',
      method: 'POST',
      path: '/dispute-proposals/{id}/dismiss',
      summary: 'Nothing is contested there.',
      action: 'dispute.open',
      versioned: true,
      input: input.dismissProposalInput,
    },
    dismissProposal,
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
  query(
    {
      id: 'dispute.settings',
      path: '/settings/disputes',
      summary: 'Who settles each reason, limits for a second agreement, working days for each step.',
      action: 'workspace.manage',
      input: v.object({}),
    },
    async (app, actor) => (await app.workspace(actor.workspaceId)).settings.disputes,
  ),
  command(
    {
      id: 'dispute.change_settings',
      method: 'PATCH',
      path: '/settings/disputes',
      summary: 'Who settles each reason, limits for a second agreement, working days for each step.',
      action: 'workspace.manage',
      input: input.changeDisputeSettingsInput,
    },
    changeDisputeSettings,
  ),
];
