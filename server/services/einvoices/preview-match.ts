import { candidateOf } from '#lib/domain/einvoice/candidate.ts';
import type { EinvoiceStatus } from '#lib/domain/einvoice/status.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { MatchEinvoiceInput } from '#lib/protocol/commands/einvoice.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { EinvoicePreview } from '#lib/protocol/views/einvoice.ts';
import { storeOf, type App } from '../../app.ts';
import { disputes } from '../../store/kinds/disputes.ts';
import { items, tasks } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';
import { allOf } from '../all-of.ts';
import { authorize } from '../authorize.ts';
import { colleaguesOf } from '../colleagues.ts';
import { command, NO_META } from '../command.ts';
import { accessStatus } from './access-status.ts';
import type { MatchedStatus } from './apply-status.ts';
import { chosenInvoice, joinStatus } from './match-status.ts';

/** Ends a transaction that only rehearsed. */
class Rehearsed extends Error {
  readonly preview: EinvoicePreview;
  constructor(preview: EinvoicePreview) {
    super('rehearsed');
    this.preview = preview;
  }
}

/**
 * What a waiting status would do to an invoice, found by doing it in a transaction that is taken back: so it cannot say anything
 * else than what happens.
 *
 * @throws AppError as matchStatus
 */
export async function previewMatch(app: App, actor: Actor, input: MatchEinvoiceInput): Promise<EinvoicePreview> {
  authorize(actor, 'einvoice.match');
  const status = await accessStatus(storeOf(app, actor), actor, input.id, 'einvoice.match');
  if (status.accountId !== null) throw new AppError('einvoice_matched');
  const colleagues = await colleaguesOf(app, actor.workspaceId);
  try {
    return await command(app, actor, NO_META, { name: 'einvoice.preview', input }, async (tx, now) => {
      const matched = { status, ...(await chosenInvoice(tx, actor, input)) };
      const { id } = matched.account;
      const known = await allOf(tx.docs(disputes), { accountId: id }, ['state']);
      const open = await allOf(tx.docs(tasks), { accountId: id, state: 'open' }, ['dueDay']);
      const stored = await joinStatus(tx, now, actor, colleagues, matched);
      const closed = await tx.docs(tasks).getMany(open.map((task) => task.id));
      throw new Rehearsed({
        ...(await seen(tx, matched, stored, known)),
        tasksDone: closed.filter(({ state }) => state !== 'open').length,
      });
    });
  } catch (error) {
    if (error instanceof Rehearsed) return error.preview;
    throw error;
  }
}

async function seen(
  tx: Tx,
  matched: MatchedStatus,
  stored: EinvoiceStatus,
  known: readonly Dispute[],
): Promise<Omit<EinvoicePreview, 'tasksDone'>> {
  const after = await tx.docs(items).get(stored.itemId ?? '');
  const task = stored.taskId === null ? null : await tx.docs(tasks).get(stored.taskId);
  const dispute = stored.disputeId === null ? null : await tx.docs(disputes).get(stored.disputeId);
  const before = known.find(({ id }) => id === dispute?.id) ?? null;
  const state = after?.einvoice?.state ?? null;
  return {
    candidate: candidateOf(matched.status, matched.account, matched.items),
    outcome: stored.outcome === 'late' || stored.outcome === 'information' ? stored.outcome : 'applied',
    state,
    ended: state === 'refused' || state === 'rejected',
    dispute:
      dispute === null
        ? null
        : {
            effect: effectOf(before, dispute),
            number: before?.number ?? null,
            reason: dispute.reason,
            department: dispute.department,
            disputedCents: dispute.disputedCents,
            currency: dispute.currency,
          },
    task: task === null ? null : { kind: task.kind, department: task.department, dueDay: task.dueDay },
  };
}

function effectOf(before: Dispute | null, after: Dispute): NonNullable<EinvoicePreview['dispute']>['effect'] {
  if (before === null) return 'opened';
  if (after.closureProposed && !before.closureProposed) return 'closure_proposed';
  return before.version === after.version ? 'joined' : 'changed';
}
