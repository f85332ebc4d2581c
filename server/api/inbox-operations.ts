import * as v from 'valibot';
import * as input from '#lib/protocol/commands/inbox.ts';
import { inbox } from '../queries/inbox.ts';
import { mailList } from '../queries/mails.ts';
import { notificationList, notificationSettings } from '../queries/notifications.ts';
import { viewList } from '../queries/views.ts';
import { readNotifications } from '../services/notifications/read-notifications.ts';
import { changeNotificationSettings } from '../services/notifications/settings.ts';
import { changeView, removeView, saveView } from '../services/views/manage-views.ts';
import { command, query, type Operation } from './operation.ts';

/** What waits for somebody and how they hear of it. */
export const INBOX_OPERATIONS: Operation[] = [
  query(
    {
      id: 'inbox.read',
      path: '/inbox',
      summary: 'What waits for me: tasks, approvals, threads that I follow.',
      action: 'task.read',
      input: v.object({}),
    },
    (app, actor) => inbox(app, actor),
  ),
  query(
    {
      id: 'notification.list',
      path: '/notifications',
      summary: 'What I was told, the newest first, as far as I may see it now.',
      action: 'notification.read',
      input: input.notificationListInput,
    },
    notificationList,
  ),
  command(
    {
      id: 'notification.read',
      method: 'POST',
      path: '/notifications/read',
      summary: 'Mark notifications as read; without ids, all of them.',
      action: 'notification.read',
      input: input.readNotificationsInput,
    },
    readNotifications,
  ),
  query(
    {
      id: 'notification.settings',
      path: '/notifications/settings',
      summary: 'How I am told by mail.',
      action: 'notification.read',
      input: v.object({}),
    },
    (app, actor) => notificationSettings(app, actor),
  ),
  command(
    {
      id: 'notification.change',
      method: 'PATCH',
      path: '/notifications/settings',
      summary: 'Choose how I am told by mail: at once, once a day, or not.',
      action: 'notification.read',
      input: input.notificationSettingsInput,
    },
    changeNotificationSettings,
  ),
  query(
    {
      id: 'mail.list',
      path: '/mails',
      summary: 'Mails that Encours made: sent, waiting, or kept to be read.',
      action: 'mail.read',
      input: input.mailListInput,
    },
    mailList,
  ),
  query(
    {
      id: 'view.list',
      path: '/views',
      summary: 'Saved views of a screen: mine and the team’s, with what each finds now.',
      action: 'view.save',
      input: input.viewListInput,
    },
    viewList,
  ),
  command(
    {
      id: 'view.save',
      method: 'POST',
      path: '/views',
      summary: 'Keep filters and sort under a name, for me or for the team.',
      action: 'view.save',
      status: 201,
      input: input.saveViewInput,
    },
    saveView,
  ),
  command(
    {
      id: 'view.change',
      method: 'PATCH',
      path: '/views/{id}',
      summary: 'Rename a saved view or give it other filters.',
      action: 'view.save',
      versioned: true,
      input: input.changeViewInput,
    },
    changeView,
  ),
  command(
    {
      id: 'view.remove',
      method: 'DELETE',
      path: '/views/{id}',
      summary: 'Remove a saved view.',
      action: 'view.save',
      input: input.removeViewInput,
    },
    removeView,
  ),
];
