import type { Account } from '#lib/domain/account/account.ts';
import { itemEinvoiceOf, outcomeOf, stepOf, type EinvoiceStep } from '#lib/domain/einvoice/life-cycle.ts';
import type { EinvoiceStatus } from '#lib/domain/einvoice/status.ts';
import { isLive } from '#lib/domain/dispute/transitions.ts';
import type { Item } from '#lib/domain/item/item.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import { einvoiceStatuses } from '../../store/kinds/disputes.ts';
import { cases, items } from '../../store/kinds/workspace.ts';
import type { NewEvent, Tx } from '../../store/port.ts';
import { accountEvent, type Changed } from '../account-event.ts';
import { allOf } from '../all-of.ts';
import type { Colleagues } from '../colleagues.ts';
import type { Now } from '../command.ts';
import { disputeEvent, disputeEvents } from '../disputes/dispute-events.ts';
import { tellDispute } from '../disputes/dispute-people.ts';
import { notify } from '../notices.ts';
import { notClosed, settleAccount } from '../settle-account.ts';
import { tellTask } from '../tasks/add-task.ts';
import { taskFacts } from '../tasks/task-answer.ts';
import { askFor, completeAsked, type Asked } from './ask.ts';
import { contest, type Contested } from './contest.ts';

/** A status whose invoice was found. `items`: all instalments of it. */
export interface MatchedStatus {
  status: EinvoiceStatus;
  account: Account;
  items: Item[];
}

/** What a step changed, to be said after the account is settled. */
export interface StepDone {
  contested: Contested | null;
  asked: Asked[];
}

/** Statuses that somebody has to do something about. */
const CALLING = new Set(['206', '207', '208', '210', '213']);

/**
 * Does what a status asks for within a transaction: the item's state, a dispute opened, updated or proposed for closure, a task
 * for ADV, and the events that say it. Answers the status as it is to be stored.
 */
export async function applyStatus(
  tx: Tx,
  now: Now,
  actor: Actor,
  colleagues: Colleagues,
  { status, account, items: matched }: MatchedStatus,
): Promise<EinvoiceStatus> {
  const first = matched[0];
  const found = await tx.docs(cases).get(account.id);
  if (first === undefined || found === null) throw new Error('a matched status has its item and case');
  const heard = await allOf(tx.docs(einvoiceStatuses), { itemId: first.id }, ['receivedAt']);
  const disputes = await notClosed(tx, account.id);
  const live = disputes.find(
    (one) =>
      isLive(one) &&
      (one.source === 'einvoice' || heard.some(({ disputeId }) => disputeId === one.id)) &&
      one.items.some(({ itemId }) => matched.some(({ id }) => id === itemId)),
  );
  const outcome = outcomeOf(status, itemEinvoiceOf(heard), itemEinvoiceOf([...heard, status]));
  const step = stepOf(status, heard, live?.id ?? null);
  const stated = await setState(tx, matched, [...heard, status]);
  const subject = { status, account, items: stated, disputes, heard };
  const done = await take(tx, now, actor, step, subject);
  const settled = await settleAccount(tx, now, {
    account,
    case: found,
    ...(done.contested?.changed === true ? { dispute: done.contested.dispute } : {}),
  });
  const disputeId = done.contested?.dispute.id ?? null;
  const created = done.asked.find(({ state }) => state === 'created');
  const stored: EinvoiceStatus = {
    ...status,
    outcome,
    itemId: first.id,
    accountId: account.id,
    disputeId,
    taskId: created?.task.id ?? null,
    access: [],
  };
  const changedItems = settled.changed.items ?? [];
  const records: Changed = {
    ...settled.changed,
    items: [...stated.filter(({ id }) => changedItems.every((one) => one.id !== id)), ...changedItems],
    tasks: [...(settled.changed.tasks ?? []).filter(({ id }) => done.asked.every(({ task }) => task.id !== id))],
  };
  const tasksNow = done.asked.map((one) => ({
    ...one,
    task: settled.changed.tasks?.find(({ id }) => id === one.task.id) ?? one.task,
  }));
  const events: NewEvent[] = [
    accountEvent(now, actor, 'einvoice.received', records, {
      data: {
        statusId: status.id,
        code: status.code,
        state: status.state,
        outcome,
        itemId: first.id,
        itemNumber: first.number,
        disputeId,
        cents: status.cents,
        currency: status.currency ?? first.currency,
        announcedDay: status.announcedDay,
      },
      personal: { detail: status.detail },
    }),
  ];
  if (done.contested !== null && done.contested.event !== null) {
    const dispute = settled.changed.disputes?.find(({ id }) => id === disputeId) ?? done.contested.dispute;
    events.push(disputeEvent(now, actor, done.contested.event, dispute, {}, { data: { cause: 'einvoice' } }));
  }
  events.push(...disputeEvents(now, actor, settled.outcomes, settled.changed.disputes ?? []));
  for (const { task, state } of tasksNow)
    events.push(
      accountEvent(
        now,
        actor,
        state === 'created' ? 'task.created' : 'task.done',
        { tasks: [task] },
        {
          data: { task: taskFacts(task), disputeId: task.disputeId },
        },
      ),
    );
  await tx.append(accountStream(account.id), events);
  for (const { task, state } of tasksNow)
    if (state === 'created') await tellTask(tx, now, actor, settled.account, task, colleagues);
  const contested = done.contested;
  // The department hears of it by its task; where the buyer asks for nothing, by the dispute itself.
  if (contested?.event === 'dispute.opened' && tasksNow.length === 0)
    await tellDispute(tx, now, actor, {
      kind: 'dispute.opened',
      dispute: settled.changed.disputes?.find(({ id }) => id === disputeId) ?? contested.dispute,
      account: settled.account,
      to: colleagues.inDepartment(contested.dispute.department),
      colleagues,
    });
  if (CALLING.has(status.code) && outcome !== 'information')
    await notify(tx, now, actor, [account.ownerId], {
      kind: 'einvoice.received',
      account: settled.account,
      disputeId,
      data: { code: status.code, state: status.state },
    });
  return stored;
}

/** The items under their state after all that was heard of them. */
async function setState(tx: Tx, matched: readonly Item[], statuses: readonly EinvoiceStatus[]): Promise<Item[]> {
  const einvoice = itemEinvoiceOf(statuses, matched[0]?.currency ?? null);
  const stored: Item[] = [];
  for (const item of matched) stored.push(await tx.docs(items).replace({ ...item, einvoice }));
  return stored;
}

async function take(
  tx: Tx,
  now: Now,
  actor: Actor,
  step: EinvoiceStep,
  subject: Parameters<typeof contest>[4],
): Promise<StepDone> {
  switch (step.do) {
    case 'nothing':
      return { contested: null, asked: [] };
    case 'open_dispute':
    case 'update_dispute':
    case 'join_dispute':
    case 'propose_closure': {
      const contested = await contest(tx, now, actor, step, subject);
      return { contested, asked: contested?.asked ?? [] };
    }
    case 'ask_document':
      return { contested: null, asked: await askFor(tx, now, actor, subject, 'document') };
    case 'ask_correction':
      return { contested: null, asked: await askFor(tx, now, actor, subject, 'correction') };
    case 'complete':
      return { contested: null, asked: await completeAsked(tx, now, actor, subject.heard, step) };
  }
}
