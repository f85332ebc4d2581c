import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';

/** Who is named in events when no member acts. */
export const SYSTEM = { memberId: 'system' } as const;

/** The actor of jobs: reaches every account of the workspace. */
export function systemActor(workspaceId: Id): Actor {
  return {
    ...SYSTEM,
    workspaceId,
    name: 'Encours',
    role: 'admin',
    departments: [],
    locale: 'fr',
    rights: null,
    owners: [],
    allowedActions: null,
    credentialId: '',
  };
}
