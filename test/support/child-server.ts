import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

/** A built server of one's own, on an empty store that goes with it. */
export interface ChildServer {
  /** `http://127.0.0.1:41234` */
  address: string;
  /** Everything it has printed until now. */
  printed(): string;
  stop(): Promise<void>;
}

/**
 * Starts the built server in a process of its own, on a port that the system gives.
 *
 * @param env settings beside those of the tests' server, such as `DEMO: 'off'`
 */
export async function startChildServer(env: Record<string, string> = {}): Promise<ChildServer> {
  const child: ChildProcess = spawn(process.execPath, ['test/support/e2e-server.ts'], {
    env: { ...process.env, ...env, E2E_PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  const address = new Promise<string>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the server ended with ${String(code)}:\n${lines.join('\n')}`)));
    if (child.stdout === null) return;
    createInterface(child.stdout).on('line', (line) => {
      lines.push(line);
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(line);
      if (found !== null) resolve(found[0]);
    });
  });
  return {
    address: await address,
    printed: () => lines.join('\n'),
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}
