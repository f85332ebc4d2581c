import { ASKING_KINDS, type Mail, type MailPace, type Notification } from '#lib/domain/notification/notification.ts';
import { dayIn } from '#lib/domain/calendar/calendar.ts';
import type { Id, Instant } from '#lib/domain/values.ts';
import type { App } from '../../app.ts';
import { newId } from '../../store/id.ts';
import { mails, notifications } from '../../store/kinds/disputes.ts';
import type { WorkspaceStore } from '../../store/port.ts';
import { colleaguesOf, type Colleagues } from '../colleagues.ts';
import { command, NO_META } from '../command.ts';
import { holdJob } from '../job-lease.ts';
import { judgeNotifications } from '../notifications/access-notifications.ts';
import { settingsOf } from '../notifications/settings.ts';
import { systemActor } from '../system.ts';
import { composeMail, namesIn } from './compose-mail.ts';

/** Who reads it on a screen meanwhile needs no mail; what comes in a row goes together. */
export const MAIL_WAIT_MS = 120_000;
/** Told by the clocks of several machines, and by transactions that took their time. */
const OVERLAP_MS = 600_000;
const DAILY_HOUR = 8;
const MINUTE = 60_000;
const PAGE = 500;
const AT_ONCE = 200;

/**
 * Makes mails of the notifications that ask something, two minutes after they came unless they were read meanwhile; and,
 * once a day from eight o'clock of the workspace on, of all that is unread for those who want it so.
 *
 * @returns how many mails were made
 */
export async function makeMails(app: App, workspaceId: Id, stopping: () => boolean): Promise<number> {
  const done = await holdJob(app, workspaceId, 'mails', MINUTE);
  if (done === null) return 0;
  const until = new Date(app.clock.ms() - MAIL_WAIT_MS).toISOString();
  let made = 0;
  if (done < until) {
    const from = new Date(done === '' ? 0 : Date.parse(done) - OVERLAP_MS).toISOString();
    const asks = (one: Notification): boolean => !one.read && ASKING_KINDS.includes(one.kind);
    const fresh = await unmailed(app.store.workspace(workspaceId), { from, until }, asks);
    made += await mailEach(app, workspaceId, fresh, 'instant', stopping);
    if (!stopping()) await holdJob(app, workspaceId, 'mails', MINUTE, until);
  }
  const day = await dailyDue(app, workspaceId);
  if (day === null || stopping()) return made;
  const all = await unmailed(app.store.workspace(workspaceId), { from: new Date(0).toISOString(), until }, () => true);
  made += await mailEach(app, workspaceId, all, 'daily', stopping);
  if (!stopping()) await holdJob(app, workspaceId, 'mails-daily', MINUTE, day);
  return made;
}

/** Notifications of which no mail was made, by member, the oldest first. */
async function unmailed(
  store: WorkspaceStore,
  { from, until }: { from: Instant; until: Instant },
  wanted: (one: Notification) => boolean,
): Promise<Map<Id, Notification[]>> {
  const found = new Map<Id, Notification[]>();
  for (let after: string | null = null; ;) {
    const filter = { mailed: false, at: { $gt: from, $lte: until } };
    const page: { docs: Notification[]; next: string | null } = await store
      .docs(notifications)
      .find(filter, { sort: ['at'], limit: PAGE, after });
    for (const one of page.docs) if (wanted(one)) found.set(one.memberId, [...(found.get(one.memberId) ?? []), one]);
    if (page.next === null) return found;
    after = page.next;
  }
}

/** The day whose mails are due now; null when they were made already or it is too early. The machine's own day. */
async function dailyDue(app: App, workspaceId: Id): Promise<string | null> {
  const { timeZone } = await app.workspace(workspaceId);
  const day = dayIn(timeZone, app.clock.ms());
  const hour = Number(
    new Intl.DateTimeFormat('en-GB', { hour: '2-digit', hourCycle: 'h23', timeZone }).format(app.clock.ms()),
  );
  if (hour < DAILY_HOUR) return null;
  const last = await holdJob(app, workspaceId, 'mails-daily', MINUTE);
  return last === null || last >= day ? null : day;
}

async function mailEach(
  app: App,
  workspaceId: Id,
  byMember: ReadonlyMap<Id, Notification[]>,
  pace: Exclude<MailPace, 'off'>,
  stopping: () => boolean,
): Promise<number> {
  if (byMember.size === 0) return 0;
  const colleagues = await colleaguesOf(app, workspaceId);
  let made = 0;
  for (const [memberId, list] of byMember) {
    if (stopping()) return made;
    if (await mailOne(app, workspaceId, colleagues, memberId, list, pace)) made += 1;
  }
  return made;
}

/** One member's mail, with what it is made of marked in the same transaction. */
async function mailOne(
  app: App,
  workspaceId: Id,
  colleagues: Colleagues,
  memberId: Id,
  list: readonly Notification[],
  pace: Exclude<MailPace, 'off'>,
): Promise<boolean> {
  const ids = list.map((one) => one.id);
  const asked = { name: 'mail.make', input: { ids } };
  return command(app, systemActor(workspaceId), NO_META, asked, async (tx, now) => {
    const { mails: wanted } = await settingsOf(tx, memberId);
    // Whoever wants one mail a day is not told at once; the rest of an instant reader's is settled once a day.
    if (pace === 'instant' && wanted === 'daily') return false;
    const found: Notification[] = [];
    for (let at = 0; at < ids.length; at += AT_ONCE)
      found.push(...(await tx.docs(notifications).getMany(ids.slice(at, at + AT_ONCE))));
    const waiting = found.filter((one) => !one.mailed);
    for (let at = 0; at < waiting.length; at += AT_ONCE)
      await tx
        .docs(notifications)
        .replaceMany(waiting.slice(at, at + AT_ONCE).map((one) => ({ ...one, mailed: true })));
    const member = colleagues.member(memberId);
    const actor = colleagues.actor(memberId);
    if (member === null || actor === null || wanted !== pace) return false;
    const rows = await judgeNotifications(tx, actor, waiting.filter((one) => !one.read).toReversed());
    if (rows.length === 0) return false;
    const names = namesIn(rows, colleagues);
    const sending = app.config.smtpUrl !== null;
    const mail: Mail = {
      id: newId(now.ms),
      version: 1,
      memberId,
      notificationIds: rows.map(({ notification }) => notification.id),
      audiences: [...new Set(rows.map(({ notification }) => notification.audience).filter((one) => one !== null))],
      to: member.email,
      ...composeMail(member, rows, names, siteOf(app), pace === 'daily'),
      daily: pace === 'daily',
      state: sending ? 'waiting' : 'kept',
      createdAt: now.at,
      sentAt: null,
      tries: 0,
      nextTryAt: now.at,
      error: null,
    };
    await tx.docs(mails).insert(mail);
    return true;
  });
}

/** Where the links of mails lead. */
export function siteOf(app: App): string {
  const { origin, host, port } = app.config;
  return origin ?? `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
