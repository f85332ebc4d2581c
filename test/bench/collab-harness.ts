import { fork, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Client, type Target } from './collab-load.ts';

export type Kind = 'bare' | 'encours';

/** Both, one after the other, in an order that changes with the round: a busy machine slows both. */
export const kindsOf = (round: number): readonly Kind[] =>
  round % 2 === 0 ? ['bare', 'encours'] : ['encours', 'bare'];

export interface Measured {
  cpuMs: number;
  /** The longest that the loop kept anybody waiting (ms), and the CPU time of its longest turn (ms). */
  worstMs: number;
  turnMs: number;
  stats: { rooms: number };
}

/** The measured process. */
export class Server {
  readonly child: ChildProcess;
  readonly #accounts: number;
  target: Target = { port: 0, cookies: [] };
  documents: string[] = [];

  constructor(kind: Kind, accounts = 210) {
    const file = fileURLToPath(new URL('./collab-server.ts', import.meta.url));
    this.child = fork(file, [kind, String(accounts)], { execArgv: ['--expose-gc'] });
    this.#accounts = accounts;
  }
  async #next<T>(): Promise<T> {
    return await new Promise<T>((resolve, reject) => {
      this.child.once('message', (message) => resolve(message as T));
      this.child.removeAllListeners('exit');
      this.child.once('exit', (code) => reject(new Error(`the server ended with ${code}`)));
    });
  }
  async open(): Promise<this> {
    const told = await this.#next<{ port: number; cookie?: string; documents?: string[] }>();
    this.target = { port: told.port, cookies: JSON.parse(told.cookie ?? '[]') as string[] };
    this.documents = told.documents ?? Array.from({ length: this.#accounts }, (_, i) => `thread:${i}:internal`);
    return this;
  }
  /** @param turns watch the loop too, which costs some of what is measured */
  async start(turns = false): Promise<void> {
    this.child.send(turns ? 'watch' : 'start');
    await this.#next();
  }
  async stop(): Promise<Measured> {
    this.child.send('stop');
    return await this.#next<Measured>();
  }
  /** After its garbage is collected. */
  async memory(): Promise<NodeJS.MemoryUsage> {
    this.child.send('memory');
    return await this.#next<NodeJS.MemoryUsage>();
  }
  end(): void {
    this.child.send('end');
  }
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Clients at one document, ready. */
export async function join(server: Server, document: string, count: number): Promise<Client[]> {
  const clients = Array.from({ length: count }, () => new Client(server.target, document));
  await Promise.all(clients.map(({ open }) => open));
  if (server.target.cookies.length > 0) {
    for (const client of clients) client.ask();
    await Promise.all(clients.map(({ synced }) => synced));
  }
  return clients;
}
