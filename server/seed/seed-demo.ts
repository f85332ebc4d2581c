import { addDays } from '#lib/domain/calendar/calendar.ts';
import type { Member } from '#lib/domain/member/member.ts';
import type { Workspace } from '#lib/domain/workspace/workspace.ts';
import type { App } from '../app.ts';
import { changeWorkspace } from '../services/imports/ledger-day.ts';
import { createWorkspace } from '../services/members/create-workspace.ts';
import { newId } from '../store/id.ts';
import { workspaces } from '../store/kinds/installation.ts';
import { applyLedger } from './apply-ledger.ts';
import { appOn, makeHistory } from './history.ts';
import { closeSettled, disputeDeeds, fewerFlags, plotDisputes } from './disputes.ts';
import { makeLedger, type LedgerSize } from './ledger.ts';
import { DEMO_PASSWORD, makeTeam } from './people.ts';
import { seededRandom } from './random.ts';

export const SEED_SIZES = {
  tiny: { accounts: 40, itemsPerAccount: 8 },
  demo: { accounts: 400, itemsPerAccount: 14.4 },
  large: { accounts: 100_000, itemsPerAccount: 2 },
} as const satisfies Record<string, LedgerSize>;

export interface Seeded {
  workspace: Workspace;
  members: Member[];
  /** With which each of the members can sign in. */
  password: string;
  accounts: number;
}

/** The last ledger but one: what happened since is what the team's history tells. */
const DAYS_BEFORE = 60;
const entitiesOf = (): Workspace['entities'] => [
  { id: newId(), code: '10', name: 'Manufacture Brévalis SAS' },
  { id: newId(), code: '20', name: 'Brévalis Services SARL' },
];
const ENTITY_CODES = ['10', '20'];

/**
 * Makes a fictitious French company with its customers' ledger over two years up to today, its team and what the team
 * did lately. Everything goes through the import's differences and the users' commands, so that the journal replays.
 * The same seed and day give the same company.
 */
export async function seedDemo(
  app: App,
  options: { size?: keyof typeof SEED_SIZES; seed?: number; workspaceName?: string } = {},
): Promise<Seeded> {
  const size = SEED_SIZES[options.size ?? 'demo'];
  const random = seededRandom(options.seed ?? 20_261_122);
  const empty = await createWorkspace(app, { name: options.workspaceName ?? 'Manufacture Brévalis', demo: true });
  const made = await changeWorkspace(app, empty.id, 'system', (workspace) => ({
    ...workspace,
    entities: entitiesOf(),
  }));
  const today = app.clock.today(made.timeZone);
  const team = await makeTeam(app, made.id);
  const people = { collectors: ['CV', 'KB'], reps: ['NO'] };
  const ledger = makeLedger(random, size, people, today);
  if (options.size === 'large') {
    const accounts = await applyLedger(app, made.id, fewerFlags(ledger), today, ENTITY_CODES);
    return finished(app, made, team.all, accounts);
  }
  const scale = options.size === 'tiny' ? 1 / 3 : 1;
  const { ledger: kept, plots } = plotDisputes([...ledger], random, today, scale);
  const before = addDays(today, -DAYS_BEFORE);
  await applyLedger(appOn(app, before, 5), made.id, kept, before, ENTITY_CODES);
  const disputed = await disputeDeeds(app, made.id, plots, random, today);
  await makeHistory(app, made.id, kept, team, random, today, disputed);
  const accounts = await applyLedger(app, made.id, kept, today, ENTITY_CODES);
  await closeSettled(app, made.id);
  return finished(app, made, team.all, accounts);
}

async function finished(app: App, made: Workspace, members: Member[], accounts: number): Promise<Seeded> {
  const workspace = (await app.store.installation.docs(workspaces).get(made.id)) ?? made;
  return { workspace, members, password: DEMO_PASSWORD, accounts };
}
