import { AppError } from '#lib/protocol/errors.ts';
import { claimCase } from '#server/services/cases/claim-case.ts';
import { releaseCase } from '#server/services/cases/release-case.ts';
import { NO_META } from '#server/services/command.ts';
import { buildApp } from '../support/app.ts';
import { actorFor, buildAccount, buildMember, buildWorkspace } from '../support/factories.ts';
import { absolute, percentile, type Figure } from './figure.ts';

const CLAIMERS = 50;
const ROUNDS = 20;

/** Fifty people claim one case at the same moment. */
export async function benchClaim(): Promise<Figure[]> {
  const app = await buildApp();
  try {
    const workspace = await buildWorkspace(app);
    const people = [];
    for (let at = 0; at < CLAIMERS; at += 1)
      people.push(actorFor(await buildMember(app, workspace, { role: 'collector', scope: 'all' })));
    const account = await buildAccount(app, workspace, {});
    const times: number[] = [];
    let winners = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      const answers = await Promise.all(
        people.map(async (actor) => {
          const started = performance.now();
          try {
            await claimCase(app, actor, { id: account.id }, NO_META);
            return actor;
          } catch (error) {
            if (!(error instanceof AppError) || error.code !== 'already_claimed') throw error;
            return null;
          } finally {
            times.push(performance.now() - started);
          }
        }),
      );
      const won = answers.filter((actor) => actor !== null);
      winners += won.length;
      for (const actor of won) await releaseCase(app, actor, { id: account.id }, NO_META);
    }
    return [
      absolute('claim, 50 at once on one case: slowest answer', percentile(times, 1), 'ms', 1_000),
      absolute('claim, 50 at once: winners per round', winners / ROUNDS, 'winners', 1),
    ];
  } finally {
    await app.close();
  }
}
