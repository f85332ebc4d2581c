import type { App } from '../app.ts';

interface Work {
  stopping: boolean;
  running: Set<Promise<void>>;
}

const works = new WeakMap<App, Work>();

function workOf(app: App): Work {
  const known = works.get(app);
  if (known !== undefined) return known;
  const work: Work = { stopping: false, running: new Set() };
  works.set(app, work);
  return work;
}

/**
 * Lets work go on after the command that began it was answered. The work asks `stopping` between its steps and must be
 * such that it can be taken up again from the store. A failure is logged, never thrown.
 */
export function inBackground(app: App, name: string, work: (stopping: () => boolean) => Promise<void>): Promise<void> {
  const known = workOf(app);
  const running = work(() => known.stopping)
    .catch((error: unknown) => {
      if (!known.stopping) app.log.error({ err: error, work: name }, 'work in the background failed');
    })
    .finally(() => known.running.delete(running));
  known.running.add(running);
  return running;
}

/** Asks all work to stop at its next step and waits for it: before the store closes. */
export async function stopBackground(app: App): Promise<void> {
  const known = workOf(app);
  known.stopping = true;
  await Promise.all(known.running);
}
