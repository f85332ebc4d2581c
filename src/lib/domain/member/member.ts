import type { Day, Id, Instant } from '../values.ts';

export const ROLES = [
  'collector',
  'sales',
  'quality',
  'adv',
  'logistics',
  'accounting',
  'manager',
  'finance',
  'admin',
] as const;
export type Role = (typeof ROLES)[number];

export const DEPARTMENTS = ['credit', 'sales', 'quality', 'adv', 'logistics', 'accounting'] as const;
export type Department = (typeof DEPARTMENTS)[number];

/** all: every account; portfolio: as owner, for sales as sales rep; department: accounts with a dispute or a task of one's department. */
export const SCOPES = ['all', 'portfolio', 'department'] as const;
export type Scope = (typeof SCOPES)[number];

export const LOCALES = ['fr', 'en'] as const;
export type Locale = (typeof LOCALES)[number];

/** While away, `substituteId` may act on what the member owns, through `until` included. */
export interface Absence {
  from: Day;
  until: Day;
  substituteId: Id;
}

/** Somebody who works in one workspace. */
export interface Member {
  id: Id;
  version: number;
  workspaceId: Id;
  /** Lower-cased; unique in the installation. */
  email: string;
  name: string;
  role: Role;
  departments: Department[];
  scope: Scope;
  state: 'invited' | 'active' | 'disabled';
  /** Argon2id in PHC-like form; null while invited. */
  passwordHash: string | null;
  /** How the ledger calls this person in its collector or sales rep column; '' when it does not. */
  ledgerCode: string;
  locale: Locale;
  absence: Absence | null;
  createdAt: Instant;
}

/** What others may know of a member. */
export interface MemberCard {
  id: Id;
  name: string;
  role: Role;
  departments: Department[];
  state: Member['state'];
  absentUntil: Day | null;
}

/** Who acts: a member with the rights of this moment. Services take nothing else on trust. */
export interface Actor {
  memberId: Id;
  workspaceId: Id;
  name: string;
  role: Role;
  /** Their own, and those of whom they replace today. */
  departments: Department[];
  locale: Locale;
  /** Null: every account of the workspace. Otherwise the tokens of which an account must carry one. */
  rights: string[] | null;
  /** Members whose portfolio is one's own today: oneself, and those replaced. */
  owners: Id[];
  /** Actions an API token is restricted to; null: all that the role may do. */
  allowedActions: string[] | null;
  /** The session or the API token that speaks; empty for the system. */
  credentialId: string;
}
