import { DISPUTE_DEFAULTS } from '#lib/domain/dispute/dispute.ts';
import type { Department, Locale, Member, Role, Scope } from '#lib/domain/member/member.ts';
import type { Currency, Day, Id } from '#lib/domain/values.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { workspaceRecordStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { appendFacts, memberFact, momentOf, recordOf, type Moment } from '../../auth/facts.ts';
import { hashPassword } from '../../auth/passwords.ts';
import { newId } from '../../store/id.ts';
import { members, workspaces } from '../../store/kinds/installation.ts';
import { DuplicateKey, type Tx, type Value } from '../../store/port.ts';

export interface NewWorkspace {
  name: string;
  /** IANA name; Europe/Paris when left out. */
  timeZone?: string;
  /** EUR when left out. */
  currency?: Currency;
  demo?: boolean;
  ledgerAsOf?: Day | null;
}

export interface NewMember {
  email: string;
  name: string;
  role: Role;
  departments?: Department[];
  scope?: Scope;
  ledgerCode?: string;
  locale?: Locale;
  /** Null: nobody can sign in with one; for a demonstration, where people are chosen by a click. */
  password: string | null;
}

/** Euros per unit, rounded: rankings only, never a total. */
const USUAL_RATES = { USD: 0.9, GBP: 1.15, CHF: 1.05 };

/** The department that goes with a role when none is said. */
export function usualDepartments(role: Role): Department[] {
  if (role === 'collector' || role === 'manager') return ['credit'];
  return role === 'finance' || role === 'admin' ? [] : [role];
}

function workspaceOf(input: NewWorkspace, moment: Pick<Moment, 'at'>): Workspace {
  const id = newId();
  const currency = input.currency ?? 'EUR';
  return {
    id,
    version: 1,
    name: input.name,
    timeZone: input.timeZone ?? 'Europe/Paris',
    currency,
    referenceRates: currency === 'EUR' ? { ...USUAL_RATES } : {},
    entities: [{ id: newId(), code: '', name: input.name }],
    demo: input.demo ?? false,
    createdAt: moment.at,
    ledgerAsOf: input.ledgerAsOf ?? null,
    settings: {
      promiseGraceDays: 2,
      promiseToleranceCents: 100,
      untouchedDays: 30,
      defaultTermsDays: 30,
      disputes: DISPUTE_DEFAULTS,
    },
  };
}

/** Stores a workspace and its event inside a transaction of the installation. */
export async function insertWorkspace(tx: Tx, app: App, input: NewWorkspace): Promise<Workspace> {
  const at = app.clock.now();
  const workspace = workspaceOf(input, { at });
  await tx.docs(workspaces).insert(workspace);
  await tx.append(workspaceRecordStream(workspace.id), [
    {
      id: newId(),
      name: 'workspace.created',
      at,
      day: app.clock.today(workspace.timeZone),
      actor: 'system',
      data: { workspaceId: workspace.id, workspace: workspace as unknown as Value },
      personal: null,
    },
  ]);
  return workspace;
}

/**
 * Stores an active member and the event inside a transaction of the installation.
 *
 * @param passwordHash made beforehand: hashing has no place in a transaction
 * @throws AppError already_exists when the e-mail is taken
 */
export async function insertMember(
  tx: Tx,
  moment: Moment,
  workspaceId: Id,
  input: Omit<NewMember, 'password'>,
  passwordHash: string | null,
): Promise<Member> {
  const email = input.email.trim().toLowerCase();
  const member: Member = {
    id: newId(),
    version: 1,
    workspaceId,
    email,
    name: input.name,
    role: input.role,
    departments: input.departments ?? usualDepartments(input.role),
    scope: input.scope ?? 'all',
    state: 'active',
    passwordHash,
    ledgerCode: input.ledgerCode ?? '',
    locale: input.locale ?? 'fr',
    absence: null,
    createdAt: moment.at,
  };
  const taken = await tx.docs(members).find({ email }, { limit: 1 });
  if (taken.docs.length > 0) throw new AppError('already_exists', { issues: [{ path: 'email', reason: 'taken' }] });
  await tx.docs(members).insert(member);
  const { data, personal } = recordOf(member);
  await appendFacts(tx, member, [memberFact(moment, 'member.joined', 'system', member, data, personal)]);
  return member;
}

/** Makes a workspace with nobody in it: for the command line and the demonstration. */
export function createWorkspace(app: App, input: NewWorkspace): Promise<Workspace> {
  return app.store.installation.transaction((tx) => insertWorkspace(tx, app, input));
}

/**
 * Makes an active member without an invitation: for the command line and the demonstration.
 *
 * @param input.password at least 12 characters (judged by the caller), or null
 * @throws AppError already_exists
 */
export async function createMember(app: App, workspaceId: Id, input: NewMember): Promise<Member> {
  const { password, ...rest } = input;
  const passwordHash = password === null ? null : await hashPassword(password);
  const moment = await momentOf(app, workspaceId);
  try {
    return await app.store.installation.transaction((tx) => insertMember(tx, moment, workspaceId, rest, passwordHash));
  } catch (error) {
    if (error instanceof DuplicateKey && error.kind === members.name) throw new AppError('already_exists');
    throw error;
  }
}
