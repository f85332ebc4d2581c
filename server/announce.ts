import type { App } from './app.ts';

/** People of a demo workspace, as the sign-in page offers them. */
export interface Introduction {
  /** The one-time set-up code while nobody has set the installation up; null afterwards. */
  setUpCode: string | null;
  demo: boolean;
}

/** Says in the terminal where Encours listens and what to try first. The set-up code is the only secret ever printed, and works once. */
export function announce(app: App, address: string, { setUpCode, demo }: Introduction): void {
  const lines = ['', `  Encours  ${address}`, ''];
  if (setUpCode !== null) lines.push(`  First visit: open the address and enter the set-up code  ${setUpCode}`, '');
  if (demo)
    lines.push(
      '  A demo workspace is ready. Sign in with one click as a collector, and in a private window as another person',
      '  (tabs of one window share a cookie). Then:',
      '    1. take a case from the queue, and see it taken in the other window;',
      '    2. open the account and write its note together;',
      '    3. write down a call with a promise to pay;',
      '    4. as the manager, reassign a case while the collector has it open.',
      '',
    );
  if (app.config.fixedToday !== null) lines.push(`  Today is fixed: ${app.config.fixedToday} (ENCOURS_TODAY)`, '');
  process.stdout.write(`${lines.join('\n')}\n`);
}
