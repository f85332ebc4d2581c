import { LEASE_GRACE_MS } from '#lib/domain/case/case.ts';
import { isLeaseOver, withoutClaim } from '#lib/domain/case/claim.ts';
import type { Id } from '#lib/domain/values.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { accounts, cases, leases } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';
import { accountEvent } from '../account-event.ts';
import { command, NO_META, type Now } from '../command.ts';
import { settleClaim } from '../settle-account.ts';
import { SYSTEM, systemActor } from '../system.ts';
import { removeLease } from './claim.ts';

const PAGE = 100;

/**
 * Turns leases that have ended into events (`case.claim_expired`) and frees their cases, one transaction each.
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
  return ended;
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
