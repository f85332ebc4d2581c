import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A child process that runs a TypeScript file of the tests, with its lines. */
export interface Child {
  process: ChildProcess;
  /** Complete lines printed so far. */
  lines: string[];
  /** What it wrote to its standard error. */
  errors(): string;
  /** Resolves once a line that passes has come; rejects if the process ends before. */
  waitFor(test: (line: string) => boolean): Promise<string>;
  /** Kills it at once and waits until all that it had printed is read. */
  kill(): Promise<void>;
  /** Its exit code, once it has ended by itself. */
  ended: Promise<number | null>;
}

export function runChild(file: URL, args: readonly string[], env: Record<string, string> = {}): Child {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file.pathname, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_OPTIONS: '', ...env },
  });
  const lines: string[] = [];
  const waiting = new Set<{
    test: (line: string) => boolean;
    resolve: (line: string) => void;
    reject: (error: Error) => void;
  }>();
  let rest = '';
  let errors = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop() ?? '';
    for (const line of parts) {
      lines.push(line);
      for (const one of waiting) {
        if (!one.test(line)) continue;
        waiting.delete(one);
        one.resolve(line);
      }
    }
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  const ended = once(child, 'close').then(([code]) => {
    for (const one of waiting) one.reject(new Error(`the child ended with ${String(code)}: ${errors}`));
    return code as number | null;
  });
  return {
    process: child,
    lines,
    errors: () => errors,
    ended,
    waitFor: (test) => {
      const there = lines.find(test);
      if (there !== undefined) return Promise.resolve(there);
      return new Promise((resolve, reject) => waiting.add({ test, resolve, reject }));
    },
    kill: async () => {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
