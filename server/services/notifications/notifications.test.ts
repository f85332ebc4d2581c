import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Actor, Member } from '#lib/domain/member/member.ts';
import type { Message } from '#lib/domain/thread/thread.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { memberStream } from '#lib/protocol/streams.ts';
import { inbox } from '#server/queries/inbox.ts';
import { notificationList, notificationSettings, unreadCount } from '#server/queries/notifications.ts';
import { disputes, messages, threadMarks, threads } from '#server/store/kinds/disputes.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import { buildDispute, buildMessage } from '../../../test/support/dispute-records.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from '../../../test/support/factories.ts';
import { NO_META, nowIn } from '../command.ts';
import { notify, type Notice } from '../notices.ts';
import { readNotifications, readOfThread } from './read-notifications.ts';
import { changeNotificationSettings } from './settings.ts';

let app: TestApp;
let workspace: Workspace;
let ana: Actor;
let seller: Member;
let sam: Actor;
let dispute: Dispute;

beforeEach(async () => {
  app = await buildApp();
  workspace = await buildWorkspace(app);
  ana = actorFor(await buildMember(app, workspace, { name: 'Ana' }));
  seller = await buildMember(app, workspace, { role: 'sales', departments: ['sales'], scope: 'portfolio' });
  sam = actorFor(seller);
  const account = await buildAccount(app, workspace, { salesRepId: seller.id });
  dispute = buildDispute(account, { department: 'sales' });
  await store().transaction((tx) => tx.docs(disputes).insert(dispute));
});
afterEach(() => app.close());

const store = () => app.store.workspace(workspace.id);
const account = () => ({ id: dispute.accountId, number: dispute.accountNumber, name: dispute.accountName });
const tell = async (notice: Partial<Notice> = {}, to: Actor = sam): Promise<void> => {
  const now = await nowIn(app, workspace.id);
  const usual = { kind: 'message.posted', account: account(), disputeId: dispute.id } as const;
  await store().transaction((tx) => notify(tx, now, ana, [to.memberId], { ...usual, ...notice }));
};
const say = async (given: Partial<Message>): Promise<Message> => {
  const message = buildMessage(dispute, ana.memberId, given);
  await store().transaction((tx) => tx.docs(messages).insert(message));
  await tell({ messageId: message.id, audience: message.audience });
  return message;
};
const list = (actor: Actor = sam, unread = false) => notificationList(app, actor, { unread, limit: 50, after: null });

describe('notifications', () => {
  it('say what they point at, with the rights of this moment', async () => {
    await say({ text: 'Deux palettes manquent' });
    expect((await list()).notifications).toMatchObject([
      { kind: 'message.posted', byName: 'Ana', dispute: { number: dispute.number }, excerpt: 'Deux palettes manquent' },
    ]);
    const elsewhere: Actor = { ...sam, rights: ['rep:somebody-else'] };
    expect(await list(elsewhere)).toMatchObject({ notifications: [], unread: 0 });
    expect(await list({ ...sam, allowedActions: ['notification.read'] })).toMatchObject({ notifications: [] });
  });

  it('of a dispute stay with the department that owned it, when the account is out of its sight again', async () => {
    await tell({ kind: 'dispute.resolved' });
    const team: Actor = { ...sam, role: 'quality', rights: ['dept:sales'] };
    expect((await list(team)).notifications).toMatchObject([{ dispute: { id: dispute.id } }]);
    app.clock.advance(1_000);
    await tell({ kind: 'case.handed_over', disputeId: null });
    expect((await list(team)).notifications).toMatchObject([{ account: null }, { dispute: { id: dispute.id } }]);
  });

  it('of a thread of the credit team are not there for others, nor counted', async () => {
    await say({ audience: 'credit', text: 'canari' });
    expect(JSON.stringify(await list())).not.toContain('canari');
    expect(await list()).toMatchObject({ notifications: [], unread: 0 });
    expect(await unreadCount(app, { ...sam, role: 'collector' })).toBe(1);
  });

  it('of a message that was deleted stay without its words', async () => {
    const message = await say({ text: 'à oublier' });
    await store().transaction((tx) =>
      tx.docs(messages).replace({ ...message, state: 'deleted', body: null, text: '' }),
    );
    expect((await list()).notifications).toMatchObject([{ messageId: message.id, excerpt: null }]);
  });

  it('say that a case was taken away without naming it to who may not see it', async () => {
    await tell({ kind: 'case.reassigned', disputeId: null, data: { change: 'lost' } });
    const page = await list({ ...sam, rights: ['rep:somebody-else'] });
    expect(page.notifications).toMatchObject([{ kind: 'case.reassigned', account: null, data: { change: 'lost' } }]);
    expect(JSON.stringify(page)).not.toContain(dispute.accountName);
  });

  it('come the newest first, page by page, unread apart', async () => {
    for (let at = 0; at < 3; at += 1) {
      app.clock.advance(1_000);
      await tell({ data: { at } });
    }
    const first = await notificationList(app, sam, { unread: true, limit: 2, after: null });
    expect(first.notifications.map((one) => one.data['at'])).toEqual([2, 1]);
    const rest = await notificationList(app, sam, { unread: true, limit: 2, after: first.next });
    expect(rest.notifications.map((one) => one.data['at'])).toEqual([0]);
    expect([rest.next, rest.unread]).toEqual([null, 3]);
  });
});

describe('reading', () => {
  it('marks one’s own only, once, and says so on one’s stream', async () => {
    await tell();
    await tell({}, { ...ana, memberId: 'somebody-else' });
    const mine = (await list()).notifications[0]?.id ?? '';
    expect(await readNotifications(app, ana, { ids: [mine] }, NO_META)).toEqual({ read: 0 });
    expect(await readNotifications(app, sam, { ids: [mine, 'unknown'] }, NO_META)).toEqual({ read: 1 });
    expect(await readNotifications(app, sam, { ids: [mine] }, NO_META)).toEqual({ read: 0 });
    const events = await store().journal.read(memberStream(sam.memberId), 0, 10);
    expect(events.at(-1)).toMatchObject({ name: 'notice.read', data: { ids: [mine] } });
    expect(await list()).toMatchObject({ unread: 0, notifications: [{ read: true }] });
  });

  it('marks all of them at once, however many', async () => {
    const now = await nowIn(app, workspace.id);
    await store().transaction(async (tx) => {
      for (let at = 0; at < 250; at += 1) await notify(tx, now, ana, [sam.memberId], { kind: 'message.posted' });
    });
    expect(await readNotifications(app, sam, { ids: [] }, NO_META)).toEqual({ read: 250 });
    expect(await unreadCount(app, sam)).toBe(0);
  });

  it('a thread reads what was told of it, not what was told of another audience', async () => {
    await say({ text: 'un' });
    await say({ audience: 'customer', text: 'deux' });
    await tell({ kind: 'dispute.assigned' });
    const now = await nowIn(app, workspace.id);
    await store().transaction((tx) => readOfThread(tx, now, sam, dispute.id, 'internal'));
    const unread = (await list(sam, true)).notifications;
    expect(unread.map((one) => [one.kind, one.audience]).sort()).toEqual([
      ['dispute.assigned', null],
      ['message.posted', 'customer'],
    ]);
  });
});

describe('the inbox', () => {
  const follow = async (audience: 'internal' | 'credit', lastSeq: number, readSeq: number): Promise<void> => {
    const id = `${dispute.id}:${audience}`;
    const common = { version: 1, disputeId: dispute.id, accountId: dispute.accountId, audience };
    await store().transaction(async (tx) => {
      await tx.docs(threads).insert({ ...common, id, lastSeq, lastAt: app.clock.now(), lastAuthorId: ana.memberId });
      const mark = { ...common, memberId: sam.memberId, following: true, readSeq };
      await tx.docs(threadMarks).insert({ ...mark, id: `${sam.memberId}:${id}` });
    });
  };

  it('counts what was not read in the threads that one follows and may read', async () => {
    await follow('internal', 5, 2);
    await follow('credit', 9, 0);
    expect((await inbox(app, sam)).threads).toMatchObject([{ audience: 'internal', unread: 3, lastSeq: 5 }]);
    expect((await inbox(app, { ...sam, rights: [] })).threads).toEqual([]);
  });

  it('shows resolutions that wait for a second person, but not to who proposed them', async () => {
    const boss = actorFor(await buildMember(app, workspace, { role: 'manager' }));
    const resolution = {
      creditNoteCents: 1_000,
      rejectedCents: 0,
      paidCents: 0,
      replacementCents: 0,
      writeOffCents: 0,
      withdrawnCents: 0,
    };
    const approval = { resolution, askedBy: ana.memberId, askedOn: dispute.openedOn, answer: null };
    await store().transaction((tx) => tx.docs(disputes).replace({ ...dispute, approval }));
    await tell({ kind: 'dispute.approval_asked' }, boss);
    expect((await inbox(app, boss)).approvals).toMatchObject([{ dispute: { id: dispute.id }, approval }]);
    await store().transaction(async (tx) => {
      const stored = await tx.docs(disputes).get(dispute.id);
      if (stored !== null)
        await tx.docs(disputes).replace({ ...stored, approval: { ...approval, askedBy: boss.memberId } });
    });
    expect((await inbox(app, boss)).approvals).toEqual([]);
  });
});

describe('being told by mail', () => {
  it('is at once unless chosen otherwise', async () => {
    expect(await notificationSettings(app, sam)).toEqual({ mails: 'instant' });
    await changeNotificationSettings(app, sam, { mails: 'daily' }, NO_META);
    await changeNotificationSettings(app, sam, { mails: 'off' }, NO_META);
    expect(await notificationSettings(app, sam)).toEqual({ mails: 'off' });
    expect(await notificationSettings(app, ana)).toEqual({ mails: 'instant' });
  });
});
