import { claimOnSettled, contestedCents, contestedItems, holderOf } from '#lib/domain/einvoice/contest.ts';
import { reasonOfCode } from '#lib/domain/einvoice/codes.ts';
import type { EinvoiceStep } from '#lib/domain/einvoice/life-cycle.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import { departmentOf } from '#lib/domain/dispute/reasons.ts';
import { proposeClosure } from '#lib/domain/dispute/resolution.ts';
import { changeDispute, type NewDispute } from '#lib/domain/dispute/rules.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { AccountEventName } from '#lib/protocol/events.ts';
import { newId } from '../../store/id.ts';
import { disputes as disputeKind } from '../../store/kinds/disputes.ts';
import { items as itemKind } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';
import type { Now } from '../command.ts';
import { actOf } from '../disputes/act.ts';
import { nextDisputeNumber } from '../disputes/dispute-numbers.ts';
import { openDisputeIn } from '../disputes/open-in.ts';
import { askFirst, type Asked, type AskSubject } from './ask.ts';

/** The dispute that a status belongs to; `changed`: to be stored with the account; `event`: what is said of it. */
export interface Contested {
  dispute: Dispute;
  changed: boolean;
  event: AccountEventName | null;
  asked: Asked[];
}

export interface ContestSubject extends AskSubject {
  /** Those of the account that are not closed. */
  disputes: readonly Dispute[];
}

type ContestStep = Extract<
  EinvoiceStep,
  { do: 'open_dispute' | 'update_dispute' | 'join_dispute' | 'propose_closure' }
>;

/** What a buyer's contest, or its withdrawal, does to the disputes of an invoice (rules EIN-3 to EIN-8). */
export async function contest(
  tx: Tx,
  now: Now,
  actor: Actor,
  step: ContestStep,
  subject: ContestSubject,
): Promise<Contested | null> {
  if (step.do === 'open_dispute') return open(tx, now, actor, subject, step.closureProposed);
  const dispute =
    subject.disputes.find(({ id }) => id === step.disputeId) ?? (await tx.docs(disputeKind).get(step.disputeId));
  if (dispute === null) return null;
  if (step.do === 'join_dispute') return { dispute, changed: false, event: null, asked: [] };
  if (step.do === 'propose_closure') {
    const proposed = proposeClosure(dispute);
    const changed = proposed !== dispute;
    return { dispute: proposed, changed, event: changed ? 'dispute.closure_proposed' : null, asked: [] };
  }
  return update(tx, now, actor, subject, dispute, step.closureProposed);
}

function wantedOf(now: Now, { status }: ContestSubject): Omit<NewDispute, 'items'> {
  const settings = now.workspace.settings.disputes;
  const said = status.reasons[0] ?? null;
  const cause = reasonOfCode(said, settings.departments);
  const refused = status.code === '210';
  return {
    reason: refused ? 'refused' : cause.reason,
    // Whoever can say why it was refused; without a reason, whoever makes the invoices.
    department: refused && said === null ? departmentOf('refused', settings) : cause.department,
    source: 'einvoice',
    detail: status.detail,
    memberId: null,
    requestedAction: status.actions[0] ?? null,
  };
}

const totalOf = (subject: ContestSubject): number => subject.items.reduce((sum, item) => sum + item.cents, 0);

async function open(
  tx: Tx,
  now: Now,
  actor: Actor,
  subject: ContestSubject,
  closureProposed: boolean,
): Promise<Contested | null> {
  const { account, status, items, disputes } = subject;
  const input = wantedOf(now, subject);
  const cents = contestedCents(status, totalOf(subject), items[0]?.currency ?? now.workspace.currency);
  const asked = contestedItems(items, disputes, cents, null);
  if (asked.length === 0) {
    const holder = holderOf(items, disputes);
    if (holder !== null) return join(holder, input, closureProposed);
    if (items.some(({ state, openCents }) => state === 'open' && openCents > 0)) return null;
    const facts = { id: newId(now.ms), number: await nextDisputeNumber(tx), account, items, cents };
    const claim = claimOnSettled(facts, input, actOf(now, actor));
    if (claim === null) return null;
    return opened(tx, now, actor, subject, { ...claim, closureProposed });
  }
  const made = await openDisputeIn(tx, now, actor, { account, items: asked, ...input });
  return opened(tx, now, actor, subject, { ...made, closureProposed });
}

async function opened(tx: Tx, now: Now, actor: Actor, subject: ContestSubject, dispute: Dispute): Promise<Contested> {
  const asked = await askFirst(tx, now, actor, subject, dispute);
  return { dispute, changed: true, event: 'dispute.opened', asked };
}

/** Everything is disputed already, by the ledger's word or a member's: the buyer's message belongs to that dispute. */
function join(dispute: Dispute, input: Omit<NewDispute, 'items'>, closureProposed: boolean): Contested {
  const joined = {
    ...dispute,
    detail: dispute.detail ?? input.detail,
    requestedAction: dispute.requestedAction ?? input.requestedAction,
    closureProposed: dispute.closureProposed || closureProposed,
  };
  return { dispute: joined, changed: true, event: 'dispute.changed', asked: [] };
}

/** The buyer says more of it: amount, words, what is asked for. The reason stays once somebody has qualified it. */
async function update(
  tx: Tx,
  now: Now,
  actor: Actor,
  subject: ContestSubject,
  dispute: Dispute,
  closureProposed: boolean,
): Promise<Contested> {
  const { account, status, items, disputes } = subject;
  const input = wantedOf(now, subject);
  const cents = contestedCents(status, totalOf(subject), dispute.currency);
  const whole = cents === null && status.code === '210';
  const asked = cents === null && !whole ? [] : contestedItems(items, disputes, cents, dispute.id);
  const others = dispute.items
    .filter(({ itemId, disputedCents }) => disputedCents > 0 && items.every(({ id }) => id !== itemId))
    .map(({ itemId, disputedCents }) => ({ itemId, cents: disputedCents }));
  const change = {
    detail: input.detail ?? dispute.detail,
    items: asked.length === 0 ? undefined : [...others, ...asked],
  };
  const room = await roomOf(tx, subject, dispute);
  const result = changeDispute(dispute, change, { items: room, disputes, account });
  const changed = result.ok ? result.dispute : { ...dispute, detail: change.detail };
  const unread = dispute.state === 'open' || status.code === '210';
  const next: Dispute = {
    ...changed,
    reason: unread ? input.reason : dispute.reason,
    department: dispute.state === 'open' ? (input.department ?? dispute.department) : dispute.department,
    requestedAction: input.requestedAction ?? dispute.requestedAction,
    closureProposed,
  };
  return {
    dispute: next,
    changed: true,
    event: 'dispute.changed',
    asked: await askFirst(tx, now, actor, subject, next),
  };
}

/** The items that the dispute and the message speak of. */
async function roomOf(tx: Tx, subject: ContestSubject, dispute: Dispute): Promise<ContestSubject['items']> {
  const more = dispute.items.map(({ itemId }) => itemId).filter((id) => subject.items.every((item) => item.id !== id));
  return [...subject.items, ...(await tx.docs(itemKind).getMany(more))];
}
