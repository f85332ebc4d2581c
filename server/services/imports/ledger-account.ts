import { hash } from 'node:crypto';
import type { Account } from '#lib/domain/account/account.ts';
import type { Contact } from '#lib/domain/contact/contact.ts';
import type { LedgerLine } from '#lib/domain/import/import.ts';
import { parseTerms } from '#lib/domain/terms/terms.ts';
import { wordsOf } from '#lib/domain/text/fold.ts';
import type { Id, Instant } from '#lib/domain/values.ts';
import { newId } from '../../store/id.ts';
import type { People } from './people.ts';

/** What the lines of one account say of the account itself; null where they say nothing. */
export interface LedgerAccount {
  name: string | null;
  siren: string | null;
  siret: string | null;
  vatNumber: string | null;
  address: string | null;
  country: string | null;
  terms: string | null;
  paymentMethod: string | null;
  payingAccount: string | null;
  collector: string | null;
  salesRep: string | null;
  contact: LedgerLine['contact'];
}

const first = <T>(lines: readonly LedgerLine[], read: (line: LedgerLine) => T | null): T | null => {
  for (const line of lines) {
    const value = read(line);
    if (value !== null && value !== '') return value;
  }
  return null;
};

/** The first line that says something decides: files repeat the account on every line, and sometimes differ. */
export function ledgerAccountOf(lines: readonly LedgerLine[]): LedgerAccount {
  return {
    name: first(lines, (line) => line.accountName),
    siren: first(lines, (line) => line.identity.siren),
    siret: first(lines, (line) => line.identity.siret),
    vatNumber: first(lines, (line) => line.identity.vatNumber),
    address: first(lines, (line) => line.identity.address),
    country: first(lines, (line) => line.identity.country),
    terms: first(lines, (line) => line.terms),
    paymentMethod: first(lines, (line) => line.paymentMethod),
    payingAccount: first(lines, (line) => line.payingAccount),
    collector: first(lines, (line) => line.collector),
    salesRep: first(lines, (line) => line.salesRep),
    contact: first(lines, (line) => line.contact),
  };
}

/** An account that the ledger names for the first time; nothing said of it yet. */
export function unknownAccount(number: string, context: { newId(): Id; at: Instant }): Account {
  return {
    id: context.newId(),
    version: 1,
    number,
    name: number,
    words: wordsOf(number, number),
    siren: null,
    siret: null,
    vatNumber: null,
    address: null,
    country: null,
    terms: null,
    paymentMethod: null,
    payingAccountNumber: null,
    ownerId: null,
    salesRepId: null,
    entityIds: [],
    access: [],
    ledger: {},
    createdAt: context.at,
    seenOn: null,
  };
}

export interface AccountDiff {
  account: Account;
  /** Contact to write, new or as it stands after the file. */
  contact: Contact | null;
  changed: boolean;
}

const FIELDS = ['name', 'siren', 'siret', 'vatNumber', 'address', 'country', 'paymentMethod'] as const;

/**
 * The account after the file (rule LED-1): a field changes only where the file differs from what the ledger said last,
 * so that what a member decided since stays. A column or a cell that says nothing changes nothing, and neither does a
 * code that matches no member: it will when there is one.
 *
 * @param entityIds legal entities that the lines name
 */
export function diffLedgerAccount(
  account: Account,
  contacts: readonly Contact[],
  told: LedgerAccount,
  context: { people: People; entityIds: readonly Id[] },
): AccountDiff {
  const ledger: Account['ledger'] = { ...account.ledger };
  const next: Account = { ...account, ledger };
  const differs = (field: string, value: string | null): value is string => {
    if (value === null || ledger[field] === value) return false;
    ledger[field] = value;
    return true;
  };
  for (const field of FIELDS) {
    const value = told[field];
    if (differs(field, value)) Object.assign(next, { [field]: value });
  }
  if (differs('terms', told.terms)) next.terms = parseTerms(told.terms);
  if (differs('payingAccount', told.payingAccount)) next.payingAccountNumber = told.payingAccount;
  const owner = context.people.find(told.collector);
  if (owner !== null && differs('collector', told.collector)) next.ownerId = owner;
  const rep = context.people.find(told.salesRep);
  if (rep !== null && differs('salesRep', told.salesRep)) next.salesRepId = rep;
  const contact = diffContact(next, contacts, told.contact, differs);
  if (context.entityIds.some((id) => !account.entityIds.includes(id)))
    next.entityIds = [...new Set([...account.entityIds, ...context.entityIds])].sort();
  if (next.name !== account.name || account.words.length === 0) next.words = wordsOf(next.name, next.number);
  const facts = Object.keys(ledger).some((field) => ledger[field] !== account.ledger[field]);
  const changed = facts || next.entityIds !== account.entityIds;
  return { account: changed ? next : account, contact, changed };
}

/** Only a short digest of the contact's words stays with the account: the words themselves can be erased. */
function diffContact(
  account: Account,
  contacts: readonly Contact[],
  told: LedgerAccount['contact'],
  differs: (field: string, value: string | null) => boolean,
): Contact | null {
  if (told === null) return null;
  const digest = hash('sha256', JSON.stringify([account.id, told.name, told.email, told.phone]), 'hex').slice(0, 8);
  if (!differs('contact', digest)) return null;
  const known = contacts.find((one) => one.source === 'ledger' && one.state === 'valid');
  const same = contacts.some((one) => one.name === told.name && one.email === told.email && one.phone === told.phone);
  if (same) return null;
  if (known !== undefined) return { ...known, name: told.name, email: told.email, phone: told.phone };
  return {
    id: newId(),
    version: 1,
    accountId: account.id,
    name: told.name,
    role: null,
    email: told.email,
    phone: told.phone,
    source: 'ledger',
    state: 'valid',
  };
}
