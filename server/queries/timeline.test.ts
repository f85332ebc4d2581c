import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Audience } from '#lib/domain/thread/audience.ts';
import { AUDIENCES } from '#lib/domain/thread/audience.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import { eventOf } from '#server/services/account-event.ts';
import { nowIn } from '#server/services/command.ts';
import { buildApp, type TestApp } from '../../test/support/app.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from '../../test/support/factories.ts';
import { accountTimeline } from './timeline.ts';

let app: TestApp;
let workspace: Workspace;
let accountId: Id;

beforeEach(async () => {
  app = await buildApp();
  workspace = await buildWorkspace(app);
  accountId = (await buildAccount(app, workspace)).id;
});
afterEach(() => app.close());

async function say(audience: Audience, text: string): Promise<void> {
  app.clock.advance(1_000);
  const now = await nowIn(app, workspace.id);
  await app.store
    .workspace(workspace.id)
    .transaction((tx) =>
      tx.append(accountStream(accountId, audience), [
        eventOf(now, { memberId: 'm1' }, 'message.posted', { audience }, { text }),
      ]),
    );
}

async function pages(actor: Actor, limit: number): Promise<string[]> {
  const said: string[] = [];
  let before: string | null = null;
  for (let page = 0; page < 20; page += 1) {
    const { events, next } = await accountTimeline(app, actor, { id: accountId, before, limit });
    said.push(...events.map((event) => String(event.personal?.text ?? event.name)));
    if (next === null) return said;
    before = next;
  }
  throw new Error('no end');
}

describe('the timeline of an account', () => {
  it('merges the audiences that its reader may read, newest first, over pages', async () => {
    const person = async (given: Parameters<typeof buildMember>[2]): Promise<Actor> =>
      actorFor(await buildMember(app, workspace, given));
    for (let round = 0; round < 3; round += 1)
      for (const audience of AUDIENCES) await say(audience, `${audience}-${round}`);
    const whole = [2, 1, 0].flatMap((round) => AUDIENCES.toReversed().map((audience) => `${audience}-${round}`));
    const collector = await person({});
    expect(await pages(collector, 5)).toEqual([...whole, 'account.created']);
    for (const role of ['sales', 'quality', 'adv', 'admin'] as const) {
      const reader = await person({ role });
      const open = whole.filter((text) => !text.startsWith('credit'));
      // Page by page they get as many as anybody: nothing tells that something lies between.
      for (const limit of [3, 4, 50]) expect(await pages(reader, limit)).toEqual([...open, 'account.created']);
    }
  });
});
