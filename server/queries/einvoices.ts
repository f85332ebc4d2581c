import type { EinvoiceStatus } from '#lib/domain/einvoice/status.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { inScope } from '#lib/policies/in-scope.ts';
import type { EinvoiceListInput } from '#lib/protocol/commands/einvoice.ts';
import type { EinvoiceStatusPage, EinvoiceStatusRow } from '#lib/protocol/views/einvoice.ts';
import { storeOf, type App } from '../app.ts';
import { disputes, einvoiceStatuses } from '../store/kinds/disputes.ts';
import { accounts } from '../store/kinds/workspace.ts';
import type { Filter, WorkspaceStore } from '../store/port.ts';

/** Pages of the store read for one page of somebody who may see few of them. */
const MOST_PAGES = 20;
const UNMATCHED_UP_TO = 1_000;

/**
 * Received statuses, newest first. A status is seen by whoever sees its account as that is now; one that waits for its invoice by those who
 * reach every account, and by ADV.
 */
export async function einvoiceList(app: App, actor: Actor, input: EinvoiceListInput): Promise<EinvoiceStatusPage> {
  const store = storeOf(app, actor);
  const docs = store.docs(einvoiceStatuses);
  const statuses: EinvoiceStatusRow[] = [];
  let after = input.after;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const found = await docs.find(filterOf(input), { sort: sortOf(input), limit: input.limit, after });
    statuses.push(...(await visible(store, actor, found.docs)));
    after = found.next;
    if (after === null || statuses.length > 0) break;
  }
  return { statuses, next: after, unmatched: await unmatchedFor(store, actor) };
}

function filterOf({ view, itemId }: EinvoiceListInput): Filter {
  if (itemId !== undefined) return { itemId };
  if (view === 'unmatched' || view === 'set_aside') return { outcome: view };
  return view === 'contests' ? { state: { $in: ['dispute', 'refused'] } } : {};
}

const sortOf = ({ itemId }: EinvoiceListInput): string[] => [itemId === undefined ? '-receivedAt' : 'receivedAt'];

/** What waits names a buyer and an invoice of nobody's account: for those who reach all of them, and those who see to it. */
const seesUnmatched = (actor: Actor, access: readonly string[]): boolean => inScope(actor.rights, access);

async function unmatchedFor(store: WorkspaceStore, actor: Actor): Promise<number | null> {
  if (!seesUnmatched(actor, ['dept:adv'])) return null;
  return store.docs(einvoiceStatuses).count({ outcome: 'unmatched' }, { upTo: UNMATCHED_UP_TO });
}

async function visible(
  store: WorkspaceStore,
  actor: Actor,
  found: readonly EinvoiceStatus[],
): Promise<EinvoiceStatusRow[]> {
  const ids = (read: (one: EinvoiceStatus) => Id | null): Id[] => [
    ...new Set(found.map(read).filter((id) => id !== null)),
  ];
  const holders = new Map(
    (await store.docs(accounts).getMany(ids((one) => one.accountId))).map((one) => [one.id, one]),
  );
  const known = new Map((await store.docs(disputes).getMany(ids((one) => one.disputeId))).map((one) => [one.id, one]));
  return found.flatMap((status): EinvoiceStatusRow[] => {
    const account = holders.get(status.accountId ?? '');
    const seen =
      status.accountId === null
        ? seesUnmatched(actor, status.access)
        : account !== undefined && inScope(actor.rights, account.access);
    if (!seen) return [];
    const { access: _access, version: _version, judged = null, ...row } = status;
    return [
      {
        ...row,
        judged,
        accountName: account?.name ?? null,
        accountNumber: account?.number ?? null,
        disputeNumber: known.get(status.disputeId ?? '')?.number ?? null,
      },
    ];
  });
}
