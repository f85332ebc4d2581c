import type { ImportRun } from '#lib/domain/import/import.ts';
import type { Day, Id } from '#lib/domain/values.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { workspaceRecordStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { newId } from '../../store/id.ts';
import { workspaces } from '../../store/kinds/installation.ts';
import type { Value } from '../../store/port.ts';

/** Changes the workspace's record with its event; nothing when `work` answers the same object. */
export async function changeWorkspace(
  app: App,
  workspaceId: Id,
  by: Id,
  work: (workspace: Workspace) => Workspace,
): Promise<Workspace> {
  return app.store.installation.transaction(async (tx) => {
    const before = await tx.docs(workspaces).get(workspaceId);
    if (before === null) throw new Error(`no workspace ${workspaceId}`);
    const after = work(before);
    if (after === before) return before;
    const stored = await tx.docs(workspaces).replace(after);
    await tx.append(workspaceRecordStream(workspaceId), [
      {
        id: newId(app.clock.ms()),
        name: 'workspace.changed',
        at: app.clock.now(),
        day: app.clock.today(stored.timeZone),
        actor: by,
        data: { workspaceId, memberId: by, workspace: stored as unknown as Value },
        personal: null,
      },
    ]);
    return stored;
  });
}

/** A ledger without an entity column speaks of the only one there is. */
const entityOf = (workspace: Workspace, code: string): Id | undefined => {
  const only = workspace.entities[0];
  if (code === '' && workspace.entities.length === 1 && only !== undefined) return only.id;
  return workspace.entities.find((entity) => entity.code === code)?.id;
};

/** Legal entities of the file's codes; an unknown one has a passing id, good for a dry run. */
export function foreseenEntities(workspace: Workspace, codes: readonly string[]): Map<string, Id> {
  return new Map(codes.map((code) => [code, entityOf(workspace, code) ?? `new-${code}`]));
}

/** Legal entities of the file's codes; unknown ones are added to the workspace. */
export async function settleEntities(
  app: App,
  workspaceId: Id,
  run: Pick<ImportRun, 'startedBy' | 'entityCodes'>,
): Promise<Map<string, Id>> {
  const workspace = await changeWorkspace(app, workspaceId, run.startedBy, (before) => {
    const added = run.entityCodes.filter((code) => entityOf(before, code) === undefined);
    if (added.length === 0) return before;
    const entities = added.map((code) => ({ id: newId(), code, name: code === '' ? before.name : code }));
    return { ...before, entities: [...before.entities, ...entities] };
  });
  return new Map(run.entityCodes.map((code) => [code, entityOf(workspace, code) ?? '']));
}

/** The workspace's ledger is now the one of this day. */
export async function setLedgerDay(app: App, workspaceId: Id, by: Id, asOf: Day): Promise<void> {
  await changeWorkspace(app, workspaceId, by, (before) =>
    before.ledgerAsOf === asOf ? before : { ...before, ledgerAsOf: asOf },
  );
}
