import type { Account } from '#lib/domain/account/account.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import { ROLES, type Actor, type Member, type Role } from '#lib/domain/member/member.ts';
import type { Body } from '#lib/domain/thread/thread.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { disputes } from '#server/store/kinds/disputes.ts';
import type { WorkspaceStore } from '#server/store/port.ts';
import { buildApp, type BuildOptions, type TestApp } from './app.ts';
import { buildDispute } from './dispute-records.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from './factories.ts';

/** A dispute, and somebody of each role who sees it. */
export interface ThreadWorld {
  app: TestApp;
  store: WorkspaceStore;
  workspace: Workspace;
  account: Account;
  dispute: Dispute;
  member: Record<Role, Member>;
  actor: Record<Role, Actor>;
}

export async function buildThreadWorld(options: BuildOptions = {}): Promise<ThreadWorld> {
  const app = await buildApp(options);
  const workspace = await buildWorkspace(app);
  const account = await buildAccount(app, workspace, {
    openItems: [{ cents: 123_400, dueDay: '2026-02-01', number: 'FA-1203' }],
    contacts: [{ name: 'Camille Exemple', email: 'camille@example.com' }],
  });
  const dispute = await openedDispute(app, workspace, account);
  const member = {} as Record<Role, Member>;
  const actor = {} as Record<Role, Actor>;
  for (const role of ROLES) {
    member[role] = await buildMember(app, workspace, { role, name: `Personne ${role}` });
    actor[role] = actorFor(member[role]);
  }
  return { app, store: app.store.workspace(workspace.id), workspace, account, dispute, member, actor };
}

/** A dispute on an account, as stored. */
export async function openedDispute(
  app: TestApp,
  workspace: { id: string },
  account: Account,
  given: Partial<Dispute> = {},
): Promise<Dispute> {
  const dispute = buildDispute(account, given);
  await app.store.workspace(workspace.id).transaction((tx) => tx.docs(disputes).insert(dispute));
  return dispute;
}

type Inline = string | { kind: 'member' | 'item' | 'account'; id: string; label?: string };

/** A body of one paragraph, of text and mentions. */
export function bodyOf(...parts: Inline[]): Body {
  const content = parts.map((part): Body =>
    typeof part === 'string'
      ? { type: 'text', text: part }
      : { type: 'mention', attrs: { kind: part.kind, id: part.id, label: part.label ?? 'somebody else' } },
  );
  return { type: 'doc', content: [{ type: 'paragraph', content }] };
}
