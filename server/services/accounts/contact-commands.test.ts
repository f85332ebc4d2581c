import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import type { RecordContactInput } from '#lib/protocol/commands/account.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import { cases, contacts, promises, queueRows } from '#server/store/kinds/workspace.ts';
import { buildApp, type TestApp } from '../../../test/support/app.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from '../../../test/support/factories.ts';
import { claimCase } from '../cases/claim-case.ts';
import { NO_META } from '../command.ts';
import { withdrawPromise } from '../promises/withdraw-promise.ts';
import { addContact } from './add-contact.ts';
import { changeContact } from './change-contact.ts';
import { recordContact } from './record-contact.ts';
import { removeContact } from './remove-contact.ts';

let app: TestApp;
let workspace: Workspace;
let ana: Actor;
let bob: Actor;
let id: Id;

beforeEach(async () => {
  app = await buildApp();
  workspace = await buildWorkspace(app);
  ana = actorFor(await buildMember(app, workspace, { name: 'Ana' }));
  bob = actorFor(await buildMember(app, workspace, { name: 'Bob' }));
  id = (await buildAccount(app, workspace, { openItems: [{ cents: 100_000, dueDay: '2026-02-01' }] })).id;
});
afterEach(() => app.close());

const store = () => app.store.workspace(workspace.id);
const events = () => store().journal.read(accountStream(id), 0, 100);
const call = (given: Partial<RecordContactInput>): RecordContactInput => ({
  id,
  channel: 'call',
  direction: 'made',
  outcome: 'reached',
  contactId: null,
  text: null,
  promise: null,
  nextAction: null,
  nextActionOn: null,
  ...given,
});
const promised = (cents: number, dueDay = '2026-03-27') =>
  call({ outcome: 'promise', promise: { cents, currency: 'EUR', dueDay } });

describe('recordContact', () => {
  it('is written down though somebody else holds the case, whose claim stays', async () => {
    await claimCase(app, bob, { id }, NO_META);
    const answer = await recordContact(app, ana, call({ direction: 'received', text: 'Rappelle demain' }), NO_META);
    expect(answer.claimedBy).toBe(bob.memberId);
    expect(await store().docs(cases).get(id)).toMatchObject({ lastContactOn: '2026-03-16', touchedOn: '2026-03-16' });
    const event = (await events()).at(-1);
    expect(event).toMatchObject({
      id: answer.eventId,
      name: 'contact.recorded',
      data: { channel: 'call', direction: 'received', outcome: 'reached' },
      personal: { text: 'Rappelle demain' },
    });
    expect(JSON.stringify(event?.data)).not.toContain('Rappelle');
  });

  it('parks the case for a promise that covers what is to chase, and brings it back after day and grace', async () => {
    const answer = await recordContact(app, ana, promised(100_000), NO_META);
    expect(answer).toMatchObject({ state: 'parked', nextActionOn: null });
    expect(await store().docs(queueRows).get(id)).toMatchObject({
      state: 'parked',
      promise: { cents: 100_000, dueDay: '2026-03-27', state: 'open' },
    });
    expect((await events()).map((event) => event.name)).toEqual([
      'account.created',
      'contact.recorded',
      'promise.made',
    ]);
  });

  it('parks it until its day for a promise of a part', async () => {
    const answer = await recordContact(app, ana, promised(40_000), NO_META);
    expect(answer).toMatchObject({ state: 'parked', nextAction: 'check_payment', nextActionOn: '2026-03-27' });
  });

  it('lets the next action that was given stand', async () => {
    const input = { ...promised(100_000), nextAction: 'call' as const, nextActionOn: '2026-03-18' };
    expect(await recordContact(app, ana, input, NO_META)).toMatchObject({
      state: 'parked',
      nextAction: 'call',
      nextActionOn: '2026-03-18',
    });
  });

  it('takes the place of the open promise in the same currency', async () => {
    const first = await recordContact(app, ana, promised(40_000), NO_META);
    const second = await recordContact(app, ana, promised(60_000, '2026-04-03'), NO_META);
    const made = await store()
      .docs(promises)
      .find({ accountId: id }, { sort: ['state'] });
    expect(made.docs.map((one) => [one.id, one.state])).toEqual([
      [second.promiseId, 'open'],
      [first.promiseId, 'withdrawn'],
    ]);
    expect((await events()).at(-1)?.data).toMatchObject({ replaced: [first.promiseId] });
  });

  it('marks a wrong contact', async () => {
    const person = await addContact(app, ana, { id, name: 'Zoé', role: null, email: null, phone: null }, NO_META);
    await recordContact(app, ana, call({ outcome: 'wrong_contact', contactId: person.id }), NO_META);
    expect(await store().docs(contacts).get(person.id)).toMatchObject({ state: 'wrong' });
  });

  it('is refused for days gone by', async () => {
    const past = call({ nextAction: 'call', nextActionOn: '2026-03-01' });
    await expect(recordContact(app, ana, past, NO_META)).rejects.toMatchObject({
      details: { issues: [{ path: 'nextActionOn', reason: 'day_in_past' }] },
    });
    await expect(recordContact(app, ana, promised(1, '2026-03-15'), NO_META)).rejects.toMatchObject({
      details: { issues: [{ path: 'promise.dueDay', reason: 'day_in_past' }] },
    });
    expect(await events()).toHaveLength(1);
  });
});

describe('withdrawPromise', () => {
  it('brings the case back, once', async () => {
    const { promiseId } = await recordContact(app, ana, promised(100_000), NO_META);
    const input = { id, promiseId: promiseId ?? '', reason: 'Saisie en double' };
    expect((await withdrawPromise(app, ana, input, NO_META)).state).toBe('withdrawn');
    expect((await store().docs(cases).get(id))?.state).toBe('open');
    await expect(withdrawPromise(app, ana, input, NO_META)).rejects.toMatchObject({ code: 'promise_closed' });
  });

  it('does not know a promise of another account', async () => {
    const { promiseId } = await recordContact(app, ana, promised(100_000), NO_META);
    const other = await buildAccount(app, workspace);
    const input = { id: other.id, promiseId: promiseId ?? '', reason: 'x' };
    await expect(withdrawPromise(app, ana, input, NO_META)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('contacts', () => {
  const zoe = { name: 'Zoé Témoin', role: 'Comptabilité', email: 'zoe@example.com', phone: '+33 1 00 00 00 00' };

  it('are added, corrected and removed, their text in the part that can be erased', async () => {
    const added = await addContact(app, ana, { id, ...zoe }, NO_META);
    const changed = await changeContact(app, ana, { id, contactId: added.id, ...zoe, name: 'Zoé Autre' }, NO_META);
    const removed = await removeContact(app, ana, { id, contactId: added.id }, NO_META);
    expect([added.version, changed.version, removed.version]).toEqual([1, 2, 3]);
    expect(await store().docs(contacts).get(added.id)).toMatchObject({ name: 'Zoé Autre', state: 'removed' });
    for (const event of (await events()).slice(1)) {
      expect(JSON.stringify(event.data)).not.toContain('Zoé');
      expect(JSON.stringify(event.personal)).toContain('Zoé');
    }
    await expect(changeContact(app, ana, { id, contactId: added.id, ...zoe }, NO_META)).rejects.toMatchObject({
      code: 'not_found',
    });
  });

  it('of another account are not known, and quality may not edit them', async () => {
    const added = await addContact(app, ana, { id, ...zoe }, NO_META);
    const other = await buildAccount(app, workspace);
    await expect(removeContact(app, ana, { id: other.id, contactId: added.id }, NO_META)).rejects.toMatchObject({
      code: 'not_found',
    });
    const qi = actorFor(await buildMember(app, workspace, { role: 'quality', departments: ['quality'] }));
    await expect(addContact(app, qi, { id, ...zoe }, NO_META)).rejects.toMatchObject({ code: 'forbidden' });
  });
});
