import { afterEach, describe, expect, it } from 'vitest';
import { Connection } from '#lib/client/connection.svelte.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import { claimCase } from '#server/services/cases/claim-case.ts';
import { NO_META } from '#server/services/command.ts';
import type { Store, WorkspaceStore } from '#server/store/port.ts';
import { buildApp } from '../support/app.ts';
import { actorFor, buildAccount } from '../support/factories.ts';
import { openRealtime, until, type RealtimeHouse } from '../support/realtime.ts';

const CLIENTS = 200;
const BACK_MS = 15_000;

let house: RealtimeHouse | null = null;
const lines: Connection[] = [];
afterEach(async () => {
  for (const line of lines.splice(0)) line.stop();
  await house?.close();
  await house?.app.close();
});

/** The same store, which counts what is read of the journal. */
function counting(store: Store): { store: Store; reads: { journal: number } } {
  const reads = { journal: 0 };
  const wrap = (inner: WorkspaceStore): WorkspaceStore => ({
    ...inner,
    workspaceId: inner.workspaceId,
    docs: (kind) => inner.docs(kind),
    transaction: (work) => inner.transaction(work),
    journal: {
      ...inner.journal,
      head: (stream) => inner.journal.head(stream),
      read: (...asked) => {
        reads.journal += 1;
        return inner.journal.read(...asked);
      },
    },
  });
  const counted = Object.create(store, { workspace: { value: (id: string) => wrap(store.workspace(id)) } }) as Store;
  return { store: counted, reads };
}

describe('[O4] a restart', () => {
  it(`[O4] ${CLIENTS} clients come back at different moments, each reads once what it missed, and all know it`, async () => {
    const app = await buildApp({ at: new Date().toISOString() });
    const { store, reads } = counting(app.store);
    house = await openRealtime({ app: { ...app, store } });
    const people = await Promise.all(Array.from({ length: 10 }, () => house!.person()));
    const account = await buildAccount(app, house.workspace, { openItems: [{ cents: 5_000, dueDay: '2026-01-10' }] });
    const stream = accountStream(account.id);
    const { seq } = await app.store.workspace(house.workspace.id).journal.head(stream);
    const told = new Map<Connection, string[]>();
    const backAt: number[] = [];
    for (let at = 0; at < CLIENTS; at += 1) {
      const who = people[at % people.length];
      if (who === undefined) throw new Error('nobody');
      const line = new Connection();
      lines.push(line);
      told.set(line, []);
      await line.start({
        url: house.url,
        headers: { cookie: who.cookie, origin: house.url },
        isSignedIn: () => Promise.resolve(true),
      });
      line.watch(stream, seq, {
        event: (event) => void told.get(line)?.push(event.name),
        refetch: () => Promise.resolve(seq),
        lost: () => undefined,
      });
    }
    await until(() => lines.every((line) => line.status === 'connected'), 'all are there', 60_000);
    reads.journal = 0;

    await house.restart();
    const began = performance.now();
    const [first] = people;
    if (first !== undefined) await claimCase(app, actorFor(first.member), { id: account.id }, NO_META);
    const seen = new Set<Connection>();
    await until(
      () => {
        for (const line of lines)
          if (!seen.has(line) && told.get(line)?.includes('case.claimed')) {
            seen.add(line);
            backAt.push(performance.now() - began);
          }
        return seen.size === CLIENTS;
      },
      'all know what happened meanwhile',
      BACK_MS,
    );
    expect([...told.values()].every((names) => names.filter((name) => name === 'case.claimed').length === 1)).toBe(
      true,
    );
    expect(reads.journal).toBeLessThanOrEqual(CLIENTS);
    const spread = Math.max(...backAt) - Math.min(...backAt);
    expect(spread).toBeGreaterThan(1_000);
  }, 120_000);
});
