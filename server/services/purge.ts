import type { Id } from '#lib/domain/values.ts';
import type { App } from '../app.ts';
import { mails, notifications, webhookDeliveries, webhooks } from '../store/kinds/disputes.ts';
import { idempotency } from '../store/kinds/workspace.ts';
import type { Filter, Kind, Versioned, WorkspaceStore } from '../store/port.ts';
import { holdJob } from './job-lease.ts';

/**
 * How many days each thing that only grows is kept. Facts are not among them: the journal, disputes and messages stay.
 * The table in docs/architecture.md says the same.
 */
export const KEPT_DAYS = {
  /** Keys of commands that may be sent again. */
  idempotency: 30,
  /** From when it came; what it points at stays where it is. */
  notificationRead: 90,
  /** What still waits for a person is kept far longer: they may be away for months. */
  notificationUnread: 365,
  /** Sent, given up or kept for administrators; one that is to leave stays. */
  mail: 90,
  /** Delivered, given up or dropped; one that waits stays. */
  delivery: 30,
} as const;

const DAY_MS = 86_400_000;
const LEASE_MS = 300_000;
/** Removed in one transaction: others' commands wait while one is at work. */
const AT_ONCE = 200;

type Stopping = () => boolean;
const never: Stopping = () => false;

/** What was forgotten, by kind. */
export interface Purged {
  idempotency: number;
  notifications: number;
  mails: number;
  deliveries: number;
}

const before = (app: App, days: number): string => new Date(app.clock.ms() - days * DAY_MS).toISOString();

/** Forgets the idempotency records of a workspace that are older than `KEPT_DAYS` says. Answers how many. */
export function purgeIdempotency(app: App, workspaceId: Id, stopping: Stopping = never): Promise<number> {
  const old = { createdAt: { $lt: before(app, KEPT_DAYS.idempotency) } };
  return removeOld(app.store.workspace(workspaceId), idempotency, { filter: old, sort: ['createdAt'] }, stopping);
}

/**
 * Forgets what a workspace has kept for as long as `KEPT_DAYS` says, and deliveries that a removed webhook left behind;
 * a few hundred documents in each transaction.
 */
export async function purge(app: App, workspaceId: Id, stopping: Stopping = never): Promise<Purged> {
  const store = app.store.workspace(workspaceId);
  const unreadSince = before(app, KEPT_DAYS.notificationUnread);
  const purged: Purged = {
    idempotency: await purgeIdempotency(app, workspaceId, stopping),
    notifications: 0,
    mails: 0,
    deliveries: 0,
  };
  for (const mailed of [true, false])
    purged.notifications += await removeOld(
      store,
      notifications,
      {
        filter: { mailed, at: { $lt: before(app, KEPT_DAYS.notificationRead) } },
        sort: ['at'],
        only: (one) => one.read || one.at < unreadSince,
      },
      stopping,
    );
  purged.mails = await removeOld(
    store,
    mails,
    {
      filter: { createdAt: { $lt: before(app, KEPT_DAYS.mail) } },
      sort: ['-createdAt'],
      only: (mail) => mail.state !== 'waiting',
    },
    stopping,
  );
  purged.deliveries = await removeOld(
    store,
    webhookDeliveries,
    {
      filter: { createdAt: { $lt: before(app, KEPT_DAYS.delivery) } },
      sort: ['createdAt'],
      only: (delivery) => delivery.state !== 'waiting',
    },
    stopping,
  );
  purged.deliveries += await removeStrays(app, workspaceId, stopping);
  return purged;
}

/** The same once a day, in one process. */
export async function purgeDaily(app: App, workspaceId: Id, stopping: Stopping): Promise<void> {
  const day = app.clock.now().slice(0, 10);
  const last = await holdJob(app, workspaceId, 'purge', LEASE_MS);
  if (last === null || last === day) return;
  const purged = await purge(app, workspaceId, stopping);
  if (stopping()) return;
  await holdJob(app, workspaceId, 'purge', LEASE_MS, day);
  app.log.info({ workspaceId, ...purged }, 'what was kept long enough is forgotten');
}

/** Forgets every delivery of a webhook that is no more. Answers how many there were. */
export function removeDeliveries(app: App, workspaceId: Id, webhookId: Id, stopping: Stopping): Promise<number> {
  const of = { filter: { webhookId }, sort: ['-createdAt'] };
  return removeOld(app.store.workspace(workspaceId), webhookDeliveries, of, stopping);
}

/** Of a removal that was interrupted, or of an event that was written down while its webhook was removed. */
async function removeStrays(app: App, workspaceId: Id, stopping: Stopping): Promise<number> {
  const store = app.store.workspace(workspaceId);
  let removed = 0;
  for (let last = ''; !stopping();) {
    const next = await store
      .docs(webhookDeliveries)
      .find({ webhookId: { $gt: last } }, { sort: ['webhookId', '-createdAt'], limit: 1 });
    const webhookId = next.docs[0]?.webhookId;
    if (webhookId === undefined) return removed;
    last = webhookId;
    if ((await store.docs(webhooks).get(webhookId)) !== null) continue;
    removed += await removeDeliveries(app, workspaceId, webhookId, stopping);
  }
  return removed;
}

interface Old<T> {
  filter: Filter;
  sort: string[];
  /** Of those; judged again in the transaction that removes it. */
  only?: (doc: T) => boolean;
}

async function removeOld<T extends Versioned>(
  store: WorkspaceStore,
  kind: Kind<T>,
  { filter, sort, only = () => true }: Old<T>,
  stopping: Stopping,
): Promise<number> {
  let removed = 0;
  let after: string | null = null;
  do {
    if (stopping()) return removed;
    const page: { docs: T[]; next: string | null } = await store
      .docs(kind)
      .find(filter, { sort, limit: AT_ONCE, after });
    after = page.next;
    const ids = page.docs.filter(only).map(({ id }) => id);
    if (ids.length === 0) continue;
    removed += await store.transaction(async (tx) => {
      const found = (await tx.docs(kind).getMany(ids)).filter(only);
      for (const { id, version } of found) await tx.docs(kind).remove(id, version);
      return found.length;
    });
  } while (after !== null);
  return removed;
}
