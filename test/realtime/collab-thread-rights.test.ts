import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Member, Role } from '#lib/domain/member/member.ts';
import { ROLES } from '#lib/domain/member/member.ts';
import { AUDIENCES, type Audience } from '#lib/domain/thread/audience.ts';
import { mayReadAudience, mayWriteAudience } from '#lib/policies/audience.ts';
import { CLOSE } from '#lib/protocol/close-codes.ts';
import { MODE } from '#lib/protocol/collab.ts';
import { noteDocument, threadDocument } from '#lib/protocol/streams.ts';
import { updatesOf } from '#server/collab/entry.ts';
import { openCollab, textOf, toHtml, type CollabHouse, type Pen } from '../support/collab.ts';
import { changeMember, placeOf, placesHeard, setAccess } from '../support/collab-rights.ts';
import { until } from '../support/realtime.ts';
import { openedDispute } from '../support/thread-world.ts';

let house: CollabHouse;
let dispute: Dispute;
const named = (audience: Audience): string => threadDocument(dispute.id, audience);
beforeEach(async () => {
  house = await openCollab();
  dispute = await openedDispute(house.app, house.workspace, house.account);
});
afterEach(async () => {
  await house.close();
});

const stored = async (document: string): Promise<string> => {
  const log = house.app.store.workspace(house.workspace.id).log;
  return textOf((await log.read(document, 1)).flatMap(({ bytes }) => updatesOf(bytes)));
};
const penOf = async (document: string, overrides: Partial<Member> = {}): Promise<Pen> =>
  house.pen(await house.person(overrides), { document }).connect();
const settled = async (pen: Pen): Promise<'refused' | 'reads' | 'writes'> => {
  await until(() => pen.closed !== null || (pen.synced && pen.mode !== null), 'let in or not');
  if (pen.closed !== null) return 'refused';
  return pen.mode === MODE.READ_WRITE ? 'writes' : 'reads';
};

describe('who may be in a thread', () => {
  const cases = ROLES.flatMap((role) => AUDIENCES.map((audience): [Role, Audience] => [role, audience]));
  test('[A1] every role and audience, as the policy has it', async () => {
    for (const [role, audience] of cases) {
      const who = { role, allowedActions: null };
      const due = mayWriteAudience(who, audience) ? 'writes' : mayReadAudience(who, audience) ? 'reads' : 'refused';
      const pen = await penOf(named(audience), { role });
      expect([role, audience, await settled(pen)]).toEqual([role, audience, due]);
      pen.cut();
    }
  });

  test.each<[Role, 'refused' | 'reads' | 'writes']>([
    ['collector', 'writes'],
    ['manager', 'writes'],
    ['finance', 'reads'],
    ['admin', 'refused'],
    ['sales', 'refused'],
    ['quality', 'refused'],
  ])('[A1] the account’s credit note: %s %s', async (role, due) => {
    expect(await settled(await penOf(noteDocument(house.account.id, 'credit'), { role }))).toBe(due);
  });

  test('[A5] who only reads is not stored, not relayed, not acknowledged, in the note and in drafts', async () => {
    const a = await house.pen(await house.person(), { document: named('credit') }).ready();
    const reader = await house.pen(await house.person({ role: 'finance' }), { document: named('credit') }).ready();
    a.begin('d1').write('Permis');
    await until(() => reader.draftText('d1') !== '', 'read');
    reader.in('d1').write('Interdit');
    reader.begin('d2').write('Interdit');
    reader.drafts.delete('d1');
    a.write('Après');
    await until(() => a.saved && reader.text.includes('Après'), 'relayed');
    expect(a.draftText('d1')).toBe(toHtml('Permis'));
    expect(a.draft('d2')).toBeNull();
    expect(reader.acked).toBe(0);
    expect(await stored(named('credit'))).toBe(toHtml('Après'));
  });

  test('[A7] a place says which text it is in; nothing else of what a client claims is told', async () => {
    const [a, b] = [await penOf(named('internal')), await penOf(named('internal'), { name: 'Denis' })];
    await Promise.all([a.ready(), b.ready()]);
    b.raw(placeOf(7, 1, { user: { name: 'Awa' }, field: 'draft:d1', role: 'manager' }));
    await until(() => placesHeard(a).some(({ client }) => client === 7), 'heard');
    expect(placesHeard(a).find(({ client }) => client === 7)?.state).toEqual({
      user: { id: b.ws === null ? '' : expect.any(String), name: 'Denis' },
      cursor: null,
      field: 'draft:d1',
    });
    b.raw(placeOf(7, 2, { field: 'draft:../../x<script>' }));
    await until(() => placesHeard(a).length > 1, 'heard again');
    expect(JSON.stringify(placesHeard(a).at(-1))).not.toContain('script');
  });

  test('[A7] presence in the credit thread reaches nobody outside it', async () => {
    const [a, b] = [await penOf(named('credit')), await penOf(named('internal'), { role: 'sales' })];
    await Promise.all([a.ready(), b.ready()]);
    a.raw(placeOf(5, 1, { field: 'note' }));
    const c = await penOf(named('credit'));
    await c.ready();
    await until(() => placesHeard(c).length > 0, 'seen inside');
    expect(placesHeard(b)).toEqual([]);
  });

  test('[A8] guessed names open nothing, and answer alike', async () => {
    const elsewhere = await openCollab({ app: house.app });
    const theirs = await openedDispute(house.app, elsewhere.workspace, elsewhere.account);
    const reasons = new Set<string | undefined>();
    for (const document of [
      'thread:unknown:internal',
      `thread:${dispute.id}:public`,
      `thread:${dispute.id.toUpperCase()}:internal`,
      `thread:${dispute.id}:internal:x`,
      `thread:..%2F${dispute.id}:internal`,
      `thread:${house.account.id}:internal`,
      `note:${dispute.id}:internal`,
      `note:${house.account.id}:customer`,
      threadDocument(theirs.id, 'internal'),
    ]) {
      const pen = await penOf(document);
      expect([document, await pen.closedWith()]).toEqual([document, CLOSE.FORBIDDEN]);
      expect(pen.heard).toEqual([]);
      reasons.add(pen.closed?.reason);
    }
    const outside = await penOf(named('internal'), { scope: 'portfolio' });
    expect(await outside.closedWith()).toBe(CLOSE.FORBIDDEN);
    const credit = await penOf(named('credit'), { role: 'sales' });
    expect(await credit.closedWith()).toBe(CLOSE.FORBIDDEN);
    reasons.add(outside.closed?.reason);
    reasons.add(credit.closed?.reason);
    expect(reasons.size).toBe(1);
    expect(house.collab.stats().rooms).toBe(0);
    await elsewhere.close();
  });

  test('[K5] reassigned while typing: what is under way is kept, then closed within 2 s, and nothing more is heard', async () => {
    const who = await house.person({ scope: 'portfolio' });
    await setAccess(house, [`owner:${who.member.id}`]);
    const a = house.pen(who, { document: named('internal') });
    const b = await penOf(named('internal'));
    await Promise.all([a.ready(), b.ready()]);
    a.begin('d1').write('Début');
    await until(() => a.saved && b.draft('d1') !== null, 'saved');
    a.polite = false;
    a.holding = true;
    a.in('d1').write('en cours de frappe');
    const lost = performance.now();
    await setAccess(house, ['owner:none']);
    await until(() => a.mode === MODE.LEAVING, 'told');
    a.heard = [];
    b.in('d1').write('Confidentiel');
    await until(() => b.saved, 'b saved');
    a.release();
    await until(() => a.acked === a.sent, 'acknowledged');
    expect(await a.closedWith()).toBe(CLOSE.FORBIDDEN);
    expect(performance.now() - lost).toBeLessThan(2_000);
    expect(a.heard).toEqual([]);
    await until(() => b.draftText('d1').includes('en cours de frappe'), 'others read it');
    a.connect();
    expect(await a.closedWith()).toBe(CLOSE.FORBIDDEN);
  });

  test('[A3] another role: out of the credit thread within 2 s, still in the internal one', async () => {
    const who = await house.person();
    const [credit, internal] = [
      house.pen(who, { document: named('credit') }),
      house.pen(who, { document: named('internal') }),
    ];
    await Promise.all([credit.ready(), internal.ready()]);
    const lost = performance.now();
    await changeMember(house, who.member.id, { role: 'sales' });
    expect(await credit.closedWith()).toBe(CLOSE.FORBIDDEN);
    expect(performance.now() - lost).toBeLessThan(2_000);
    internal.write('Toujours là');
    await until(() => internal.saved, 'saved');
    await changeMember(house, who.member.id, { role: 'finance' });
    await until(() => internal.mode === MODE.READ_ONLY, 'read-only');
    expect(internal.closed).toBeNull();
  });
});
