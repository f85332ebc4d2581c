import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { memberStream } from '#lib/protocol/streams.ts';
import { notifications } from '#server/store/kinds/disputes.ts';
import { buildApp, type TestApp } from '../../test/support/app.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from '../../test/support/factories.ts';
import { nowIn } from './command.ts';
import { notify, notifyAndStandIns, type Notice } from './notices.ts';

let app: TestApp;
let workspace: Workspace;
let ana: Actor;
let sam: Actor;

beforeEach(async () => {
  app = await buildApp();
  workspace = await buildWorkspace(app);
  ana = actorFor(await buildMember(app, workspace));
  sam = actorFor(await buildMember(app, workspace));
});
afterEach(() => app.close());

const store = () => app.store.workspace(workspace.id);
const tell = async (memberIds: (string | null)[], notice: Notice): Promise<void> => {
  const now = await nowIn(app, workspace.id);
  await store().transaction((tx) => notify(tx, now, ana, memberIds, notice));
};

it('writes one notification and one event per member, never for oneself, nobody or the system', async () => {
  const account = await buildAccount(app, workspace);
  await tell([sam.memberId, ana.memberId, null, sam.memberId, 'system', 'none'], {
    kind: 'message.posted',
    account,
    disputeId: 'd1',
    messageId: 'm1',
    audience: 'credit',
  });
  const found = (await store().docs(notifications).find({})).docs;
  expect(found).toMatchObject([
    {
      memberId: sam.memberId,
      kind: 'message.posted',
      by: ana.memberId,
      read: false,
      mailed: false,
      audience: 'credit',
    },
  ]);
  const events = await store().journal.read(memberStream(sam.memberId), 0, 10);
  expect(events).toMatchObject([
    { name: 'notice.posted', data: { notificationId: found[0]?.id, disputeId: 'd1', messageId: 'm1' }, personal: null },
  ]);
  expect(JSON.stringify([found, events])).not.toContain(account.name);
  expect(await store().journal.read(memberStream(ana.memberId), 0, 10)).toEqual([]);
});

it('[OWN-3] what asks something of somebody away is told to whoever stands for them too, if they may know of it', async () => {
  const now = await nowIn(app, workspace.id);
  const team = [sam.memberId, 'b', 'c'];
  const away: { [id: string]: string } = { [sam.memberId]: 'c', b: 'c', d: ana.memberId };
  const colleagues = { standIn: (id: string) => away[id] ?? null };
  const told = async (memberIds: string[], notice: Notice, reads = true) => {
    await store().transaction((tx) =>
      notifyAndStandIns(tx, now, ana, memberIds, notice, { colleagues, reads: () => reads }),
    );
    const { docs } = await store().docs(notifications).find({});
    await store().transaction(async (tx) => {
      for (const one of docs) await tx.docs(notifications).remove(one.id, one.version);
    });
    return docs.map(({ memberId, data }) => [memberId, data['insteadOf'] ?? null]).sort();
  };
  expect(await told([sam.memberId, 'b'], { kind: 'message.mentioned' })).toEqual(
    [
      [sam.memberId, null],
      ['b', null],
      ['c', sam.memberId],
    ].sort(),
  );
  expect(await told(team, { kind: 'task.created' })).toEqual(team.map((id) => [id, null]).sort());
  expect(await told(['b'], { kind: 'message.posted' })).toEqual([['b', null]]);
  expect(await told(['b'], { kind: 'message.mentioned' }, false)).toEqual([['b', null]]);
  expect(await told(['d'], { kind: 'message.mentioned' })).toEqual([['d', null]]);
});

it('names the account once to whoever loses it', async () => {
  const account = await buildAccount(app, workspace);
  await tell([sam.memberId], { kind: 'case.reassigned', account, data: { change: 'lost' }, reason: 'Congés' });
  const [event] = await store().journal.read(memberStream(sam.memberId), 0, 10);
  expect(event).toMatchObject({ data: { change: 'lost' }, personal: { name: account.name, reason: 'Congés' } });
  expect(JSON.stringify((await store().docs(notifications).find({})).docs)).not.toContain('Congés');
});
