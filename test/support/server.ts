import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Member } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { hashPassword } from '#server/auth/passwords.ts';
import { systemClock } from '#server/clock.ts';
import { buildApp, databaseOf, freshDirectory, type TestApp } from './app.ts';
import { buildMember } from './factories.ts';
import { testMongoUri } from './mongo.ts';
import { giveBackDatabase } from './mongo-pool.ts';
import { until } from './realtime.ts';

export interface Answer {
  status: number;
  headers: Headers;
  text: string;
  /** The body as JSON; throws when it is none. */
  json<T = Record<string, unknown>>(): T;
}

export interface AskOptions {
  headers?: Record<string, string>;
  /** An object is sent as JSON, a FormData as a form, text and bytes as they are. */
  body?: unknown;
}

/** Somebody with a cookie jar, or nobody yet. */
export interface Browser {
  readonly cookies: Map<string, string>;
  /** The `Cookie` header that it would send. */
  cookie(): string;
  request(method: string, path: string, options?: AskOptions): Promise<Answer>;
  /** Below /api/v1. */
  api(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Sends a form of this site, as a browser without scripts does. */
  form(path: string, fields: Record<string, string | string[]>, headers?: Record<string, string>): Promise<Answer>;
  signIn(email: string, password?: string): Promise<Answer>;
}

export interface TestServer {
  url: string;
  port: number;
  directory: string;
  /** Everything it has printed until now, line by line. */
  printed: string[];
  browser(): Browser;
  /** Signed in with the password of the tests. */
  as(email: string, password?: string): Promise<Browser>;
  /** Asks it to stop; answers its exit code. */
  stop(): Promise<number | null>;
  /** Opens the stopped server's store. */
  reopen(): Promise<TestApp>;
  /** Stops it if it runs, and removes its data. */
  close(): Promise<void>;
}

/** How long a `beforeAll` that starts a server may take: it may have to build first. */
export const START_MS = 300_000;

/** Password of everybody whom `buildPerson` makes. */
export const PASSWORD = 'mot de passe des essais';

let hash: Promise<string> | null = null;

/** A member who can sign in with the password of the tests. */
export async function buildPerson(app: TestApp, workspace: { id: Id }, overrides: Partial<Member>): Promise<Member> {
  return buildMember(app, workspace, { passwordHash: await (hash ??= hashPassword(PASSWORD)), ...overrides });
}

export interface ServerOptions {
  /** Settings beside those of the tests: a port and a directory of its own, no demo. */
  env?: Record<string, string>;
  /** Fills the store before the server starts. */
  prepare?: (app: TestApp) => Promise<void>;
}

/** Starts the real built server in a process of its own, on a port that the system gives. Close it after the test. */
export async function startServer({ env = {}, prepare }: ServerOptions = {}): Promise<TestServer> {
  await build();
  const uri = process.env.TEST_STORE === 'mongodb' ? testMongoUri() : null;
  const directory = await freshDirectory(uri);
  const today = env.ENCOURS_TODAY ?? systemClock(null).today('Europe/Paris');
  const open = (): Promise<TestApp> => buildApp({ directory, today, at: new Date().toISOString() });
  if (prepare !== undefined) {
    const app = await open();
    await prepare(app);
    await app.store.close();
  }
  const settings: Record<string, string> = {
    PORT: '0',
    HOST: '127.0.0.1',
    ORIGIN: '',
    DATA_DIR: directory,
    DEMO: 'off',
    LOG_LEVEL: 'info',
    NODE_OPTIONS: '',
    METRICS_TOKEN: '',
    ENCOURS_TODAY: '',
    MONGODB_URI: uri ?? '',
    MONGODB_DB: databaseOf(directory),
    ...env,
  };
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', 'server/main.ts'], {
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const end = (): void => void child.kill('SIGKILL');
  process.once('exit', end);
  const printed: string[] = [];
  const ended = once(child, 'close').then(([code]) => code as number | null);
  createInterface(child.stderr).on('line', (line) => printed.push(line));
  createInterface(child.stdout).on('line', (line) => printed.push(line));
  let code: number | null = null;
  let over = false;
  void ended.then((with_) => {
    code = with_;
    over = true;
  });
  const listening = (): number | null => {
    const line = printed.find((one) => one.includes('"msg":"listening"'));
    return line === undefined ? null : (JSON.parse(line) as { port: number }).port;
  };
  await until(() => over || listening() !== null, 'the server listens', 60_000);
  const port = listening();
  if (port === null) throw new Error(`the server ended with ${String(code)}:\n${printed.join('\n')}`);
  const url = `http://127.0.0.1:${port}`;
  // announced and ready: the set-up code, if any, is printed by then
  await until(() => printed.some((line) => line.includes('  Encours  ')), 'the server is announced', 60_000);
  await until(async () => (await fetch(`${url}/readyz`)).ok || env.ORIGIN !== undefined, 'the server is ready', 30_000);

  const browser = (): Browser => openBrowser(url, env.ORIGIN ?? url);
  const stop = async (): Promise<number | null> => {
    if (!over) child.kill('SIGTERM');
    return ended;
  };
  return {
    url,
    port,
    directory,
    printed,
    browser,
    as: async (email, password = PASSWORD) => {
      const one = browser();
      const answer = await one.signIn(email, password);
      if (answer.status !== 200) throw new Error(`${email} could not sign in: ${answer.status} ${answer.text}`);
      return one;
    },
    stop,
    reopen: open,
    close: async () => {
      const waiting = setTimeout(end, 12_000);
      await stop();
      clearTimeout(waiting);
      process.off('exit', end);
      rmSync(directory, { recursive: true, force: true });
      if (uri !== null) await giveBackDatabase(uri, databaseOf(directory));
    },
  };
}

/** A browser's cookie jar over fetch: what a page of this origin could do, and what a program could. */
export function openBrowser(url: string, origin: string): Browser {
  const cookies = new Map<string, string>();
  const cookie = (): string => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const keep = (headers: Headers): void => {
    for (const line of headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /max-age=0/i.test(line)) cookies.delete(name);
      else cookies.set(name, value);
    }
  };
  const request: Browser['request'] = async (method, path, { headers = {}, body } = {}) => {
    const sent = new Headers(cookies.size > 0 ? { cookie: cookie() } : {});
    const plain = body === undefined || typeof body === 'string' || body instanceof Uint8Array;
    if (!plain && !(body instanceof URLSearchParams)) sent.set('content-type', 'application/json');
    for (const [name, value] of Object.entries(headers)) sent.set(name, value);
    const payload = plain || body instanceof URLSearchParams ? body : JSON.stringify(body);
    const response = await fetch(`${url}${path}`, {
      method,
      headers: sent,
      redirect: 'manual',
      ...(payload === undefined ? {} : { body: payload as BodyInit }),
    });
    keep(response.headers);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, json: <T>() => JSON.parse(text) as T };
  };
  return {
    cookies,
    cookie,
    request,
    api: (method, path, body, headers = {}) => request(method, `/api/v1${path}`, { body, headers }),
    form: (path, fields, headers = {}) => {
      const body = new URLSearchParams();
      for (const [name, given] of Object.entries(fields))
        for (const value of typeof given === 'string' ? [given] : given) body.append(name, value);
      return request('POST', path, { body, headers: { origin, accept: 'text/html', ...headers } });
    },
    signIn: (email, password = PASSWORD) => request('POST', '/api/v1/session', { body: { email, password } }),
  };
}

const LOCK = join(tmpdir(), `encours-build-${process.cwd().replaceAll(/\W/g, '-')}`);
const MADE = 'build/handler.js';
const SOURCES = ['src', 'server', 'static', 'package.json', 'svelte.config.js', 'vite.config.ts'];
/** They run as they stand. */
const NOT_BUILT = /\.test\.ts$|^server\/(main|http|cli)\.ts$/;
const LONGEST_BUILD_MS = 240_000;

/** Builds once for all files that run side by side, when the build is missing or older than what it is made of. */
async function build(): Promise<void> {
  if (ageOf(LOCK) === null && isFresh()) return;
  try {
    mkdirSync(LOCK);
  } catch {
    await until(() => ageOf(LOCK) === null, 'somebody else builds', LONGEST_BUILD_MS);
    return build();
  }
  try {
    if (isFresh()) return;
    const made = spawnSync('node_modules/.bin/vite', ['build', '--logLevel', 'error'], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`the build failed:\n${made.stdout}${made.stderr}`);
  } finally {
    rmdirSync(LOCK);
  }
}

function ageOf(path: string): number | null {
  const modified = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (modified === undefined) return null;
  const age = Date.now() - modified;
  if (path === LOCK && age > LONGEST_BUILD_MS) rmSync(LOCK, { recursive: true, force: true });
  return age;
}

function isFresh(): boolean {
  const made = statSync(MADE, { throwIfNoEntry: false })?.mtimeMs;
  return made !== undefined && SOURCES.every((path) => newestOf(path) <= made);
}

function newestOf(path: string): number {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return 0;
  if (!found.isDirectory()) return NOT_BUILT.test(path) ? 0 : found.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newestOf(join(path, name))));
}
