import { createTransport, type Transporter } from 'nodemailer';
import type { Mail } from '#lib/domain/notification/notification.ts';
import type { Id } from '#lib/domain/values.ts';
import type { App } from '../../app.ts';
import { mails, notifications } from '../../store/kinds/disputes.ts';
import { VersionConflict } from '../../store/port.ts';
import { colleaguesOf, type Colleagues } from '../colleagues.ts';
import { holdJob } from '../job-lease.ts';
import { judgeNotifications } from '../notifications/access-notifications.ts';
import { composeMail, namesIn } from './compose-mail.ts';
import { siteOf } from './make-mails.ts';

const MINUTE = 60_000;
const AT_ONCE = 50;
const MAX_TRIES = 12;
const LONGEST_MS = 6 * 3_600_000;
const CONNECT_MS = 10_000;
const ANSWER_MS = 20_000;

const transports = new WeakMap<App, Transporter>();

function transportOf(app: App, url: string): Transporter {
  const known = transports.get(app);
  if (known !== undefined) return known;
  const transport = createTransport({
    url,
    connectionTimeout: CONNECT_MS,
    greetingTimeout: CONNECT_MS,
    socketTimeout: ANSWER_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  transports.set(app, transport);
  return transport;
}

/**
 * Sends the mails whose turn has come. What each tells is judged and written anew just before it leaves. One that is not
 * taken is tried again after 1, 2, 4… minutes, at most twelve times; one that is refused for good is not.
 *
 * @returns how many left
 */
export async function sendMails(app: App, workspaceId: Id, stopping: () => boolean): Promise<number> {
  const { smtpUrl } = app.config;
  if (smtpUrl === null || (await holdJob(app, workspaceId, 'mails-out', MINUTE)) === null) return 0;
  const store = app.store.workspace(workspaceId);
  const due = { state: 'waiting', nextTryAt: { $lte: app.clock.now() } };
  const page = await store.docs(mails).find(due, { sort: ['nextTryAt'], limit: AT_ONCE });
  if (page.docs.length === 0) return 0;
  const colleagues = await colleaguesOf(app, workspaceId);
  let sent = 0;
  for (const mail of page.docs) {
    if (stopping() || (await holdJob(app, workspaceId, 'mails-out', MINUTE)) === null) break;
    const tried = await trySending(app, workspaceId, colleagues, mail, smtpUrl);
    if (tried.state === 'sent') sent += 1;
    await store
      .transaction((tx) => tx.docs(mails).replace(tried))
      .catch((error: unknown) => {
        if (!(error instanceof VersionConflict)) throw error;
      });
  }
  return sent;
}

async function trySending(
  app: App,
  workspaceId: Id,
  colleagues: Colleagues,
  mail: Mail,
  smtpUrl: string,
): Promise<Mail> {
  const store = app.store.workspace(workspaceId);
  const member = colleagues.member(mail.memberId);
  const actor = colleagues.actor(mail.memberId);
  const told = await store.docs(notifications).getMany(mail.notificationIds);
  const rows = actor === null ? [] : await judgeNotifications(store, actor, told);
  if (member === null || rows.length === 0)
    return { ...mail, state: 'failed', subject: '', text: '', error: 'not_theirs_any_more' };
  const names = namesIn(rows, colleagues);
  const fresh = { ...mail, ...composeMail(member, rows, names, siteOf(app), mail.daily), to: member.email };
  const tries = mail.tries + 1;
  try {
    await transportOf(app, smtpUrl).sendMail({
      from: app.config.mailFrom,
      to: { name: member.name, address: fresh.to },
      subject: fresh.subject,
      text: fresh.text,
      // The same for every try: a mail that was taken although its answer was lost comes once.
      messageId: `<${mail.id}@encours>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
    return { ...fresh, state: 'sent', sentAt: app.clock.now(), tries, error: null };
  } catch (error) {
    const { code, responseCode } = error as { code?: unknown; responseCode?: unknown };
    const refused = typeof responseCode === 'number' && responseCode >= 500 && code !== 'EAUTH';
    const name = typeof code === 'string' ? code : 'unknown';
    const given = refused || tries >= MAX_TRIES;
    app.log.warn({ mailId: mail.id, code: name, responseCode, tries }, 'a mail was not taken');
    const pause = Math.min(MINUTE * 2 ** mail.tries, LONGEST_MS);
    const nextTryAt = new Date(app.clock.ms() + pause).toISOString();
    return { ...fresh, state: given ? 'failed' : 'waiting', tries, nextTryAt, error: name };
  }
}
