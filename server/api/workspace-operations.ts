import * as v from 'valibot';
import { id } from '#lib/protocol/commands/common.ts';
import {
  applyImportInput,
  discardImportInput,
  distributeOwnersInput,
  remapImportInput,
} from '#lib/protocol/commands/import.ts';
import * as input from '#lib/protocol/commands/member.ts';
import { agedBalanceInput } from '#lib/protocol/commands/queries.ts';
import { exportAgedBalance } from '../export/aged-balance.ts';
import { agedBalance } from '../queries/aged-balance.ts';
import { importList, importRead } from '../queries/imports.ts';
import { me } from '../queries/me.ts';
import { memberList } from '../queries/members.ts';
import { teamFigures } from '../queries/team.ts';
import { tokenList } from '../queries/tokens.ts';
import { remapImport } from '../import/stage-import.ts';
import { applyImport } from '../services/imports/apply-import.ts';
import { discardImport } from '../services/imports/discard-import.ts';
import { changeMember } from '../services/members/change-member.ts';
import { changeProfile } from '../services/members/change-profile.ts';
import { inviteMember } from '../services/members/invite-member.ts';
import { setAbsence } from '../services/members/set-absence.ts';
import { distributeOwners } from '../services/owners/distribute-owners.ts';
import { changePassword } from '../services/sessions/change-password.ts';
import { createToken } from '../services/tokens/create-token.ts';
import { revokeToken } from '../services/tokens/revoke-token.ts';
import { command, query, type Operation } from './operation.ts';

/** Imports, figures, members and one's own settings. */
export const WORKSPACE_OPERATIONS: Operation[] = [
  query(
    { id: 'me', path: '/me', summary: 'Who I am, and what I may do.', action: null, input: v.object({}) },
    (app, actor) => me(app, actor),
  ),
  command(
    {
      id: 'profile.change',
      method: 'PATCH',
      path: '/me',
      summary: 'Change my language.',
      action: null,
      input: input.changeProfileInput,
    },
    changeProfile,
  ),
  command(
    {
      id: 'password.change',
      method: 'POST',
      path: '/me/password',
      summary: 'Change my password; the other sessions end.',
      action: null,
      status: 204,
      input: input.changePasswordInput,
    },
    changePassword,
  ),
  query(
    { id: 'token.list', path: '/me/tokens', summary: 'My API tokens.', action: null, input: v.object({}) },
    (app, actor) => tokenList(app, actor),
  ),
  command(
    {
      id: 'token.create',
      method: 'POST',
      path: '/me/tokens',
      summary: 'Make an API token; its secret is shown once.',
      action: 'token.manage',
      status: 201,
      input: input.createTokenInput,
    },
    createToken,
  ),
  command(
    {
      id: 'token.revoke',
      method: 'DELETE',
      path: '/me/tokens/{id}',
      summary: 'Revoke an API token.',
      action: null,
      status: 204,
      input: input.revokeTokenInput,
    },
    revokeToken,
  ),
  query(
    { id: 'import.list', path: '/imports', summary: 'The last imports.', action: 'import.read', input: v.object({}) },
    (app, actor) => importList(app, actor),
  ),
  query(
    {
      id: 'import.read',
      path: '/imports/{id}',
      summary: 'Progress and report of an import.',
      action: 'import.read',
      input: v.object({ id }),
    },
    importRead,
  ),
  command(
    {
      id: 'import.apply',
      method: 'POST',
      path: '/imports/{id}/apply',
      summary: 'Apply a staged file to the ledger.',
      action: 'import.apply',
      status: 202,
      input: applyImportInput,
    },
    applyImport,
  ),
  command(
    {
      id: 'import.remap',
      method: 'POST',
      path: '/imports/{id}/mapping',
      summary: 'Read a staged file again under another mapping or for another day.',
      action: 'import.stage',
      input: remapImportInput,
    },
    remapImport,
  ),
  command(
    {
      id: 'import.discard',
      method: 'POST',
      path: '/imports/{id}/discard',
      summary: 'Throw a staged file away.',
      action: 'import.stage',
      input: discardImportInput,
    },
    discardImport,
  ),
  command(
    {
      id: 'owners.distribute',
      method: 'POST',
      path: '/accounts/distribute',
      summary: 'Give out the accounts without an owner, by rule.',
      action: 'owner.distribute',
      status: 202,
      input: distributeOwnersInput,
    },
    distributeOwners,
  ),
  query(
    {
      id: 'insight.aged_balance',
      path: '/insights/aged-balance',
      summary: 'The aged balance on a day.',
      action: 'insight.read',
      input: agedBalanceInput,
    },
    agedBalance,
  ),
  query(
    {
      id: 'insight.aged_balance_export',
      path: '/insights/aged-balance/export',
      summary: 'The aged balance as CSV.',
      action: 'account.export',
      input: agedBalanceInput,
    },
    exportAgedBalance,
  ),
  query(
    {
      id: 'insight.team',
      path: '/insights/team',
      summary: 'What the team has, holds and has done today.',
      action: 'insight.read',
      input: v.object({}),
    },
    (app, actor) => teamFigures(app, actor),
  ),
  query(
    {
      id: 'member.list',
      path: '/members',
      summary: 'The members of the workspace.',
      action: 'member.manage',
      input: v.object({}),
    },
    (app, actor) => memberList(app, actor),
  ),
  command(
    {
      id: 'member.invite',
      method: 'POST',
      path: '/members',
      summary: 'Invite somebody by a link to copy.',
      action: 'member.manage',
      status: 201,
      input: input.inviteMemberInput,
    },
    inviteMember,
  ),
  command(
    {
      id: 'member.change',
      method: 'PATCH',
      path: '/members/{id}',
      summary: 'Change a member’s role, departments, scope or state.',
      action: 'member.manage',
      versioned: true,
      input: input.changeMemberInput,
    },
    changeMember,
  ),
  command(
    {
      id: 'member.absence',
      method: 'POST',
      path: '/members/{id}/absence',
      summary: 'Name a substitute until a day.',
      action: 'member.absence',
      versioned: true,
      input: input.setAbsenceInput,
    },
    setAbsence,
  ),
];
