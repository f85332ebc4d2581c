import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Actor, Member } from '#lib/domain/member/member.ts';
import type { AppError } from '#lib/protocol/errors.ts';
import { accountStream, threadDocument } from '#lib/protocol/streams.ts';
import { accountTimeline } from '#server/queries/timeline.ts';
import { messageList } from '#server/queries/message-list.ts';
import { NO_META } from '#server/services/command.ts';
import { recordContact } from '#server/services/accounts/record-contact.ts';
import { addAttachment } from '#server/services/attachments/add-attachment.ts';
import { eraseContact } from '#server/services/erasure/erase-contact.ts';
import { eraseMessage } from '#server/services/erasure/erase-message.ts';
import { finishErasure, resumeErasures } from '#server/services/erasure/finish-erasure.ts';
import { copyMessage } from '#server/services/threads/copy-message.ts';
import { deleteMessage } from '#server/services/threads/delete-message.ts';
import { editMessage } from '#server/services/threads/edit-message.ts';
import { postMessage } from '#server/services/threads/post-message.ts';
import { react } from '#server/services/threads/react.ts';
import { takeFile } from '#server/import/einvoice/take-file.ts';
import { newId } from '#server/store/id.ts';
import {
  counters,
  disputes,
  einvoiceStatuses,
  erasures,
  messages,
  notifications,
} from '#server/store/kinds/disputes.ts';
import { contacts, items, tasks } from '#server/store/kinds/workspace.ts';
import { statusXml, type StatusSpec } from '../support/einvoice.ts';
import { openCollab, type CollabHouse } from '../support/collab.ts';
import { actorFor, buildAccount } from '../support/factories.ts';
import { until } from '../support/realtime.ts';
import { Follower } from '../support/replay.ts';
import { bodyOf, openedDispute } from '../support/thread-world.ts';

let house: CollabHouse;
let dispute: Dispute;
type Person = { member: Member; cookie: string; actor: Actor };
let awa: Person;
let manager: Person;
let admin: Person;

const person = async (name: string, role: Member['role']): Promise<Person> => {
  const found = await house.person({ name, role });
  return { ...found, actor: actorFor(found.member) };
};
beforeAll(async () => {
  house = await openCollab({ engine: 'embedded' });
  awa = await person('Awa', 'collector');
  manager = await person('Mona', 'manager');
  admin = await person('Adam', 'admin');
  dispute = await openedDispute(house.app, house.workspace, house.account);
});
afterAll(() => house.close());

const store = () => house.app.store.workspace(house.workspace.id);
const code = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'ok',
    (error: unknown) => (error as AppError).code,
  );

/** Files of the data directory, the database's own among them, that hold the bytes. */
function filesWith(canary: string): string[] {
  const found: string[] = [];
  const look = (folder: string): void => {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name);
      if (statSync(path).isDirectory()) look(path);
      else if (readFileSync(path).includes(canary)) found.push(path.slice(house.app.directory.length));
    }
  };
  look(house.app.directory);
  return found;
}

async function verified(): Promise<void> {
  for await (const { stream } of store().journal.streams()) expect(await store().journal.verify(stream)).toBeNull();
}

const fileOf = async function* (text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
};

describe('[U6] erasing the words of a person', () => {
  it('a message: records, events, drafts’ history, copies, files, the store’s own files; the chains hold', async () => {
    const canary = 'canari-jaune-5521';
    const pen = await house.pen(awa, { document: threadDocument(dispute.id, 'internal') }).ready();
    const draftId = newId();
    pen.begin(draftId).write(`Le client dit ${canary}`);
    await until(() => pen.saved, 'saved');
    const file = await addAttachment(
      house.app,
      awa.actor,
      { id: dispute.id, audience: 'internal', name: `${canary}.txt` },
      fileOf(`Photo de ${canary}`),
      NO_META,
    );
    const { id } = await postMessage(
      house.app,
      awa.actor,
      {
        id: dispute.id,
        audience: 'internal',
        draftId,
        stateVector: pen.vector,
        body: null,
        replyTo: null,
        attachmentIds: [file.id],
      },
      { idempotencyKey: newId(), expectedVersion: null },
    );
    await editMessage(house.app, awa.actor, { id, body: bodyOf(`Corrigé : ${canary}`) }, NO_META);
    await react(house.app, manager.actor, { id, reaction: '👀', on: true }, NO_META);
    const copy = await copyMessage(
      house.app,
      awa.actor,
      {
        id,
        audience: 'customer',
        body: bodyOf(`Copie de ${canary}`) as unknown as Record<string, unknown>,
        attachmentIds: [file.id],
      },
      NO_META,
    );
    await deleteMessage(house.app, awa.actor, { id: copy.id }, NO_META);
    expect(filesWith(canary).length).toBeGreaterThan(0);

    expect(await code(eraseMessage(house.app, awa.actor, { id }, NO_META))).toBe('forbidden');
    const said = await eraseMessage(house.app, admin.actor, { id }, NO_META);
    expect(said).toMatchObject({ id, state: 'erased', seq: 1 });
    expect(filesWith(canary)).toEqual([]);
    for (const one of [id, copy.id])
      expect(await store().docs(messages).get(one)).toMatchObject({ state: 'erased', body: null, text: '' });
    const timeline = await accountTimeline(house.app, manager.actor, {
      id: house.account.id,
      before: null,
      limit: 200,
    });
    expect(JSON.stringify(timeline)).not.toContain(canary);
    expect(timeline.events.map(({ name }) => name)).toContain('text.erased');
    expect((await store().docs(notifications).find({ accountId: house.account.id })).docs).toEqual([]);
    expect(await store().files.open(file.fileId)).toBeNull();
    await verified();
    const page = await messageList(house.app, awa.actor, { id: dispute.id, audience: 'internal', limit: 10 });
    expect(page.messages.map(({ seq, state }) => [seq, state])).toEqual([[1, 'erased']]);
    expect(await code(eraseMessage(house.app, admin.actor, { id }, NO_META))).toBe('ok');
    // Whoever had it open starts afresh.
    expect(await pen.closedWith()).toBe(4409);
  });

  it('of the credit team: not by an administrator, who may not read it', async () => {
    const { id } = await postMessage(
      house.app,
      awa.actor,
      {
        id: dispute.id,
        audience: 'credit',
        draftId: null,
        stateVector: null,
        body: bodyOf('canari-rouge-9') as unknown as Record<string, unknown>,
        replyTo: null,
        attachmentIds: [],
      },
      NO_META,
    );
    expect(await code(eraseMessage(house.app, admin.actor, { id }, NO_META))).toBe('not_found');
    const internal = await store().journal.head(accountStream(house.account.id));
    expect(await code(eraseMessage(house.app, manager.actor, { id }, NO_META))).toBe('ok');
    expect((await store().journal.head(accountStream(house.account.id))).seq).toBe(internal.seq);
    expect(filesWith('canari-rouge-9')).toEqual([]);
  });

  it('a contact: name, address and what was said; others, invoices and the replay stay', async () => {
    const account = await buildAccount(house.app, house.workspace, {
      openItems: [{ cents: 90_000, dueDay: '2026-02-01' }],
      contacts: [
        { name: 'Célestine Canari', email: 'canari@example.com', phone: '0600000042' },
        { name: 'Bastien Reste', email: 'reste@example.com' },
      ],
    });
    const { docs } = await store().docs(contacts).find({ accountId: account.id });
    const [gone, other] = [
      docs.find(({ name }) => name.includes('Canari')),
      docs.find(({ name }) => name.includes('Reste')),
    ];
    if (gone === undefined || other === undefined) throw new Error('no contacts');
    await recordContact(
      house.app,
      awa.actor,
      {
        id: account.id,
        channel: 'call',
        direction: 'made',
        outcome: 'reached',
        contactId: gone.id,
        text: 'Madame Canari-vert est malade',
        promise: null,
        nextAction: null,
        nextActionOn: null,
      },
      NO_META,
    );
    expect(await code(eraseContact(house.app, awa.actor, { id: account.id, contactId: gone.id }, NO_META))).toBe(
      'forbidden',
    );
    await eraseContact(house.app, admin.actor, { id: account.id, contactId: gone.id }, NO_META);
    for (const canary of ['Célestine', 'canari@example.com', '0600000042', 'Canari-vert'])
      expect([canary, filesWith(canary)]).toEqual([canary, []]);
    expect(await store().docs(contacts).get(gone.id)).toMatchObject({ name: '', email: null, state: 'removed' });
    expect(await store().docs(contacts).get(other.id)).toEqual(other);
    expect(
      (
        await store()
          .docs(items)
          .find({ accountId: account.id, state: 'open' }, { sort: ['dueDay'] })
      ).docs,
    ).toHaveLength(1);
    await verified();
    const follower = new Follower(store(), account.id);
    await follower.expectSame('2026-03-16');
  });

  it('a contact: the words of the buyer’s e-invoice messages go with it, in disputes, tasks and waiting messages too', async () => {
    const siren = '732829320';
    await store().transaction((tx) => tx.docs(counters).insert({ id: 'dispute', version: 1, last: 1_000 }));
    const account = await buildAccount(house.app, house.workspace, {
      name: 'Scierie du Gué',
      siren,
      openItems: [{ cents: 90_000, dueDay: '2026-02-01', issueDay: '2026-01-02', number: 'EW-1' }],
      contacts: [{ name: 'Colas Pinson', email: 'pinson@example.com' }],
    });
    const contactId = (await store().docs(contacts).find({ accountId: account.id })).docs[0]?.id ?? '';
    const receive = async (spec: StatusSpec) => {
      const xml = statusXml({ day: '20260102', buyer: { siren, name: 'Chez Pinson-roux' }, ...spec });
      await takeFile(house.app, manager.actor, { name: 's.xml' }, new TextEncoder().encode(xml), NO_META);
    };
    const says = (note: string) => [{ code: 'PU_ERR', action: 'CNP', label: 'Prix', note }];
    await receive({ code: '208', invoice: 'EW-1', stated: '20260301080000', reasons: says('Canari-noir à joindre') });
    await receive({ code: '207', invoice: 'EW-1', stated: '20260302080000', reasons: says('Canari-gris conteste') });
    await receive({ code: '207', invoice: 'EW-1', stated: '20260303080000', reasons: says('Canari-blanc insiste') });
    await receive({ code: '207', invoice: 'EW-?', stated: '20260304080000', reasons: says('Canari-roux attend') });
    await receive({ code: '207', invoice: 'EW-?', buyer: { siren: '351475314' }, reasons: says('Une autre firme') });
    const canaries = ['Canari-noir', 'Canari-gris', 'Canari-blanc', 'Canari-roux', 'Pinson-roux'];
    for (const canary of canaries) expect([canary, filesWith(canary).length > 0]).toEqual([canary, true]);
    await eraseContact(house.app, admin.actor, { id: account.id, contactId }, NO_META);
    for (const canary of canaries) expect([canary, filesWith(canary)]).toEqual([canary, []]);
    expect(filesWith('Une autre firme').length).toBeGreaterThan(0);
    const statuses = await store().docs(einvoiceStatuses).find({ accountId: account.id });
    expect(statuses.docs).toHaveLength(3);
    for (const one of statuses.docs) expect(one).toMatchObject({ detail: null, buyerName: null, reasons: ['PU_ERR'] });
    const held = await store()
      .docs(disputes)
      .find({ accountId: account.id }, { sort: ['state'] });
    expect(held.docs).toMatchObject([{ detail: null, reason: 'price', disputedCents: 90_000 }]);
    const asked = await store()
      .docs(tasks)
      .find({ accountId: account.id }, { sort: ['state', 'dueDay'] });
    expect(asked.docs.map(({ text }) => text.includes('EW-1') && !text.includes(':'))).toEqual([true, true]);
    for await (const one of store().docs(erasures).each({})) expect(one.words ?? []).toEqual([]);
    await verified();
    const follower = new Follower(store(), account.id);
    await follower.expectSame('2026-03-16');
  });

  it('is taken up again where it was interrupted', async () => {
    const canary = 'canari-bleu-77';
    const { id } = await postMessage(
      house.app,
      awa.actor,
      {
        id: dispute.id,
        audience: 'internal',
        draftId: null,
        stateVector: null,
        body: bodyOf(canary) as unknown as Record<string, unknown>,
        replyTo: null,
        attachmentIds: [],
      },
      NO_META,
    );
    const { live } = house.app;
    house.app.live = {
      read: (...given) => live.read(...given),
      takeDraft: (...given) => live.takeDraft(...given),
      restart: (...given) => live.restart(...given),
      removeDraft: (...given) => live.removeDraft(...given),
      forget: () => Promise.reject(new Error('stopped in between')),
    };
    await expect(eraseMessage(house.app, admin.actor, { id }, NO_META)).rejects.toThrow('in between');
    house.app.live = live;
    await resumeErasures(house.app, house.workspace.id, () => false);
    const left = await store()
      .docs(erasures)
      .find({ state: 'running' }, { sort: ['startedAt'] });
    expect(left.docs).toEqual([]);
    expect(filesWith(canary)).toEqual([]);
    await finishErasure(house.app, house.workspace.id, 'nothing-of-this-id');
  });
});
