import type { Actor } from '#lib/domain/member/member.ts';
import { ACTIONS } from '#lib/policies/actions.ts';
import { may } from '#lib/policies/may.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { Me } from '#lib/protocol/views/views.ts';
import type { App } from '../app.ts';
import { unreadCount } from './notifications.ts';
import { cardOf, membersOf } from './members.ts';

/** Who I am, what my role may do, and what every screen needs of the workspace. */
export async function me(app: App, actor: Actor): Promise<Me> {
  const [workspace, all, unread] = await Promise.all([
    app.workspace(actor.workspaceId),
    membersOf(app, actor.workspaceId),
    may(actor, 'notification.read') ? unreadCount(app, actor) : 0,
  ]);
  const self = all.find((member) => member.id === actor.memberId);
  if (self === undefined) throw new AppError('unauthenticated');
  const today = app.clock.today(workspace.timeZone);
  return {
    member: {
      ...cardOf(self, today),
      email: self.email,
      locale: self.locale,
      scope: self.scope,
      absence: self.absence,
    },
    actions: ACTIONS.filter((action) => may(actor, action)),
    workspace: {
      id: workspace.id,
      name: workspace.name,
      demo: workspace.demo,
      currency: workspace.currency,
      timeZone: workspace.timeZone,
      entities: workspace.entities,
      disputes: workspace.settings.disputes,
    },
    today,
    fixedToday: app.config.fixedToday !== null,
    members: all.map((member) => cardOf(member, today)),
    owners: actor.owners,
    departments: actor.departments,
    unread,
  };
}
