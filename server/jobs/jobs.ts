import { Cron } from 'croner';
import type { Id } from '#lib/domain/values.ts';
import type { App } from '../app.ts';
import { sweepAttachments } from '../services/attachments/sweep-attachments.ts';
import { resumeErasures } from '../services/erasure/finish-erasure.ts';
import { inBackground, stopBackground } from '../services/background.ts';
import { runBulk } from '../services/cases/run-bulk.ts';
import { startDay } from '../services/cases/start-day.ts';
import { sweepLeases } from '../services/cases/sweep-leases.ts';
import { endAbsences } from '../services/members/end-absences.ts';
import { nowIn } from '../services/command.ts';
import { holdJob } from '../services/job-lease.ts';
import { escalateLate } from '../services/disputes/escalate-late.ts';
import { resumeImports } from '../services/imports/import-work.ts';
import { makeMails } from '../services/mails/make-mails.ts';
import { sendMails } from '../services/mails/send-mails.ts';
import { purgeDaily } from '../services/purge.ts';
import { sweepSessions } from '../services/sessions/sign-out.ts';
import { workspaces } from '../store/kinds/installation.ts';
import { startWebhooks } from './webhooks/webhooks.ts';
import { bulkJobs } from '../store/kinds/workspace.ts';

export interface Jobs {
  /** Settles when every workspace stands at its business day: figures asked for before may still be yesterday's. */
  day: Promise<void>;
  /** Lets what is at work come to its next step, then ends. Call before the store closes. */
  stop(): Promise<void>;
}

type Stopping = () => boolean;
type Job = (app: App, workspaceId: Id, stopping: Stopping) => Promise<unknown>;

const MINUTE = 60_000;

/** Scheduled work and its times; every process tries, the lease in the store lets one do it. */
const SCHEDULE: { name: string; pattern: string; run: Job }[] = [
  { name: 'sweep', pattern: '*/10 * * * * *', run: (app, workspaceId) => sweepLeases(app, workspaceId) },
  { name: 'day', pattern: '*/20 * * * * *', run: bringToDay },
  { name: 'bulk', pattern: '*/15 * * * * *', run: resumeBulk },
  { name: 'imports', pattern: '*/30 * * * * *', run: resumeImports },
  { name: 'erasures', pattern: '*/30 * * * * *', run: resumeErasures },
  { name: 'files', pattern: '41 11 * * * *', run: (app, workspaceId) => sweepAttachments(app, workspaceId) },
  {
    name: 'mails',
    pattern: '*/15 * * * * *',
    run: async (app, workspaceId, stopping) => {
      await makeMails(app, workspaceId, stopping);
      await sendMails(app, workspaceId, stopping);
    },
  },
  // Once a day, at whatever hour the machine is up.
  { name: 'purge', pattern: '17 3,23,43 * * * *', run: purgeDaily },
];

/** Starts the scheduled work of every workspace; the day is looked at and unfinished work taken up at once. */
export function startJobs(app: App): Jobs {
  const turn = (name: string, run: Job): Promise<void> =>
    inBackground(app, name, async (stopping) => {
      for await (const { id } of app.store.installation.docs(workspaces).each({})) {
        if (stopping()) return;
        await run(app, id, stopping);
      }
    });
  const crons = SCHEDULE.map(
    ({ name, pattern, run }) => new Cron(pattern, { protect: true, unref: true }, () => turn(name, run)),
  );
  crons.push(
    new Cron('0 */5 * * * *', { protect: true, unref: true }, () =>
      inBackground(app, 'sessions', () => sweepSessions(app)),
    ),
  );
  const webhookJob = startWebhooks(app);
  const day = turn('day', bringToDay);
  void turn('bulk', resumeBulk);
  void turn('imports', resumeImports);
  return {
    day,
    async stop() {
      for (const cron of crons) cron.stop();
      webhookJob.stop();
      await stopBackground(app);
    },
  };
}

/**
 * Begins the business day when it has come, goes back when ENCOURS_TODAY does, and judges promises when a newer ledger
 * has been applied.
 */
export async function bringToDay(app: App, workspaceId: Id, stopping: Stopping): Promise<void> {
  const { today, workspace } = await nowIn(app, workspaceId);
  const target = `${today} ${workspace.ledgerAsOf ?? 'none'}`;
  const last = await holdJob(app, workspaceId, 'day', MINUTE);
  if (last === null || last === target) return;
  await endAbsences(app, workspaceId);
  const begun = app.clock.ms();
  const looked = await startDay(app, workspaceId, stopping, () => holdJob(app, workspaceId, 'day', MINUTE));
  await escalateLate(app, workspaceId, stopping, () => holdJob(app, workspaceId, 'day', MINUTE));
  if (stopping()) return;
  await holdJob(app, workspaceId, 'day', MINUTE, target);
  app.log.info({ workspaceId, today, accounts: looked, ms: app.clock.ms() - begun }, 'the day has begun');
}

/** Takes up bulk commands that a crash or a restart interrupted. */
export async function resumeBulk(app: App, workspaceId: Id, stopping: Stopping): Promise<void> {
  const left = await app.store.workspace(workspaceId).docs(bulkJobs).find({ state: 'running' }, { limit: 50 });
  for (const { id } of left.docs) if (!stopping()) await runBulk(app, workspaceId, id, stopping);
}
