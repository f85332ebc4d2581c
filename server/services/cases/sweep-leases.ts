import { LEASE_GRACE_MS, type Lease } from '#lib/domain/case/case.ts';
import { isLeaseOver, withoutClaim } from '#lib/domain/case/claim.ts';
import type { Id } from '#lib/domain/values.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { accounts, cases, leases } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';
import { accountEvent } from '../account-event.ts';
import { colleaguesOf, mayOn, type Colleagues } from '../colleagues.ts';
import { command, NO_META, type Now } from '../command.ts';
import { settleClaim } from '../settle-account.ts';
import { SYSTEM, systemActor } from '../system.ts';
import { freeClaim, removeLease } from './claim.ts';

const PAGE = 100;

/**
 * Turns leases that have ended into events (`case.claim_expired`) and frees their cases, one transaction each; so too
 * (`case.released`, cause `rights_lost`) the cases of whoever may not work on the account any more.
 *
 * @returns how many claims ended
 */
export async function sweepLeases(app: App, workspaceId: Id): Promise<number> {
  const actor = systemActor(workspaceId);
  const before = new Date(app.clock.ms() - LEASE_GRACE_MS).toISOString();
  const over = await app.store
    .workspace(workspaceId)
    .docs(leases)
    .find({ until: { $lt: before } }, { sort: ['until'], limit: PAGE });
  let ended = 0;
  for (const { id } of over.docs) {
    const expired = await command(app, actor, NO_META, { name: 'case.expire_claim', input: { id } }, (tx, now) =>
      endIfOver(tx, now, id),
    );
    if (expired) ended += 1;
  }
  return ended + (await endWithoutRights(app, workspaceId));
}

/** A holder may lose the account to an import, or every right by a change of the member: no lease lasts that long. */
async function endWithoutRights(app: App, workspaceId: Id): Promise<number> {
  const store = app.store.workspace(workspaceId);
  let colleagues: Colleagues | null = null;
  let ended = 0;
  let after: string | null = null;
  do {
    const page: { docs: Lease[]; next: string | null } = await store
      .docs(leases)
      .find({}, { sort: ['until'], limit: PAGE, after });
    after = page.next;
    if (page.docs.length === 0) break;
    colleagues ??= await colleaguesOf(app, workspaceId);
    const access = new Map(
      (await store.docs(accounts).getMany(page.docs.map(({ id }) => id))).map((one) => [one.id, one.access]),
    );
    for (const { id, memberId } of page.docs) {
      if (mayOn(colleagues.actor(memberId), 'case.claim', access.get(id) ?? [])) continue;
      if (await endOf(app, colleagues, workspaceId, id)) ended += 1;
    }
  } while (after !== null);
  return ended;
}

function endOf(app: App, colleagues: Colleagues, workspaceId: Id, id: Id): Promise<boolean> {
  const asked = { name: 'case.release_without_rights', input: { id } };
  return command(app, systemActor(workspaceId), NO_META, asked, async (tx, now) => {
    const held = await tx.docs(cases).get(id);
    const account = await tx.docs(accounts).get(id);
    if (account === null || held === null || held.claimedBy === null) return false;
    if (mayOn(colleagues.actor(held.claimedBy), 'case.claim', account.access)) return false;
    const settled = await settleClaim(tx, now, { account, case: await freeClaim(tx, held) });
    await tx.append(accountStream(id), [
      accountEvent(now, SYSTEM, 'case.released', settled.changed, {
        data: { holderId: held.claimedBy, cause: 'rights_lost' },
      }),
    ]);
    return true;
  });
}

async function endIfOver(tx: Tx, now: Now, id: Id): Promise<boolean> {
  const lease = await tx.docs(leases).get(id);
  if (lease === null || !isLeaseOver(lease, now.at)) return false;
  const held = await tx.docs(cases).get(id);
  const account = await tx.docs(accounts).get(id);
  if (account === null || held === null || held.claimedBy === null) {
    await removeLease(tx, id);
    return false;
  }
  await removeLease(tx, id);
  const settled = await settleClaim(tx, now, { account, case: withoutClaim(held) });
  await tx.append(accountStream(id), [
    accountEvent(now, SYSTEM, 'case.claim_expired', settled.changed, { data: { holderId: held.claimedBy } }),
  ]);
  return true;
}
