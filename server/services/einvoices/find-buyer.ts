import type { Account } from '#lib/domain/account/account.ts';
import { firmName, matchBuyer, type EinvoiceParty } from '#lib/domain/einvoice/match-invoice.ts';
import { wordsOf } from '#lib/domain/text/fold.ts';
import { accounts } from '../../store/kinds/workspace.ts';
import type { Docs, Filter, Kind, Versioned } from '../../store/port.ts';

interface Reader {
  docs<T extends Versioned>(kind: Kind<T>): Docs<T>;
}

/** Accounts that look alike; a name as common as this tells nobody apart. */
const MOST = 50;

/** The buyer's account (rule EIN-11); `several` when more than one answers as well. */
export async function findBuyer(
  reader: Reader,
  buyer: EinvoiceParty,
): Promise<{ found: Account | null; several: boolean }> {
  const known = new Map<string, Account>();
  const look = async (filter: Filter): Promise<void> => {
    const page = await reader.docs(accounts).find(filter, { limit: MOST });
    for (const one of page.docs) known.set(one.id, one);
  };
  if (buyer.customerNumber !== null) await look({ number: buyer.customerNumber });
  if (buyer.siren !== null) await look({ siren: buyer.siren });
  if (buyer.siret !== null) await look({ siret: buyer.siret });
  if (buyer.vatNumber !== null) await look({ vatNumber: buyer.vatNumber });
  const words = wordsOf(firmName(buyer.name ?? ''), '');
  if (words.length > 0) {
    const page = await reader.docs(accounts).find({ words: { $all: words } }, { sort: ['name'], limit: MOST });
    for (const one of page.docs) known.set(one.id, one);
  }
  return matchBuyer(buyer, [...known.values()]);
}
