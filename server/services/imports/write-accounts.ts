import type { Actor } from '#lib/domain/member/member.ts';
import { disputeProposals, disputes } from '../../store/kinds/disputes.ts';
import {
  accounts,
  balances,
  cases,
  contacts,
  items,
  movements,
  promises,
  queueRows,
  tasks,
} from '../../store/kinds/workspace.ts';
import type { Kind, Tx, Versioned } from '../../store/port.ts';
import type { Now } from '../command.ts';
import { notify } from '../notices.ts';
import { breathe } from './compare.ts';
import type { AccountWrites, Write } from './settle-imported.ts';

/** Written in one turn of the event loop. */
const DOCS_PER_TURN = 100;

/** Stores what an import changes on several accounts, and says it: one call per kind of document. */
export async function writeAccounts(
  tx: Tx,
  all: readonly AccountWrites[],
  now: Now,
  actor: Pick<Actor, 'memberId'>,
): Promise<void> {
  const one = <T extends Versioned>(read: (writes: AccountWrites) => Write<T> | null): Write<T>[] =>
    all.flatMap((writes) => read(writes) ?? []);
  await put(
    tx,
    accounts,
    one((writes) => writes.account),
  );
  await put(
    tx,
    cases,
    one((writes) => writes.case),
  );
  await put(
    tx,
    contacts,
    all.flatMap((writes) => writes.contacts),
  );
  await put(
    tx,
    items,
    all.flatMap((writes) => writes.items),
  );
  await put(
    tx,
    balances,
    all.flatMap((writes) => writes.balances),
  );
  await put(
    tx,
    queueRows,
    one((writes) => writes.row),
  );
  await put(
    tx,
    tasks,
    all.flatMap((writes) => writes.tasks),
  );
  await put(
    tx,
    promises,
    all.flatMap((writes) => writes.promises),
  );
  await put(
    tx,
    disputes,
    all.flatMap((writes) => writes.disputes),
  );
  await put(
    tx,
    disputeProposals,
    all.flatMap((writes) => writes.proposals),
  );
  const moved = all.flatMap((writes) => writes.movements);
  for await (const some of chunksOf(moved)) await tx.docs(movements).insertMany(some);
  let said = 0;
  for (const writes of all) {
    await tx.append(writes.stream, writes.events);
    for (const { memberIds, notice } of writes.notices) await notify(tx, now, actor, memberIds, notice);
    said += writes.items.length + 1;
    if (said < DOCS_PER_TURN) continue;
    said = 0;
    await breathe();
  }
}

/** A few documents at a time; the event loop has its turn between them. */
async function* chunksOf<T>(docs: readonly T[]): AsyncGenerator<T[]> {
  for (let at = 0; at < docs.length; at += DOCS_PER_TURN) {
    yield docs.slice(at, at + DOCS_PER_TURN);
    await breathe();
  }
}

async function put<T extends Versioned>(tx: Tx, kind: Kind<T>, writes: readonly Write<T>[]): Promise<void> {
  const added = writes.filter(({ isNew }) => isNew).map(({ doc }) => doc);
  const changed = writes.filter(({ isNew }) => !isNew).map(({ doc }) => doc);
  for await (const some of chunksOf(added)) await tx.docs(kind).insertMany(some);
  for await (const some of chunksOf(changed)) await tx.docs(kind).replaceMany(some);
}

/** How many documents and events it takes. */
export const sizeOf = (writes: AccountWrites): number =>
  3 +
  writes.contacts.length +
  writes.items.length +
  writes.disputes.length +
  writes.proposals.length +
  writes.movements.length +
  writes.balances.length +
  writes.events.length;
