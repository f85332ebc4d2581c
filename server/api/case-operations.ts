import * as v from 'valibot';
import * as input from '#lib/protocol/commands/case.ts';
import { id } from '#lib/protocol/commands/common.ts';
import { queueCountsInput, queuePageInput } from '#lib/protocol/commands/queries.ts';
import { exportQueue } from '../export/queue.ts';
import { caseRead } from '../queries/case-read.ts';
import { queueCounts, queuePage } from '../queries/queue-page.ts';
import { bulkRead } from '../queries/bulk-read.ts';
import { breakClaim } from '../services/cases/break-claim.ts';
import { claimCase } from '../services/cases/claim-case.ts';
import { finishCase } from '../services/cases/finish-case.ts';
import { handOverCase } from '../services/cases/hand-over-case.ts';
import { postponeCase } from '../services/cases/postpone-case.ts';
import { reassignCase } from '../services/cases/reassign-case.ts';
import { reassignCases } from '../services/cases/reassign-cases.ts';
import { releaseCase } from '../services/cases/release-case.ts';
import { takeNext } from '../services/cases/take-next.ts';
import { command, query, type Operation } from './operation.ts';

/** The shared queue and its cases. */
export const CASE_OPERATIONS: Operation[] = [
  query(
    {
      id: 'queue.page',
      path: '/queue',
      summary: 'One page of the shared queue.',
      action: 'queue.read',
      input: queuePageInput,
    },
    queuePage,
  ),
  query(
    {
      id: 'queue.counts',
      path: '/queue/counts',
      summary: 'How many cases each view holds, capped.',
      action: 'queue.read',
      input: queueCountsInput,
    },
    queueCounts,
  ),
  query(
    {
      id: 'queue.export',
      path: '/queue/export',
      summary: 'The queue as filtered and sorted, as CSV.',
      action: 'account.export',
      input: queuePageInput,
    },
    exportQueue,
  ),
  command(
    {
      id: 'queue.next',
      method: 'POST',
      path: '/queue/next',
      summary: 'Take the best free case.',
      action: 'case.claim',
      input: input.takeNextInput,
    },
    takeNext,
  ),
  query(
    {
      id: 'case.read',
      path: '/cases/{id}',
      summary: 'A case, its row in the queue and the end of its lease.',
      action: 'account.read',
      input: v.object({ id }),
    },
    caseRead,
  ),
  command(
    {
      id: 'case.claim',
      method: 'POST',
      path: '/cases/{id}/claim',
      summary: 'Take a case.',
      action: 'case.claim',
      input: input.claimCaseInput,
    },
    claimCase,
  ),
  command(
    {
      id: 'case.release',
      method: 'POST',
      path: '/cases/{id}/release',
      summary: 'Give a case back to the queue.',
      action: 'case.release',
      input: input.releaseCaseInput,
    },
    releaseCase,
  ),
  command(
    {
      id: 'case.hand_over',
      method: 'POST',
      path: '/cases/{id}/hand-over',
      summary: 'Hand a claim over to a named person.',
      action: 'case.hand_over',
      input: input.handOverCaseInput,
    },
    handOverCase,
  ),
  command(
    {
      id: 'case.break_claim',
      method: 'POST',
      path: '/cases/{id}/break-claim',
      summary: 'End somebody’s claim, with a reason.',
      action: 'case.break_claim',
      input: input.breakClaimInput,
    },
    breakClaim,
  ),
  command(
    {
      id: 'case.finish',
      method: 'POST',
      path: '/cases/{id}/done',
      summary: 'Done for today, with what comes next.',
      action: 'case.finish',
      versioned: true,
      input: input.finishCaseInput,
    },
    finishCase,
  ),
  command(
    {
      id: 'case.postpone',
      method: 'POST',
      path: '/cases/{id}/postpone',
      summary: 'Park a case until a day, with a reason.',
      action: 'case.postpone',
      versioned: true,
      input: input.postponeCaseInput,
    },
    postponeCase,
  ),
  command(
    {
      id: 'case.reassign',
      method: 'POST',
      path: '/cases/{id}/reassign',
      summary: 'Change the owner of one account.',
      action: 'case.reassign',
      versioned: true,
      input: input.reassignCaseInput,
    },
    reassignCase,
  ),
  command(
    {
      id: 'cases.reassign',
      method: 'POST',
      path: '/cases/reassign',
      summary: 'Preview or start the reassignment of many cases.',
      action: 'case.reassign',
      status: 202,
      input: input.reassignCasesInput,
    },
    reassignCases,
  ),
  query(
    {
      id: 'bulk.read',
      path: '/bulk/{id}',
      summary: 'Progress and results of a bulk command.',
      action: 'case.reassign',
      input: v.object({ id }),
    },
    bulkRead,
  ),
];
