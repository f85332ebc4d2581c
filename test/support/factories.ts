import { accessOf, memberToken, ownerToken } from '#lib/domain/account/access.ts';
import { DISPUTE_DEFAULTS } from '#lib/domain/dispute/dispute.ts';
import type { Account } from '#lib/domain/account/account.ts';
import { newCase } from '#lib/domain/case/new-case.ts';
import type { Contact } from '#lib/domain/contact/contact.ts';
import type { Item, Movement } from '#lib/domain/item/item.ts';
import type { Actor, Member } from '#lib/domain/member/member.ts';
import { rightsOf } from '#lib/domain/member/substitution.ts';
import { wordsOf } from '#lib/domain/text/fold.ts';
import type { Cents, Currency, Day, Id } from '#lib/domain/values.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '#server/app.ts';
import { accountEvent } from '#server/services/account-event.ts';
import { nowIn } from '#server/services/command.ts';
import { settleAccount } from '#server/services/settle-account.ts';
import { SYSTEM } from '#server/services/system.ts';
import { newId } from '#server/store/id.ts';
import { members, workspaces } from '#server/store/kinds/installation.ts';
import { contacts, items, movements } from '#server/store/kinds/workspace.ts';

let counter = 0;

const ITEMS_AT_ONCE = 2_000;
const ITEMS_PER_EVENT = 200;

/** A workspace with one legal entity, in euros and Paris time. */
export async function buildWorkspace(app: App, overrides: Partial<Workspace> = {}): Promise<Workspace> {
  const workspace: Workspace = {
    id: newId(),
    version: 1,
    name: 'Société Exemple',
    timeZone: 'Europe/Paris',
    currency: 'EUR',
    referenceRates: { USD: 0.9 },
    entities: [{ id: 'e1', code: '', name: 'Société Exemple' }],
    demo: false,
    createdAt: app.clock.now(),
    ledgerAsOf: null,
    settings: {
      promiseGraceDays: 2,
      promiseToleranceCents: 100,
      untouchedDays: 30,
      defaultTermsDays: 30,
      disputes: DISPUTE_DEFAULTS,
    },
    ...overrides,
  };
  await app.store.installation.transaction((tx) => tx.docs(workspaces).insert(workspace));
  return workspace;
}

/** An active member; a collector of the credit department who sees every account, unless told otherwise. */
export async function buildMember(app: App, workspace: { id: Id }, overrides: Partial<Member> = {}): Promise<Member> {
  counter += 1;
  const member: Member = {
    id: newId(),
    version: 1,
    workspaceId: workspace.id,
    email: `member-${counter}-${newId()}@example.com`,
    name: `Membre ${counter}`,
    role: 'collector',
    departments: ['credit'],
    scope: 'all',
    state: 'active',
    passwordHash: null,
    ledgerCode: '',
    locale: 'fr',
    absence: null,
    createdAt: app.clock.now(),
    ...overrides,
  };
  await app.store.installation.transaction((tx) => tx.docs(members).insert(member));
  return member;
}

export interface ItemSpec {
  cents: Cents;
  dueDay: Day;
  kind?: Item['kind'];
  currency?: Currency;
  disputed?: boolean;
  issueDay?: Day;
  number?: string;
}

export interface AccountSpec extends Partial<Account> {
  openItems?: ItemSpec[];
  contacts?: Partial<Contact>[];
}

/** An account as an import would leave it: items with their movements, contacts, case, balances, row and one event. */
export async function buildAccount(app: App, workspace: Workspace, spec: AccountSpec = {}): Promise<Account> {
  counter += 1;
  const { openItems = [], contacts: people = [], ...overrides } = spec;
  const now = await nowIn(app, workspace.id);
  const number = overrides.number ?? `C${String(counter).padStart(5, '0')}`;
  const name = overrides.name ?? `Client ${counter}`;
  const account: Account = {
    id: newId(),
    version: 1,
    number,
    name,
    words: wordsOf(name, number),
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
    entityIds: workspace.entities.map((entity) => entity.id),
    access: [],
    ledger: {},
    createdAt: now.at,
    seenOn: now.today,
    ...overrides,
  };
  account.access = accessOf(account, [], []);
  const known = openItems.map((one, index) => buildItem(account, one, index));
  const told = people.map((one): Contact => ({
    id: newId(),
    version: 1,
    accountId: account.id,
    name: 'Camille Exemple',
    role: null,
    email: null,
    phone: null,
    source: 'ledger',
    state: 'valid',
    ...one,
  }));
  const store = app.store.workspace(workspace.id);
  for (let at = 0; at < known.length; at += ITEMS_AT_ONCE) {
    const some = known.slice(at, at + ITEMS_AT_ONCE);
    await store.transaction(async (tx) => {
      await tx.docs(items).insertMany(some);
      await tx.docs(movements).insertMany(some.map(issued));
    });
  }
  return store.transaction(async (tx) => {
    await tx.docs(contacts).insertMany(told);
    const settled = await settleAccount(tx, now, { account, case: newCase(account.id) });
    const changed = { ...settled.changed, items: known.slice(0, ITEMS_PER_EVENT), contacts: told };
    const said = [accountEvent(now, SYSTEM, 'account.created', changed)];
    for (let at = ITEMS_PER_EVENT; at < known.length; at += ITEMS_PER_EVENT)
      said.push(accountEvent(now, SYSTEM, 'account.imported', { items: known.slice(at, at + ITEMS_PER_EVENT) }));
    await tx.append(accountStream(account.id), said);
    return settled.account;
  });
}

function buildItem(account: Account, spec: ItemSpec, index: number): Item {
  const kind = spec.kind ?? (spec.cents < 0 ? 'credit_note' : 'invoice');
  const number = spec.number ?? `F${index + 1}`;
  return {
    id: newId(),
    version: 1,
    key: `e1|${account.number}|${kind}|${number}|`,
    accountId: account.id,
    entityId: 'e1',
    kind,
    number,
    instalment: '',
    issueDay: spec.issueDay ?? spec.dueDay,
    dueDay: spec.dueDay,
    dueAssumed: false,
    currency: spec.currency ?? 'EUR',
    cents: spec.cents,
    openCents: spec.cents,
    state: 'open',
    settledOn: null,
    disputed: spec.disputed ?? false,
    disputedCents: 0,
    awaitingCents: 0,
    flagTaken: false,
    einvoice: null,
    missingSince: null,
    orderNumber: null,
    deliveryNote: null,
    paymentMethod: null,
    factored: false,
    extra: {},
  };
}

function issued(item: Item): Movement {
  return {
    id: newId(),
    version: 1,
    itemId: item.id,
    accountId: item.accountId,
    currency: item.currency,
    dueDay: item.dueDay,
    day: item.issueDay,
    cents: item.cents,
    kind: 'issued',
    itemKind: item.kind,
    source: 'test',
  };
}

/** The actor that a session of this member would give, without colleagues to replace unless told. */
export function actorFor(member: Member, replaced: readonly Id[] = []): Actor {
  const own = rightsOf(member, [], '2026-01-01');
  const rights = own === null ? null : [...own, ...replaced.flatMap((id) => [memberToken(id), ownerToken(id)])];
  return {
    memberId: member.id,
    workspaceId: member.workspaceId,
    name: member.name,
    role: member.role,
    departments: member.departments,
    locale: member.locale,
    rights,
    owners: [member.id, ...replaced],
    allowedActions: null,
    credentialId: `session-${member.id}`,
  };
}
