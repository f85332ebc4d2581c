import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DISPUTE_DEFAULTS } from '#lib/domain/dispute/dispute.ts';
import { departmentOf } from '#lib/domain/dispute/reasons.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import { actorFor, buildMember, buildWorkspace } from '../../../test/support/factories.ts';
import { operationOf } from '../../api/operations.ts';
import { runOperation } from '../../api/run.ts';
import { NO_META } from '../command.ts';
import { workspaces } from '../../store/kinds/installation.ts';

let app: TestApp;
beforeEach(async () => {
  app = await buildApp();
});
afterEach(() => app.close());

const { departments: _, ...NUMBERS } = DISPUTE_DEFAULTS;

describe('[DIS-2] rules of disputes that a workspace sets', () => {
  it('keeps what differs from the usual, and only that', async () => {
    const workspace = await buildWorkspace(app);
    const boss = actorFor(await buildMember(app, workspace, { role: 'manager' }));
    const change = (departments: object, more: object = {}) =>
      runOperation(app, boss, operationOf('dispute.change_settings'), { ...NUMBERS, ...more, departments }, NO_META);
    await change({ price: 'adv', quality: 'quality' }, { creditNoteLimitCents: 100_000, answerDays: 3 });
    const stored = (await app.store.installation.docs(workspaces).get(workspace.id))?.settings.disputes;
    expect(stored).toEqual({
      ...DISPUTE_DEFAULTS,
      departments: { price: 'adv' },
      creditNoteLimitCents: 100_000,
      answerDays: 3,
    });
    if (stored !== undefined) expect(departmentOf('price', stored)).toBe('adv');
    await change({ price: 'sales' });
    expect((await app.store.installation.docs(workspaces).get(workspace.id))?.settings.disputes).toEqual(
      DISPUTE_DEFAULTS,
    );
    await expect(change({ price: 'nobody' })).rejects.toMatchObject({ code: 'validation_failed' });
    await expect(change({}, { answerDays: 0 })).rejects.toMatchObject({ code: 'validation_failed' });
    const collector = actorFor(await buildMember(app, workspace, { role: 'collector' }));
    await expect(
      runOperation(app, collector, operationOf('dispute.change_settings'), { ...NUMBERS, departments: {} }, NO_META),
    ).rejects.toMatchObject({ code: 'forbidden' });
  });
});
