import { daysBetween } from '../calendar/calendar.ts';
import { foldText } from '../text/fold.ts';
import type { Account } from '../account/account.ts';
import type { Item } from '../item/item.ts';
import type { Day } from '../values.ts';

/** What a message says of the document that it speaks of. */
export interface DocumentReference {
  invoiceNumber: string;
  invoiceDay: Day | null;
  documentType: string | null;
  buyerId: string | null;
  buyerName: string | null;
}

/** What tells one account from another. */
export type Holder = Pick<Account, 'id' | 'name' | 'number' | 'siren' | 'siret' | 'vatNumber'>;
export interface Candidate {
  item: Item;
  account: Holder;
}

/** Ledgers date an invoice by its posting; further apart it is another year's number. */
const DAYS_APART = 45;
/** Credit notes among the document types of UNTDID 1001. */
const CREDIT_TYPES = new Set(['81', '83', '261', '262', '296', '308', '381', '396', '420', '458', '502', '503', '532']);

/** Whether a document of this type lessens what the customer owes (rule EIN-9). */
export function isCreditType(type: string | null): boolean {
  return type !== null && CREDIT_TYPES.has(type);
}

const bare = (text: string): string => text.replace(/[^\p{L}\p{N}]/gu, '').toUpperCase();

/**
 * Names without what firms write in different ways: case, accents, signs, legal forms. Empty where nothing else is left.
 */
export function firmName(name: string): string {
  return foldText(name)
    .replace(/[.'’]/g, '')
    .split(/[^\p{L}\p{N}]+/u)
    .filter(
      (word) => !/^(?:sas|sasu|sarl|eurl|sa|snc|sci|gmbh|ag|nv|bv|ltd|llc|inc|spa|srl|ste|societe|cie)$/.test(word),
    )
    .join(' ')
    .trim();
}

/** Whether an identifier (SIREN, SIRET, VAT number, the seller's own number for the customer) is this account's. */
export function isIdOf(account: Holder, id: string): boolean | null {
  const wanted = bare(id);
  if (wanted === '') return null;
  if (bare(account.number) === wanted) return true;
  const siren =
    account.siren ??
    account.siret?.slice(0, 9) ??
    (/^FR..\d{9}$/.test(bare(account.vatNumber ?? '')) ? bare(account.vatNumber ?? '').slice(4) : null);
  if (/^\d{14}$/.test(wanted)) {
    if (account.siret !== null && bare(account.siret) === wanted) return true;
    return siren === null ? null : siren === wanted.slice(0, 9);
  }
  if (/^\d{9}$/.test(wanted)) return siren === null ? null : siren === wanted;
  const vat = bare(account.vatNumber ?? '');
  if (vat !== '' && /^[A-Z]{2}[0-9A-Z]{2,}$/.test(wanted)) return vat === wanted;
  if (/^FR..\d{9}$/.test(wanted) && siren !== null) return siren === wanted.slice(4);
  return null;
}

/** 2: the buyer is this account; 1: nothing says otherwise; 0: another firm. */
function buyerFit(account: Holder, told: DocumentReference): 0 | 1 | 2 {
  const byId = told.buyerId === null ? null : isIdOf(account, told.buyerId);
  if (byId !== null) return byId ? 2 : 0;
  const [a, b] = [firmName(account.name), firmName(told.buyerName ?? '')];
  return a !== '' && a === b ? 2 : 1;
}

/**
 * The items that a message speaks of, among those of its number (rule EIN-10): of the right kind, not another firm's, issued
 * on its day or near it. All instalments of one invoice are answered. Where two accounts remain nobody is guessed.
 */
export function matchInvoice(told: DocumentReference, candidates: readonly Candidate[]): Candidate[] {
  const credit = isCreditType(told.documentType);
  const graded = candidates
    .filter(({ item }) => item.number === told.invoiceNumber)
    .filter(({ item }) =>
      credit
        ? item.kind === 'credit_note'
        : item.kind === 'invoice' || item.kind === 'other_debit' || item.kind === 'credit_note',
    )
    .map((one) => {
      const buyer = buyerFit(one.account, told);
      const apart = told.invoiceDay === null ? null : Math.abs(daysBetween(told.invoiceDay, one.item.issueDay));
      // A ledger may hold an invoice of a negative amount as a credit note.
      const kind = one.item.kind === (credit ? 'credit_note' : 'invoice') ? 1 : 0;
      return { one, buyer, apart, kind };
    })
    .filter(({ buyer, apart }) => buyer > 0 && (buyer === 2 || apart === null || apart <= DAYS_APART));
  const best = Math.max(...graded.map(gradeOf));
  const chosen = graded.filter((one) => gradeOf(one) === best).map(({ one }) => one);
  return new Set(chosen.map(({ account }) => account.id)).size === 1 ? chosen : [];
}

const gradeOf = ({ buyer, apart, kind }: { buyer: number; apart: number | null; kind: number }): number =>
  buyer * 100 + kind * 10 + (apart === null ? 0 : apart === 0 ? 3 : apart <= DAYS_APART ? 2 : 1);

/** A party of an invoice as the file names it. */
export interface EinvoiceParty {
  name: string | null;
  siren: string | null;
  siret: string | null;
  vatNumber: string | null;
  gln: string | null;
  /** The number under which the seller keeps this customer, when the file has it. */
  customerNumber: string | null;
  address: string | null;
  country: string | null;
}

/**
 * The account of a buyer among accounts that look alike (rule EIN-11): by SIRET, the ledger's number, SIREN, VAT number, then
 * name. `several`: more than one answers equally well.
 */
export function matchBuyer<T extends Holder>(
  buyer: EinvoiceParty,
  accounts: readonly T[],
): { found: T | null; several: boolean } {
  const contradicts = (one: T): boolean =>
    [buyer.siren, buyer.vatNumber].some((id) => id !== null && isIdOf(one, id) === false);
  const name = firmName(buyer.name ?? '');
  const tests: ((one: T) => boolean)[] = [
    (one) => buyer.siret !== null && one.siret === buyer.siret,
    (one) => buyer.customerNumber !== null && one.number === buyer.customerNumber && !contradicts(one),
    (one) => buyer.siren !== null && isIdOf(one, buyer.siren) === true,
    (one) => buyer.vatNumber !== null && isIdOf(one, buyer.vatNumber) === true,
    (one) => name !== '' && firmName(one.name) === name && !contradicts(one),
  ];
  for (const test of tests) {
    const found = accounts.filter(test);
    if (found.length === 0) continue;
    if (found.length === 1) return { found: found[0] ?? null, several: false };
    const named = found.filter((one) => firmName(one.name) === name);
    return named.length === 1 ? { found: named[0] ?? null, several: false } : { found: null, several: true };
  }
  return { found: null, several: false };
}

/** Numbers that a new account may have, the best first: the seller's own for this customer, SIREN, VAT number, GLN, name. */
export function accountNumbersOf(buyer: EinvoiceParty): string[] {
  return [buyer.customerNumber, buyer.siren, buyer.vatNumber, buyer.gln, buyer.name]
    .map((number) => number?.trim().slice(0, 60).trim() ?? '')
    .filter((number) => number !== '');
}
