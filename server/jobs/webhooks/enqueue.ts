import { hash } from 'node:crypto';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Id, Instant } from '#lib/domain/values.ts';
import type { Webhook, WebhookDelivery } from '#lib/domain/webhook/webhook.ts';
import { parseStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { actorFor } from '../../auth/authenticate.ts';
import { mayReadStream } from '../../services/access-stream.ts';
import { workspaces } from '../../store/kinds/installation.ts';
import { webhookDeliveries, webhooks } from '../../store/kinds/disputes.ts';
import { accounts } from '../../store/kinds/workspace.ts';
import type { StoredEvent, WorkspaceStore } from '../../store/port.ts';

const AT_ONCE = 200;
const STREAMS = 200;
const PAGE = 200;
/** Clocks differ between machines, and a transaction takes its time. */
const OVERLAP_MS = 600_000;

/** The same for the same event and webhook: an event that comes twice makes one delivery. */
const deliveryId = (webhookId: Id, eventId: Id): Id => hash('sha256', `${webhookId} ${eventId}`, 'hex').slice(0, 40);

/** The rights tokens of accounts, read once. */
export function accessReader(store: WorkspaceStore): (accountId: Id) => Promise<readonly string[] | null> {
  const known = new Map<Id, Promise<readonly string[] | null>>();
  return (accountId) => {
    const found =
      known.get(accountId) ??
      store
        .docs(accounts)
        .get(accountId)
        .then((account) => account?.access ?? null);
    known.set(accountId, found);
    return found;
  };
}

/**
 * Writes down, for each webhook that listens, which of these events it is to be told: those that its token's member may
 * see now. What is already written down is passed over.
 *
 * @returns how many deliveries are new
 */
export async function enqueueEvents(app: App, events: readonly StoredEvent[]): Promise<number> {
  const byWorkspace = Map.groupBy(
    events.filter((event) => parseStream(event.stream) !== null),
    (event) => event.workspaceId,
  );
  let made = 0;
  for (const [workspaceId, list] of byWorkspace) {
    const store = app.store.workspace(workspaceId);
    const accessOf = accessReader(store);
    for (const webhook of await listening(store)) {
      const actor = await actorFor(app, webhook.memberId, webhook.tokenId);
      if (actor === null) continue;
      const wanted: StoredEvent[] = [];
      for (const event of list) if (await wants(webhook, actor, event, accessOf)) wanted.push(event);
      for (let at = 0; at < wanted.length; at += AT_ONCE)
        made += await insert(store, webhook, wanted.slice(at, at + AT_ONCE), app.clock.now());
    }
  }
  return made;
}

async function listening(store: WorkspaceStore): Promise<Webhook[]> {
  const found: Webhook[] = [];
  for (const state of ['active', 'failing'])
    found.push(...(await store.docs(webhooks).find({ state }, { limit: 100 })).docs);
  return found;
}

async function wants(
  webhook: Webhook,
  actor: Actor,
  event: StoredEvent,
  accessOf: (accountId: Id) => Promise<readonly string[] | null>,
): Promise<boolean> {
  if (event.at < webhook.createdAt) return false;
  if (webhook.events.length > 0 && !webhook.events.includes(event.name)) return false;
  return mayReadStream(actor, event.stream, accessOf);
}

async function insert(
  store: WorkspaceStore,
  webhook: Webhook,
  events: readonly StoredEvent[],
  at: Instant,
): Promise<number> {
  return store.transaction(async (tx) => {
    const docs = tx.docs(webhookDeliveries);
    const ids = events.map((event) => deliveryId(webhook.id, event.id));
    const known = new Set((await docs.getMany(ids)).map((one) => one.id));
    const fresh = events.flatMap((event, index): WebhookDelivery[] => {
      const id = ids[index] ?? '';
      if (known.has(id)) return [];
      const { stream, name: eventName } = event;
      const common = { id, version: 1, webhookId: webhook.id, eventId: event.id, stream, eventName };
      return [{ ...common, state: 'waiting', tries: 0, createdAt: at, nextTryAt: at, status: null, error: null }];
    });
    if (fresh.length > 0) await docs.insertMany(fresh);
    return fresh.length;
  });
}

/**
 * Looks through every stream for what was said since an instant: the journal's tail was lost, and with it what came in
 * between.
 */
export async function catchUpStreams(app: App, since: Instant, stopping: () => boolean): Promise<number> {
  const from = new Date(Date.parse(since) - OVERLAP_MS).toISOString();
  let made = 0;
  for await (const { id } of app.store.installation.docs(workspaces).each({})) {
    const store = app.store.workspace(id);
    if ((await listening(store)).length === 0) continue;
    let names: string[] = [];
    const look = async (): Promise<void> => {
      made += await lookBack(app, store, names, from, stopping);
      names = [];
    };
    for await (const { stream } of store.journal.streams()) {
      if (stopping()) return made;
      if (parseStream(stream) !== null) names.push(stream);
      if (names.length === STREAMS) await look();
    }
    if (names.length > 0) await look();
  }
  return made;
}

async function lookBack(
  app: App,
  store: WorkspaceStore,
  names: readonly string[],
  from: Instant,
  stopping: () => boolean,
): Promise<number> {
  let made = 0;
  for (let before: { at: Instant; id: Id } | null = null; !stopping();) {
    const page: StoredEvent[] = await store.journal.page(names, { before, limit: PAGE });
    const fresh = page.filter((event) => event.at >= from);
    made += await enqueueEvents(app, fresh);
    const last = page.at(-1);
    if (last === undefined || fresh.length < page.length || page.length < PAGE) return made;
    before = { at: last.at, id: last.id };
  }
  return made;
}
