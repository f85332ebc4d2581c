import { USUAL_DEPARTMENTS } from '#lib/domain/dispute/reasons.ts';
import { DISPUTE_REASONS, type DisputeSettings } from '#lib/domain/dispute/dispute.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { ChangeDisputeSettingsInput } from '#lib/protocol/commands/dispute.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { workspaceRecordStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { workspaces } from '../../store/kinds/installation.ts';
import type { Value } from '../../store/port.ts';
import { eventOf } from '../account-event.ts';
import { command, type CommandMeta } from '../command.ts';

/**
 * Sets who settles each reason, above what amount a second person must agree, and how many working days each step may
 * take. Disputes that are open keep the department and the days that they have.
 */
export function changeDisputeSettings(
  app: App,
  actor: Actor,
  input: ChangeDisputeSettingsInput,
  meta: CommandMeta,
): Promise<DisputeSettings> {
  const store = app.store.installation;
  return command(app, actor, meta, { name: 'dispute.change_settings', input, store }, async (tx, now) => {
    const workspace = await tx.docs(workspaces).get(actor.workspaceId);
    if (workspace === null) throw new AppError('not_found');
    const departments: DisputeSettings['departments'] = {};
    for (const reason of DISPUTE_REASONS) {
      const department = input.departments[reason] ?? workspace.settings.disputes.departments[reason];
      if (department !== undefined && department !== USUAL_DEPARTMENTS[reason]) departments[reason] = department;
    }
    const { departments: _, ...numbers } = input;
    const disputes: DisputeSettings = { ...workspace.settings.disputes, ...numbers, departments };
    const stored = await tx.docs(workspaces).replace({ ...workspace, settings: { ...workspace.settings, disputes } });
    const data = { workspaceId: stored.id, memberId: actor.memberId, workspace: stored as unknown as Value };
    await tx.append(workspaceRecordStream(stored.id), [eventOf(now, actor, 'workspace.changed', data)]);
    return disputes;
  });
}
