import { beforeEach, describe, expect, it } from 'vitest';
import { accountStream } from '#lib/protocol/streams.ts';
import { disputes, messages } from '#server/store/kinds/disputes.ts';
import { tasks } from '#server/store/kinds/workspace.ts';
import { actorFor, buildMember } from '../../../test/support/factories.ts';
import { NO_META } from '../command.ts';
import { answerDispute } from './answer-dispute.ts';
import { approveResolution } from './approve-resolution.ts';
import { assignDispute } from './assign-dispute.ts';
import { changeDispute } from './change-dispute.ts';
import { closeDispute } from './close-dispute.ts';
import { openDispute } from './open-dispute.ts';
import { qualifyDispute } from './qualify-dispute.ts';
import { reopenDispute } from './reopen-dispute.ts';
import { resolveDispute } from './resolve-dispute.ts';
import { resumeDispute } from './resume-dispute.ts';
import { waitDispute } from './wait-dispute.ts';
import { disputeWorlds, TODAY } from '../../../test/support/dispute-world.ts';

const world = disputeWorlds();

describe('resolving a dispute', () => {
  it('[DIS-9] golden amounts: an agreed credit note changes no balance, its part waits out of collection', async () => {
    const id = await world.assigned();
    const due = async () => {
      const { openCents = 0, disputedCents = 0, awaitingCents = 0 } = (await world.item(0)) ?? {};
      return { openCents, disputedCents, awaitingCents, collectable: openCents - disputedCents - awaitingCents };
    };
    expect(await due()).toEqual({
      openCents: 1_000_000,
      disputedCents: 240_000,
      awaitingCents: 0,
      collectable: 760_000,
    });
    await resolveDispute(
      world.app,
      world.ana,
      world.ending(
        id,
        { creditNoteCents: 180_000, rejectedCents: 60_000 },
        'Un avoir de 1 800 € suit ; le reste est dû.',
      ),
      NO_META,
    );
    expect(await due()).toEqual({
      openCents: 1_000_000,
      disputedCents: 0,
      awaitingCents: 180_000,
      collectable: 820_000,
    });
    expect(await world.disputeOf(id)).toMatchObject({ state: 'resolved', awaitingCents: 180_000, disputedCents: 0 });
    await expect(closeDispute(world.app, world.ana, { id, reason: null }, NO_META)).rejects.toMatchObject({
      code: 'rule_refused',
      details: { rule: 'DIS-9' },
    });
  });

  it('asks ADV for the credit note, accounting where the tax or the sum is wrong', async () => {
    const id = await world.assigned();
    await resolveDispute(world.app, world.ana, world.ending(id, { creditNoteCents: 240_000 }), NO_META);
    const [task] = (
      await world
        .store()
        .docs(tasks)
        .find({ disputeId: id, state: 'open' }, { sort: ['dueDay'] })
    ).docs;
    expect(task).toMatchObject({ kind: 'credit_note', department: 'adv', blockedCents: 240_000 });
    expect(task?.text).toMatch(/2\s400,00\s€.*litige 1, pièces F100/);
    expect(await world.toldTo(world.ada)).toEqual(['task.created']);
    const other = await world.assigned({ reason: 'vat', items: [{ itemId: world.itemIds[1] ?? '', cents: null }] });
    await resolveDispute(world.app, world.ana, world.ending(other, { creditNoteCents: 50_000 }), NO_META);
    const [second] = (
      await world
        .store()
        .docs(tasks)
        .find({ disputeId: other, state: 'open' }, { sort: ['dueDay'] })
    ).docs;
    expect(second).toMatchObject({ kind: 'credit_note', department: 'accounting' });
  });

  it('[DIS-6] rejects only with a written answer to the customer, posted with it', async () => {
    const id = await world.assigned();
    await expect(
      resolveDispute(world.app, world.ana, world.ending(id, { rejectedCents: 240_000 }), NO_META),
    ).rejects.toMatchObject({
      details: { issues: [{ path: 'answer', reason: 'answer_required' }] },
    });
    await resolveDispute(
      world.app,
      world.ana,
      world.ending(id, { rejectedCents: 240_000 }, 'La livraison est complète.'),
      NO_META,
    );
    expect(await world.eventNames('customer')).toEqual(['message.posted']);
    const [posted] = (
      await world
        .store()
        .docs(messages)
        .find({ disputeId: id, audience: 'customer' }, { sort: ['seq'] })
    ).docs;
    expect(posted).toMatchObject({ authorId: world.ana.memberId, text: 'La livraison est complète.', state: 'posted' });
    expect(await world.item(0)).toMatchObject({ disputedCents: 0, awaitingCents: 0 });
    await closeDispute(world.app, world.ana, { id, reason: null }, NO_META);
    world.app.clock.advance(1_000);
    await reopenDispute(world.app, world.leo, { id, reason: 'Bon de livraison retrouvé' }, NO_META);
    expect(await world.disputeOf(id)).toMatchObject({ state: 'assigned', disputedCents: 240_000, reopened: 1 });
    await expect(
      resolveDispute(world.app, world.ana, world.ending(id, { rejectedCents: 240_000 }), NO_META),
    ).rejects.toMatchObject({
      details: { issues: [{ path: 'answer', reason: 'answer_required' }] },
    });
  });

  it('[DIS-6] refuses parts that do not add up, and keeps nothing of the try', async () => {
    const id = await world.assigned();
    const before = await world.disputeOf(id);
    for (const cents of [239_999, 240_001])
      await expect(
        resolveDispute(world.app, world.ana, world.ending(id, { creditNoteCents: cents }, 'Bonjour'), NO_META),
      ).rejects.toMatchObject({ details: { issues: [{ path: 'parts', reason: 'parts' }] } });
    expect(await world.disputeOf(id)).toEqual(before);
    expect(await world.eventNames('customer')).toEqual([]);
  });

  it('is refused to quality, and the answer to whoever may not write outward', async () => {
    const id = await world.assigned();
    await expect(
      resolveDispute(world.app, world.leo, world.ending(id, { rejectedCents: 240_000 }, 'Non'), NO_META),
    ).rejects.toMatchObject({ code: 'forbidden' });
    const token = { ...world.ana, allowedActions: ['dispute.resolve', 'thread.read'] };
    await expect(
      resolveDispute(world.app, token, world.ending(id, { rejectedCents: 240_000 }, 'Non'), NO_META),
    ).rejects.toMatchObject({ code: 'forbidden', details: { action: 'thread.write_outward' } });
  });

  it('[DIS-6] from open only money or the customer’s withdrawal settles it', async () => {
    const { id } = await openDispute(world.app, world.ana, world.opening(), NO_META);
    await expect(
      resolveDispute(world.app, world.ana, world.ending(id, { creditNoteCents: 240_000 }), NO_META),
    ).rejects.toMatchObject({
      code: 'dispute_state',
    });
    await resolveDispute(world.app, world.ana, world.ending(id, { withdrawnCents: 240_000 }), NO_META);
    await closeDispute(world.app, world.ana, { id, reason: null }, NO_META);
    expect(await world.disputeOf(id)).toMatchObject({ state: 'closed', closedOn: TODAY });
  });
});

describe('a second person', () => {
  const big = { items: [{ itemId: '', cents: 900_000 }] };
  beforeEach(() => {
    big.items = [{ itemId: world.itemIds[0] ?? '', cents: 900_000 }];
  });
  const half = { creditNoteCents: 600_000, rejectedCents: 300_000 };

  it('[DIS-6] is asked above the limit; nothing is settled nor said to the customer until then', async () => {
    const id = await world.assigned(big);
    await resolveDispute(world.app, world.ana, world.ending(id, half, 'Avoir de 6 000 €.'), NO_META);
    expect(await world.disputeOf(id)).toMatchObject({
      state: 'assigned',
      disputedCents: 900_000,
      approval: { askedBy: world.ana.memberId },
    });
    expect(await world.eventNames('customer')).toEqual([]);
    expect(await world.toldTo(world.max)).toContain('dispute.approval_asked');
    const asked = (await world.store().journal.read(accountStream(world.accountId), 0, 100)).at(-1);
    expect(asked?.name).toBe('dispute.approval_asked');
    expect(JSON.stringify(asked?.data)).not.toContain('Avoir de');
    await expect(closeDispute(world.app, world.ana, { id, reason: 'Fini' }, NO_META)).rejects.toMatchObject({
      code: 'approval_needed',
    });
    await approveResolution(world.app, world.max, { id, agree: true, reason: null }, NO_META);
    expect(await world.disputeOf(id)).toMatchObject({
      state: 'resolved',
      awaitingCents: 600_000,
      resolution: { by: world.ana.memberId, approvedBy: world.max.memberId },
      approval: null,
    });
    expect(await world.eventNames('customer')).toEqual(['message.posted']);
    await expect(
      approveResolution(world.app, world.max, { id, agree: true, reason: null }, NO_META),
    ).rejects.toMatchObject({
      code: 'dispute_state',
    });
  });

  it('[DIS-6] is never the one who asked, and may refuse', async () => {
    const id = await world.assigned(big);
    await resolveDispute(world.app, world.max, world.ending(id, half, 'Avoir.'), NO_META);
    await expect(
      approveResolution(world.app, world.max, { id, agree: true, reason: null }, NO_META),
    ).rejects.toMatchObject({
      code: 'rule_refused',
      details: { rule: 'DIS-6' },
    });
    await expect(
      approveResolution(world.app, world.ana, { id, agree: true, reason: null }, NO_META),
    ).rejects.toMatchObject({
      code: 'forbidden',
    });
    const fin = actorFor(await buildMember(world.app, world.workspace, { role: 'finance', departments: [] }));
    await approveResolution(world.app, fin, { id, agree: false, reason: 'Trop' }, NO_META);
    expect(await world.disputeOf(id)).toMatchObject({ state: 'assigned', approval: null, disputedCents: 900_000 });
    expect(await world.toldTo(world.max)).toContain('dispute.approval_refused');
    expect(await world.eventNames('customer')).toEqual([]);
  });

  it('[K6] a dispute is approved or closed, never both, whoever is first', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = await world.assigned(big);
      await resolveDispute(world.app, world.ana, world.ending(id, half, 'Avoir.'), NO_META);
      const results = await Promise.allSettled([
        approveResolution(world.app, world.max, { id, agree: true, reason: null }, NO_META),
        resolveDispute(world.app, world.ana, world.ending(id, { withdrawnCents: 900_000 }), NO_META).then(() =>
          closeDispute(world.app, world.ana, { id, reason: null }, NO_META),
        ),
      ]);
      const [approved, closed] = results.map((one) => one.status === 'fulfilled');
      expect([approved, closed].filter(Boolean)).toHaveLength(1);
      const dispute = await world.disputeOf(id);
      expect(dispute.state).toBe(approved === true ? 'resolved' : 'closed');
      expect(dispute.awaitingCents).toBe(approved === true ? 600_000 : 0);
      for (const one of results)
        if (one.status === 'rejected') expect((one.reason as { code: string }).code).toMatch(/dispute_state|conflict/);
      const said = (await world.store().journal.read(accountStream(world.accountId), 0, 1_000)).filter(
        (event) => event.data.disputeId === id && ['dispute.resolved', 'dispute.closed'].includes(event.name),
      );
      expect(said.map((event) => event.name)).toEqual(
        approved === true ? ['dispute.resolved'] : ['dispute.resolved', 'dispute.closed'],
      );
      if (approved === true) {
        await reopenDispute(world.app, world.ana, { id, reason: 'suite' }, NO_META);
        await resolveDispute(world.app, world.ana, world.ending(id, { withdrawnCents: 900_000 }), NO_META);
        await closeDispute(world.app, world.ana, { id, reason: null }, NO_META);
      }
    }
  });
});

describe('versions', () => {
  it('[K4] a change on what has changed meanwhile is refused with the current version, whatever it is', async () => {
    const id = await world.assigned();
    const { version } = await world.disputeOf(id);
    const stale = { idempotencyKey: null, expectedVersion: version - 1 };
    const refused = { code: 'version_conflict', status: 412, details: { currentVersion: version } };
    const tries = [
      changeDispute(world.app, world.ana, { id, items: [{ itemId: world.itemIds[0] ?? '', cents: 1 }] }, stale),
      qualifyDispute(world.app, world.ana, { id, reason: 'price', department: null, memberId: null }, stale),
      assignDispute(world.app, world.ana, { id, department: 'quality', memberId: null, ask: null }, stale),
      waitDispute(world.app, world.ana, { id, until: '2026-03-20', reason: null }, stale),
      resumeDispute(world.app, world.ana, { id }, stale),
      answerDispute(world.app, world.leo, { id, decision: 'accepted', rootCause: 'other', text: null }, stale),
      resolveDispute(world.app, world.ana, world.ending(id, { creditNoteCents: 240_000 }), stale),
      approveResolution(world.app, world.max, { id, agree: true, reason: null }, stale),
      closeDispute(world.app, world.ana, { id, reason: null }, stale),
      reopenDispute(world.app, world.ana, { id, reason: 'x' }, stale),
    ];
    for (const one of await Promise.allSettled(tries)) {
      expect(one.status).toBe('rejected');
      if (one.status === 'rejected') expect(one.reason).toMatchObject(refused);
    }
    expect(await world.disputeOf(id)).toMatchObject({ version });
  });

  it('[K3] opens one dispute for one key, five times at once', async () => {
    const meta = { idempotencyKey: 'open-1', expectedVersion: null };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => openDispute(world.app, world.ana, world.opening(), meta)),
    );
    expect(new Set(answers.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(await world.store().docs(disputes).count({ accountId: world.accountId })).toBe(1);
  });
});
