import type { Case } from '#lib/domain/case/case.ts';
import type { Id } from '#lib/domain/values.ts';
import type { AccountEventName } from '#lib/protocol/events.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { accounts, cases } from '../../store/kinds/workspace.ts';
import type { NewEvent } from '../../store/port.ts';
import { accountEvent } from '../account-event.ts';
import { command, NO_META, type Now } from '../command.ts';
import { disputeEvents } from '../disputes/dispute-events.ts';
import { settleAccount, type Settled } from '../settle-account.ts';
import { SYSTEM, systemActor } from '../system.ts';

/**
 * Brings an account to the present day: promises judged, balances, case and queue row reckoned anew. What became of the
 * promises and the case is said; figures that moved by age alone are not, as they follow from the items and the day.
 */
export async function recomputeAccount(app: App, workspaceId: Id, accountId: Id): Promise<void> {
  const input = { id: accountId };
  await command(app, systemActor(workspaceId), NO_META, { name: 'account.recompute', input }, async (tx, now) => {
    const account = await tx.docs(accounts).get(accountId);
    const before = await tx.docs(cases).get(accountId);
    if (account === null || before === null) return;
    const settled = await settleAccount(tx, now, { account, case: before, judge: true });
    const events = eventsOf(now, before, settled);
    if (events.length > 0) await tx.append(accountStream(accountId), events);
  });
}

function eventsOf(now: Now, before: Case, { case: after, changed, outcomes }: Settled): NewEvent[] {
  const events: NewEvent[] = [];
  if (changed.promises !== undefined)
    events.push(
      accountEvent(now, SYSTEM, 'promise.settled', changed, {
        data: { promises: changed.promises.map(({ id, state, keptCents }) => ({ id, state, keptCents })) },
      }),
    );
  if (changed.case !== undefined)
    events.push(
      accountEvent(now, SYSTEM, caseEventName(after), events.length === 0 ? changed : { case: changed.case }, {
        data: { from: before.state, reasons: after.reasons },
      }),
    );
  const disputed = disputeEvents(now, SYSTEM, outcomes, changed.disputes ?? []);
  const [first] = disputed;
  // Whatever else was changed travels with the first event that is said.
  if (events.length === 0 && first !== undefined)
    return [
      accountEvent(now, SYSTEM, first.name as AccountEventName, changed, { data: first.data }),
      ...disputed.slice(1),
    ];
  return [...events, ...disputed];
}

const NAMES: { [state in Case['state']]: AccountEventName } = {
  open: 'case.opened',
  parked: 'case.parked',
  idle: 'case.idled',
};

/** What an event that nobody caused is called: after the state that the case is in. */
export function caseEventName(after: Case): AccountEventName {
  return NAMES[after.state];
}
