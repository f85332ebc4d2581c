import { accessOf } from '#lib/domain/account/access.ts';
import type { Account } from '#lib/domain/account/account.ts';
import { isSiret, isVatNumber } from '#lib/domain/account/identity.ts';
import type { Case } from '#lib/domain/case/case.ts';
import { newCase } from '#lib/domain/case/new-case.ts';
import { itemLineOf, type EinvoiceDocument } from '#lib/domain/einvoice/document.ts';
import { accountNumbersOf, type EinvoiceParty } from '#lib/domain/einvoice/match-invoice.ts';
import { diffItem, itemKey, type ItemDiff } from '#lib/domain/item/diff-item.ts';
import type { Item } from '#lib/domain/item/item.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import { resolveDueDay } from '#lib/domain/terms/terms.ts';
import { wordsOf } from '#lib/domain/text/fold.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { Entity } from '#lib/domain/workspace/workspace.ts';
import { newId } from '../../store/id.ts';
import { accounts, cases, items, movements } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';
import { accountEvent } from '../account-event.ts';
import type { Now } from '../command.ts';
import { unknownAccount } from '../imports/ledger-account.ts';
import { settleAccount } from '../settle-account.ts';
import { findBuyer } from './find-buyer.ts';

/** A number that no account of the ledger has: the buyer is another firm than its holder. */
async function freeNumber(tx: Tx, buyer: EinvoiceParty): Promise<string> {
  const numbers = accountNumbersOf(buyer);
  if (numbers.length === 0) throw new AppError('einvoice_unreadable', { rule: 'field_missing', where: 'Buyer' });
  for (const number of numbers) if ((await tx.docs(accounts).count({ number }, { upTo: 1 })) === 0) return number;
  throw new AppError('einvoice_unreadable', { rule: 'buyer_several' });
}

/** An account as a buyer's file names it; the ledger's first word on it prevails later. */
function accountFor(buyer: EinvoiceParty, number: string, at: string): Account {
  const account = unknownAccount(number, { newId, at });
  const name = buyer.name ?? number;
  return {
    ...account,
    name,
    words: wordsOf(name, number),
    siren: buyer.siren,
    siret: buyer.siret !== null && isSiret(buyer.siret) ? buyer.siret : null,
    vatNumber: buyer.vatNumber !== null && isVatNumber(buyer.vatNumber) ? buyer.vatNumber : null,
    address: buyer.address,
    country: buyer.country,
    access: accessOf(account, [], []),
  };
}

/** The item of an invoice's file, with its movements: as the ledger would have it, and under the key that it will use. */
function itemOf(account: Account, document: EinvoiceDocument, entity: Entity, now: Now): ItemDiff {
  const line = itemLineOf(document);
  const due = resolveDueDay(
    { issueDay: line.issueDay, dueDay: document.dueDay, terms: document.terms },
    account.terms,
    now.workspace.settings.defaultTermsDays,
  );
  const itemId = newId(now.ms);
  return diffItem(null, line, {
    itemId,
    accountId: account.id,
    entityId: entity.id,
    key: itemKey({ entityCode: entity.code, accountNumber: account.number, ...line }),
    source: `einvoice-${itemId}`,
    asOf: now.today,
    dueDay: due.dueDay,
    dueAssumed: due.assumed,
  });
}

/**
 * Adds the item of an invoice that the ledger does not know yet, and its buyer's account where that is unknown too (rules EIN-9
 * and EIN-11), within a transaction.
 *
 * @throws AppError einvoice_unreadable: buyer_several, field_missing when the file names no buyer
 */
export async function addInvoice(
  tx: Tx,
  now: Now,
  actor: Pick<Actor, 'memberId'>,
  document: EinvoiceDocument,
  entity: Entity,
): Promise<{ account: Account; item: Item; created: boolean; accountCreated: boolean }> {
  const buyer = await findBuyer(tx, document.buyer);
  if (buyer.several) throw new AppError('einvoice_unreadable', { rule: 'buyer_several' });
  const before = buyer.found;
  const account = before ?? accountFor(document.buyer, await freeNumber(tx, document.buyer), now.at);
  const diff = itemOf(account, document, entity, now);
  const there = (await tx.docs(items).find({ key: diff.item.key }, { limit: 1 })).docs[0];
  if (there !== undefined) return { account, item: there, created: false, accountCreated: false };
  await tx.docs(items).insert(diff.item);
  await tx.docs(movements).insertMany(diff.movements);
  const found: Case | null = before === null ? newCase(account.id) : await tx.docs(cases).get(account.id);
  if (found === null) throw new Error(`account ${account.id} has no case`);
  const entityIds = [...new Set([...account.entityIds, entity.id])].sort();
  const settled = await settleAccount(tx, now, { account: { ...account, entityIds }, case: found });
  const item = settled.changed.items?.find(({ id }) => id === diff.item.id) ?? diff.item;
  const others = (settled.changed.items ?? []).filter(({ id }) => id !== item.id);
  await tx.append(accountStream(account.id), [
    accountEvent(
      now,
      actor,
      before === null ? 'account.created' : 'account.imported',
      { ...settled.changed, items: [...others, item] },
      { data: { source: 'einvoice', itemId: item.id, itemNumber: item.number } },
    ),
  ]);
  return { account: settled.account, item, created: true, accountCreated: before === null };
}
