import type { EinvoiceStatus } from '#lib/domain/einvoice/status.ts';
import type { Id } from '#lib/domain/values.ts';
import type { App } from '../../app.ts';
import { einvoiceStatuses } from '../../store/kinds/disputes.ts';
import { items } from '../../store/kinds/workspace.ts';
import type { WorkspaceStore } from '../../store/port.ts';
import { colleaguesOf } from '../colleagues.ts';
import { command, NO_META } from '../command.ts';
import { systemActor } from '../system.ts';
import { applyStatus } from './apply-status.ts';
import { findInvoice } from './find-invoice.ts';

const PER_PAGE = 200;
/** Alternatives in one find: the embedded store reads one index range for each. */
const IN_CHUNK = 80;

/**
 * Applies the statuses that had been waiting for an invoice and now find it, each in its own transaction (rule EIN-10): after a
 * ledger or an invoice came in. Run twice it does nothing the second time.
 *
 * @param numbers of the invoices that came; null: whatever may have come
 * @returns how many were applied
 */
export async function applyUnmatched(
  app: App,
  workspaceId: Id,
  numbers: readonly string[] | null = null,
): Promise<number> {
  const store = app.store.workspace(workspaceId);
  const actor = systemActor(workspaceId);
  let applied = 0;
  for await (const waiting of waitingStatuses(store, numbers)) {
    const known = numbers === null ? await knownNumbers(store, waiting) : null;
    const colleagues = await colleaguesOf(app, workspaceId);
    for (const { id, invoiceNumber } of waiting) {
      if (known !== null && !known.has(invoiceNumber)) continue;
      applied += await command(app, actor, NO_META, { name: 'einvoice.apply', input: { id } }, async (tx, now) => {
        const status = await tx.docs(einvoiceStatuses).get(id);
        if (status === null || status.outcome !== 'unmatched') return 0;
        const found = await findInvoice(tx, status);
        if (found === null) return 0;
        await tx.docs(einvoiceStatuses).replace(await applyStatus(tx, now, actor, colleagues, { status, ...found }));
        return 1;
      });
    }
  }
  return applied;
}

/** What waits, oldest statement first within a page: fewer detours through states that are overtaken. */
async function* waitingStatuses(
  store: WorkspaceStore,
  numbers: readonly string[] | null,
): AsyncGenerator<EinvoiceStatus[]> {
  const docs = store.docs(einvoiceStatuses);
  const inOrder = (found: EinvoiceStatus[]): EinvoiceStatus[] =>
    found.sort((a, b) => (a.statedAt < b.statedAt ? -1 : a.statedAt > b.statedAt ? 1 : 0));
  if (numbers !== null) {
    for (const invoiceNumber of new Set(numbers)) {
      const page = await docs.find({ invoiceNumber }, { limit: 1_000 });
      yield inOrder(page.docs.filter(({ outcome }) => outcome === 'unmatched'));
    }
    return;
  }
  let after: string | null = null;
  do {
    const page: { docs: EinvoiceStatus[]; next: string | null } = await docs.find(
      { outcome: 'unmatched' },
      { sort: ['-receivedAt'], limit: PER_PAGE, after },
    );
    yield inOrder(page.docs);
    after = page.next;
  } while (after !== null);
}

/** Which of their invoice numbers the workspace knows at all: a look-up for many at once. */
async function knownNumbers(store: WorkspaceStore, waiting: readonly EinvoiceStatus[]): Promise<Set<string>> {
  const numbers = [...new Set(waiting.map(({ invoiceNumber }) => invoiceNumber))];
  const known = new Set<string>();
  for (let at = 0; at < numbers.length; at += IN_CHUNK) {
    const some = numbers.slice(at, at + IN_CHUNK);
    const groups = await store.docs(items).group({ number: { $in: some } }, { by: ['number'] });
    for (const { key } of groups) known.add(String(key.number));
  }
  return known;
}
