import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import { cases, contacts, idempotency } from '#server/store/kinds/workspace.ts';
import { buildApp, type TestApp } from '../../test/support/app.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from '../../test/support/factories.ts';
import { withConflicts } from '../../test/support/flaky.ts';
import { addContact } from './accounts/add-contact.ts';
import { changeContact } from './accounts/change-contact.ts';
import { recordContact } from './accounts/record-contact.ts';
import { claimCase } from './cases/claim-case.ts';
import { finishCase } from './cases/finish-case.ts';
import { postponeCase } from './cases/postpone-case.ts';
import { reassignCase } from './cases/reassign-case.ts';
import { NO_META, type CommandMeta } from './command.ts';
import { completeTask } from './tasks/complete-task.ts';
import { createTask } from './tasks/create-task.ts';

let app: TestApp;
let workspace: Workspace;
let ana: Actor;
let max: Actor;
let accountId: Id;

beforeEach(async () => {
  app = await buildApp();
  workspace = await buildWorkspace(app);
  ana = actorFor(await buildMember(app, workspace, { name: 'Ana' }));
  max = actorFor(await buildMember(app, workspace, { name: 'Max', role: 'manager' }));
  accountId = (await buildAccount(app, workspace, { openItems: [{ cents: 100_000, dueDay: '2026-02-01' }] })).id;
});
afterEach(() => app.close());

const store = () => app.store.workspace(workspace.id);
const withKey = (idempotencyKey: string): CommandMeta => ({ ...NO_META, idempotencyKey });
const person = (name: string) => ({ id: accountId, name, role: null, email: null, phone: null });
const namesOf = async (id: Id): Promise<string[]> =>
  (await store().journal.read(accountStream(id), 0, 100)).map((event) => event.name);

describe('[K3] one idempotency key', () => {
  it('has one effect and one answer, five times at once, with three conflicts injected', async () => {
    const flaky = withConflicts(app, 3);
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => addContact(flaky, ana, person('Zoé'), withKey('key-1'))),
    );
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(await store().docs(contacts).count({ accountId })).toBe(1);
    expect((await namesOf(accountId)).filter((name) => name === 'contact.added')).toHaveLength(1);
  });

  it('answers the same again when the first answer was lost, whatever happened since', async () => {
    const first = await claimCase(app, ana, { id: accountId }, withKey('key-2'));
    app.clock.advance(60_000);
    await finishCase(app, ana, { id: accountId, nextAction: 'call', nextActionOn: '2026-03-20' }, NO_META);
    expect(await claimCase(app, ana, { id: accountId }, withKey('key-2'))).toEqual(first);
    expect((await store().docs(cases).get(accountId))?.claimedBy).toBeNull();
  });

  it('is refused with another input, or for another command', async () => {
    await addContact(app, ana, person('Zoé'), withKey('key-3'));
    await expect(addContact(app, ana, person('Léa'), withKey('key-3'))).rejects.toMatchObject({
      code: 'idempotency_mismatch',
      status: 422,
    });
    await expect(claimCase(app, ana, { id: accountId }, withKey('key-3'))).rejects.toMatchObject({
      code: 'idempotency_mismatch',
    });
    expect(await store().docs(contacts).count({ accountId })).toBe(1);
  });

  it('belongs to its member: another may use the same', async () => {
    await addContact(app, ana, person('Zoé'), withKey('key-4'));
    await addContact(app, max, person('Léa'), withKey('key-4'));
    expect(await store().docs(contacts).count({ accountId })).toBe(2);
  });

  it('is not spent by a refusal, and keeps no personal text', async () => {
    await claimCase(app, ana, { id: accountId }, NO_META);
    await expect(claimCase(app, max, { id: accountId }, withKey('key-5'))).rejects.toMatchObject({
      code: 'already_claimed',
    });
    await addContact(app, max, person('Zoé Personnelle'), withKey('key-5'));
    const kept = await store().docs(idempotency).get(`${max.memberId}:key-5`);
    expect(JSON.stringify(kept)).not.toContain('Personnelle');
  });
});

describe('[K4] a stale version', () => {
  const stale: CommandMeta = { idempotencyKey: null, expectedVersion: 1 };

  it('is refused with the current one by every change of a case', async () => {
    await claimCase(app, ana, { id: accountId }, NO_META);
    const current = (await store().docs(cases).get(accountId))?.version;
    expect(current).toBeGreaterThan(1);
    const refused = { code: 'version_conflict', status: 412, details: { currentVersion: current } };
    const id = accountId;
    await expect(
      finishCase(app, ana, { id, nextAction: 'call', nextActionOn: '2026-03-20' }, stale),
    ).rejects.toMatchObject(refused);
    await expect(
      postponeCase(app, ana, { id, reason: 'Congés', nextActionOn: '2026-03-20', nextAction: null }, stale),
    ).rejects.toMatchObject(refused);
    await expect(reassignCase(app, max, { id, ownerId: ana.memberId, reason: null }, stale)).rejects.toMatchObject(
      refused,
    );
    await expect(
      recordContact(
        app,
        ana,
        {
          id,
          channel: 'call',
          direction: 'made',
          outcome: 'reached',
          contactId: null,
          text: null,
          promise: null,
          nextAction: null,
          nextActionOn: null,
        },
        stale,
      ),
    ).rejects.toMatchObject(refused);
    expect((await store().docs(cases).get(accountId))?.version).toBe(current);
  });

  it('lets one of two reassignments of the same screen through', async () => {
    const meta = { idempotencyKey: null, expectedVersion: 1 };
    const results = await Promise.allSettled([
      reassignCase(app, max, { id: accountId, ownerId: ana.memberId, reason: null }, meta),
      reassignCase(app, max, { id: accountId, ownerId: max.memberId, reason: null }, meta),
    ]);
    expect(results.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(results.find((one) => one.status === 'rejected')?.reason).toMatchObject({ code: 'version_conflict' });
  });

  it('is refused for a contact and a task with theirs', async () => {
    const contact = await addContact(app, ana, person('Zoé'), NO_META);
    const input = { ...person('Léa'), contactId: contact.id };
    await changeContact(app, ana, input, { idempotencyKey: null, expectedVersion: contact.version });
    await expect(
      changeContact(app, ana, input, { idempotencyKey: null, expectedVersion: contact.version }),
    ).rejects.toMatchObject({ code: 'version_conflict', details: { currentVersion: 2 } });
    const task = await createTask(
      app,
      ana,
      {
        accountId,
        kind: 'question',
        text: 'Bon ?',
        dueDay: '2026-03-20',
        memberId: max.memberId,
        department: null,
        itemIds: [],
      },
      NO_META,
    );
    await expect(
      completeTask(
        app,
        max,
        { id: task.id, answer: null },
        { idempotencyKey: null, expectedVersion: task.version + 1 },
      ),
    ).rejects.toMatchObject({ code: 'version_conflict', details: { currentVersion: task.version } });
  });

  it('loses no race in silence: a conflict between two writers is judged anew', async () => {
    const flaky = withConflicts(app, 3);
    const answer = await finishCase(
      flaky,
      ana,
      { id: accountId, nextAction: 'call', nextActionOn: '2026-03-20' },
      { idempotencyKey: null, expectedVersion: 1 },
    );
    expect(answer.state).toBe('parked');
    expect((await namesOf(accountId)).filter((name) => name === 'case.finished')).toHaveLength(1);
  });
});
