import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor, Member } from '#lib/domain/member/member.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import { NO_META } from '#server/services/command.ts';
import { cases, leases, queueRows } from '#server/store/kinds/workspace.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from '../../../test/support/factories.ts';
import { changeMember } from '../members/change-member.ts';
import { claimCase } from './claim-case.ts';
import { sweepLeases } from './sweep-leases.ts';

let app: TestApp;
let workspace: Workspace;
let manager: Actor;
let ana: Member;

beforeEach(async () => {
  app = await buildApp();
  workspace = await buildWorkspace(app);
  manager = actorFor(await buildMember(app, workspace, { role: 'manager' }));
  ana = await buildMember(app, workspace, { name: 'Ana', role: 'collector', scope: 'all' });
});
afterEach(() => app.close());

async function claimed(): Promise<string> {
  const account = await buildAccount(app, workspace, { openItems: [{ cents: 100_000, dueDay: '2026-02-01' }] });
  await claimCase(app, actorFor(ana), { id: account.id }, NO_META);
  return account.id;
}

async function lastEvent(id: string) {
  const events = await app.store.workspace(workspace.id).journal.read(accountStream(id), 0, 100);
  return events.at(-1);
}

describe('sweepLeases', () => {
  it('leaves the claim of whoever keeps the right to it', async () => {
    const id = await claimed();
    expect(await sweepLeases(app, workspace.id)).toBe(0);
    expect((await app.store.workspace(workspace.id).docs(cases).get(id))?.claimedBy).toBe(ana.id);
  });

  it.each([
    ['was disabled', { state: 'disabled' }],
    ['sees only a portfolio now', { scope: 'portfolio' }],
    ['does not chase any more', { role: 'finance' }],
  ] as const)('[CLM] ends the claim of a holder who %s', async (_why, change) => {
    const id = await claimed();
    await changeMember(app, manager, { id: ana.id, ...change }, NO_META);
    expect(await sweepLeases(app, workspace.id)).toBe(1);
    const store = app.store.workspace(workspace.id);
    expect((await store.docs(cases).get(id))?.claimedBy).toBeNull();
    expect((await store.docs(queueRows).get(id))?.claimedBy).toBe('none');
    expect(await store.docs(leases).get(id)).toBeNull();
    expect(await lastEvent(id)).toMatchObject({
      name: 'case.released',
      data: { holderId: ana.id, cause: 'rights_lost', records: { case: { claimedBy: null } } },
    });
    expect(await sweepLeases(app, workspace.id)).toBe(0);
  });
});
