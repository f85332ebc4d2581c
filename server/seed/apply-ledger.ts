import type { ImportRun } from '#lib/domain/import/import.ts';
import type { Day, Id } from '#lib/domain/values.ts';
import type { App } from '../app.ts';
import { nowIn } from '../services/command.ts';
import { loadStates, newState } from '../services/imports/account-state.ts';
import { keyOf, type FileContext } from '../services/imports/diff-account.ts';
import { importAccount } from '../services/imports/import-account.ts';
import { setLedgerDay, settleEntities } from '../services/imports/ledger-day.ts';
import { loadPeople } from '../services/imports/people.ts';
import { DisputeNumbers } from '../services/disputes/dispute-numbers.ts';
import type { AccountWrites, ImportOrigin } from '../services/imports/settle-imported.ts';
import { writeAccounts } from '../services/imports/write-accounts.ts';
import { newId } from '../store/id.ts';
import type { MadeAccount } from './ledger.ts';

const DOCS_PER_TRANSACTION = 1_000;

/**
 * Brings a made ledger in as an import of that day would, through the same differences, facts and events; what is issued
 * later is left out.
 */
export async function applyLedger(
  app: App,
  workspaceId: Id,
  ledger: Iterable<MadeAccount>,
  asOf: Day,
  entityCodes: readonly string[],
): Promise<number> {
  const importId = newId(app.clock.ms());
  const run = { startedBy: 'system', entityCodes: [...entityCodes] } satisfies Pick<
    ImportRun,
    'startedBy' | 'entityCodes'
  >;
  const entities = await settleEntities(app, workspaceId, run);
  const now = await nowIn(app, workspaceId);
  const context: FileContext = {
    newId: () => newId(),
    importId,
    asOf,
    at: now.at,
    people: await loadPeople(app, workspaceId),
    entities,
    defaultTermsDays: now.workspace.settings.defaultTermsDays,
  };
  const store = app.store.workspace(workspaceId);
  let batch: MadeAccount[] = [];
  let cost = 0;
  let done = 0;
  const flush = async (): Promise<void> => {
    const accounts = batch;
    batch = [];
    cost = 0;
    await store.transaction(async (tx) => {
      const states = await loadStates(
        tx,
        accounts.map(({ number }) => number),
      );
      const counted = await DisputeNumbers.read(tx);
      const origin: ImportOrigin = {
        importId,
        asOf,
        memberId: 'system',
        nextNumber: () => counted.next(),
        newId: context.newId,
      };
      const writes: AccountWrites[] = [];
      for (const { number, lines } of accounts) {
        const state = states.get(number) ?? newState();
        const known = lines.filter((line) => line.issueDay <= asOf);
        const told = { number, lines: known, first: true, last: true, allKeys: new Set(known.map(keyOf)) };
        const made = known.length === 0 ? null : await importAccount(tx, state, told, context, now, origin);
        if (made !== null) writes.push(made);
      }
      await counted.save();
      await writeAccounts(tx, writes, now, origin);
    });
    done += accounts.length;
    await new Promise((resolve) => setImmediate(resolve));
  };
  for (const account of ledger) {
    batch.push(account);
    cost += 6 + 2.5 * account.lines.length;
    if (cost >= DOCS_PER_TRANSACTION) await flush();
  }
  if (batch.length > 0) await flush();
  await setLedgerDay(app, workspaceId, 'system', asOf);
  return done;
}
