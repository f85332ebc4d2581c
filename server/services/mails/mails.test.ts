import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Actor, Member } from '#lib/domain/member/member.ts';
import type { Mail, MailPace } from '#lib/domain/notification/notification.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { mailList } from '#server/queries/mails.ts';
import { disputes, mails, messages, notifications } from '#server/store/kinds/disputes.ts';
import { accounts } from '#server/store/kinds/workspace.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import { buildDispute, buildMessage } from '../../../test/support/dispute-records.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from '../../../test/support/factories.ts';
import { startSmtp, type SmtpServer } from '../../../test/support/smtp.ts';
import { NO_META, nowIn } from '../command.ts';
import { notify, type Notice } from '../notices.ts';
import { readNotifications } from '../notifications/read-notifications.ts';
import { changeNotificationSettings } from '../notifications/settings.ts';
import { makeMails, MAIL_WAIT_MS } from './make-mails.ts';
import { sendMails } from './send-mails.ts';

let app: TestApp;
let workspace: Workspace;
let ana: Actor;
let seller: Member;
let sam: Actor;
let dispute: Dispute;
let smtp: SmtpServer | null = null;

beforeEach(async () => {
  // four in the morning in Paris
  app = await buildApp({ at: '2026-03-16T03:00:00.000Z' });
  workspace = await buildWorkspace(app);
  ana = actorFor(await buildMember(app, workspace, { name: 'Ana' }));
  seller = await buildMember(app, workspace, {
    name: 'Sam',
    email: 'sam@example.com',
    role: 'sales',
    departments: ['sales'],
    scope: 'portfolio',
    locale: 'en',
  });
  sam = actorFor(seller);
  const account = await buildAccount(app, workspace, { salesRepId: seller.id });
  dispute = buildDispute(account, { number: 12 });
  await store().transaction((tx) => tx.docs(disputes).insert(dispute));
});
afterEach(async () => {
  await smtp?.close();
  smtp = null;
  await app.close();
});

const store = () => app.store.workspace(workspace.id);
const still = () => false;
const make = () => makeMails(app, workspace.id, still);
const send = () => sendMails(app, workspace.id, still);
const kept = async (): Promise<Mail[]> => (await store().docs(mails).find({})).docs;
const tell = async (notice: Partial<Notice> = {}): Promise<void> => {
  const message = buildMessage(dispute, ana.memberId, { text: 'les mots du fil' });
  await store().transaction((tx) => tx.docs(messages).insert(message));
  const account = { id: dispute.accountId, number: dispute.accountNumber, name: dispute.accountName };
  const usual = { kind: 'message.mentioned', account, disputeId: dispute.id } as const;
  const pointers = { messageId: message.id, audience: message.audience };
  const now = await nowIn(app, workspace.id);
  await store().transaction((tx) => notify(tx, now, ana, [sam.memberId], { ...usual, ...pointers, ...notice }));
};
/** The account gets another sales rep. */
const takeAway = async (): Promise<void> => {
  await store().transaction(async (tx) => {
    const account = await tx.docs(accounts).get(dispute.accountId);
    if (account !== null) await tx.docs(accounts).replace({ ...account, access: ['owner:none'] });
    await tx.docs(disputes).replace({ ...dispute, access: ['owner:none'] });
  });
};
const choose = (mailsAt: MailPace) => changeNotificationSettings(app, sam, { mails: mailsAt }, NO_META);
const withSmtp = async (): Promise<SmtpServer> => {
  smtp = await startSmtp();
  app.config.smtpUrl = smtp.url;
  return smtp;
};

describe('making mails', () => {
  it('waits two minutes, puts together what came, and says number, reason, amount, who and link, not the words', async () => {
    await tell();
    app.clock.advance(MAIL_WAIT_MS - 1);
    expect(await make()).toBe(0);
    await tell({ kind: 'dispute.assigned', messageId: null, audience: null });
    app.clock.advance(MAIL_WAIT_MS);
    expect(await make()).toBe(1);
    const [mail] = await kept();
    expect(mail).toMatchObject({ to: 'sam@example.com', state: 'kept', subject: 'Encours: 2 notifications' });
    expect(mail?.text).toContain('Ana mentions you\nDispute 12, Missing delivery, €1,234.00\nhttp://');
    expect(mail?.text).toMatch(new RegExp(`/disputes/${dispute.id}#message-`));
    expect(mail?.text).not.toContain('mots du fil');
    expect(await make()).toBe(0);
    app.clock.advance(MAIL_WAIT_MS);
    expect(await make()).toBe(0);
  });

  it('makes none of what was read meanwhile, of what is only followed, nor for who wants none', async () => {
    await tell();
    await readNotifications(app, sam, { ids: [] }, NO_META);
    await tell({ kind: 'message.posted' });
    app.clock.advance(MAIL_WAIT_MS);
    expect(await make()).toBe(0);
    await choose('off');
    await tell();
    app.clock.advance(MAIL_WAIT_MS);
    expect(await make()).toBe(0);
  });

  it('makes none of what the member may not see any more', async () => {
    await tell();
    await takeAway();
    app.clock.advance(MAIL_WAIT_MS);
    expect(await make()).toBe(0);
    expect(await kept()).toEqual([]);
  });

  it('once a day at eight of the workspace makes one of all that is unread, for who wants it so', async () => {
    await choose('daily');
    await tell();
    await tell({ kind: 'message.posted' });
    app.clock.advance(MAIL_WAIT_MS);
    expect(await make()).toBe(0);
    app.clock.advance(4 * 3_600_000);
    expect(await make()).toBe(1);
    expect((await kept())[0]?.subject).toBe('Encours: 2 notifications since yesterday');
    await tell();
    app.clock.advance(3_600_000);
    expect(await make()).toBe(0);
    app.clock.advance(24 * 3_600_000);
    expect(await make()).toBe(1);
    const left = await store()
      .docs(notifications)
      .find({ mailed: false }, { sort: ['at'] });
    expect(left.docs).toEqual([]);
  });

  it('shows administrators what is kept, but nothing of the credit team’s threads', async () => {
    await tell();
    await tell({ audience: 'credit' });
    const admin = actorFor(await buildMember(app, workspace, { role: 'admin' }));
    app.clock.advance(MAIL_WAIT_MS);
    await make();
    expect((await mailList(app, admin, { limit: 50, after: null })).mails).toHaveLength(1);
    const boss = await buildMember(app, workspace, { role: 'manager', email: 'boss@example.com' });
    const now = await nowIn(app, workspace.id);
    const [message] = (await store().docs(messages).find({}, { limit: 1 })).docs;
    await store().transaction((tx) =>
      notify(tx, now, ana, [boss.id], {
        kind: 'message.mentioned',
        account: { id: dispute.accountId, number: dispute.accountNumber, name: dispute.accountName },
        disputeId: dispute.id,
        messageId: message?.id ?? null,
        audience: 'credit',
      }),
    );
    app.clock.advance(MAIL_WAIT_MS);
    expect(await make()).toBe(1);
    const seen = await mailList(app, admin, { limit: 50, after: null });
    expect(JSON.stringify(seen)).not.toContain('boss@example.com');
  });
});

describe('sending mails', () => {
  it('hands them to the server in UTF-8, once', async () => {
    const server = await withSmtp();
    await tell();
    app.clock.advance(MAIL_WAIT_MS);
    await make();
    expect(await send()).toBe(1);
    expect(await send()).toBe(0);
    expect(server.mails).toMatchObject([{ to: ['sam@example.com'] }]);
    expect(server.mails[0]?.raw).toContain('Dispute 12, Missing delivery, €1,234.00');
    expect((await kept())[0]).toMatchObject({ state: 'sent', tries: 1, error: null });
  });

  it('tries again later what is not taken now, and gives up what is refused for good', async () => {
    const server = await withSmtp();
    await tell();
    app.clock.advance(MAIL_WAIT_MS);
    await make();
    server.refuse = '451 come back later';
    expect(await send()).toBe(0);
    expect((await kept())[0]).toMatchObject({ state: 'waiting', tries: 1, error: 'EENVELOPE' });
    server.refuse = null;
    expect(await send()).toBe(0);
    app.clock.advance(60_000);
    expect(await send()).toBe(1);
    await tell();
    app.clock.advance(MAIL_WAIT_MS);
    await make();
    server.refuse = '550 no such person';
    await send();
    expect((await kept()).at(-1)).toMatchObject({ state: 'failed', tries: 1 });
  });

  it('judges again just before one leaves', async () => {
    const server = await withSmtp();
    await tell();
    app.clock.advance(MAIL_WAIT_MS);
    await make();
    await takeAway();
    expect(await send()).toBe(0);
    expect(server.mails).toEqual([]);
    expect((await kept())[0]).toMatchObject({ state: 'failed', text: '', error: 'not_theirs_any_more' });
  });
});
