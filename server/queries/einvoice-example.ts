import { exampleStatus } from '#lib/domain/einvoice/example.ts';
import type { Item } from '#lib/domain/item/item.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import { inScope } from '#lib/policies/in-scope.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { EinvoiceExample } from '#lib/protocol/views/einvoice.ts';
import { storeOf, type App } from '../app.ts';
import { accounts, items } from '../store/kinds/workspace.ts';

const LOOKED_AT = 1_000;
/** Smaller ones make no story. */
const LEAST_CENTS = 100_000;

const tells = (item: Item): boolean =>
  item.kind === 'invoice' &&
  item.openCents === item.cents &&
  item.cents >= LEAST_CENTS &&
  item.disputedCents === 0 &&
  !item.disputed &&
  item.einvoice === null;

/**
 * A message to try, about an untouched invoice of the demonstration: a part is refused. None is kept; once it was tried, the next
 * one is about another invoice.
 *
 * @throws AppError not_found outside of a demonstration, or when no invoice is left
 */
export async function einvoiceExample(app: App, actor: Actor): Promise<EinvoiceExample> {
  const workspace = await app.workspace(actor.workspaceId);
  if (!workspace.demo) throw new AppError('not_found');
  const store = storeOf(app, actor);
  const { docs } = await store.docs(items).find({ state: 'open' }, { sort: ['state'], limit: LOOKED_AT });
  for (const item of docs.filter(tells)) {
    const account = await store.docs(accounts).get(item.accountId);
    if (account === null || !inScope(actor.rights, account.access)) continue;
    const seller = workspace.entities.find(({ id }) => id === item.entityId)?.name ?? workspace.name;
    const facts = { ...item, buyerName: account.name, buyerSiren: account.siren, sellerName: seller };
    const made = exampleStatus(facts, app.clock.today(workspace.timeZone));
    return { ...made, invoiceNumber: item.number, accountName: account.name };
  }
  throw new AppError('not_found');
}
