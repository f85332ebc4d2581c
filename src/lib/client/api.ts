import type { ErrorCode, ErrorDetails, Problem } from '#lib/protocol/errors.ts';
import type { Id } from '#lib/domain/values.ts';
import { MEANT_FOR_HEADER } from '#lib/protocol/offline.ts';
import { saves } from './saves.svelte.ts';

/** A refusal as the browser gets it; `network` when no answer came at all. */
export class ClientProblem extends Error {
  readonly code: ErrorCode | 'network';
  /** HTTP status; 0 when no answer came. */
  readonly status: number;
  readonly details: ErrorDetails;
  constructor(code: ErrorCode | 'network', status: number, details: ErrorDetails = {}) {
    super(code);
    this.name = 'ClientProblem';
    this.code = code;
    this.status = status;
    this.details = details;
  }
}

export interface CallOptions {
  signal?: AbortSignal;
  /** SvelteKit's fetch in a `load`. */
  fetch?: typeof globalThis.fetch;
}

export interface CommandOptions extends CallOptions {
  /** The version that the user saw: sent as If-Match, refused with version_conflict when it is another now. */
  version?: number | null;
  /** The user's act, when the caller retries it later; made here otherwise. */
  key?: string;
  /** Whose act it is; whoever this page was loaded for when left out. */
  memberId?: Id;
}

let pageOf: Id | null = null;

/** Says for whom this page was loaded: what it sends is refused once somebody else is signed in. In a browser only. */
export function speakFor(memberId: Id | null): void {
  pageOf = memberId;
}

/** Headers that say for whom something is sent. */
export function meantFor(memberId: Id | null = pageOf): Record<string, string> {
  return memberId === null ? {} : { [MEANT_FOR_HEADER]: memberId };
}

const ROOT = '/api/v1';
/** Waits before each further try of a command that got no answer, ms. */
const RETRY_AFTER_MS = [300, 1_000, 3_000];
const RETRY_STATUS = new Set([502, 503, 504]);

/** A key for one act of the user: the same for every try of it, another for the next act. */
export function newKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/**
 * Reads from /api/v1.
 *
 * @param path below /api/v1, `/queue`
 * @param params query parameters; null, undefined and '' are left out
 * @throws ClientProblem
 */
export async function query<T>(
  path: string,
  params: Record<string, string | number | boolean | null | undefined> = {},
  { signal, fetch = globalThis.fetch }: CallOptions = {},
): Promise<T> {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params))
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  const text = search.toString();
  const response = await reach(() =>
    fetch(`${ROOT}${path}${text === '' ? '' : `?${text}`}`, {
      headers: { accept: 'application/json' },
      ...(signal === undefined ? {} : { signal }),
    }),
  );
  return answerOf<T>(response);
}

/**
 * Sends a command, once per act of the user: when no answer comes it is sent again under the same Idempotency-Key, so
 * that it is done once. Counts as "saving" meanwhile.
 *
 * @throws ClientProblem; `network` when the last try got no answer either: it may have been done or not
 */
export function command<T>(
  method: 'POST' | 'PATCH' | 'PUT' | 'DELETE',
  path: string,
  body: unknown = {},
  options: CommandOptions = {},
): Promise<T> {
  return saves.track(send<T>(method, path, body, options));
}

async function send<T>(method: string, path: string, body: unknown, options: CommandOptions): Promise<T> {
  const { version = null, key = newKey(), signal, fetch = globalThis.fetch } = options;
  const headers: Record<string, string> = {
    accept: 'application/json',
    'content-type': 'application/json',
    'idempotency-key': key,
    ...meantFor(options.memberId),
  };
  if (version !== null) headers['if-match'] = `"${version}"`;
  const text = method === 'DELETE' ? undefined : JSON.stringify(body);
  for (let turn = 0; ; turn += 1) {
    const pause = RETRY_AFTER_MS[turn];
    try {
      const response = await reach(() =>
        fetch(`${ROOT}${path}`, {
          method,
          headers,
          ...(text === undefined ? {} : { body: text }),
          ...(signal === undefined ? {} : { signal }),
        }),
      );
      if (pause === undefined || !RETRY_STATUS.has(response.status)) return await answerOf<T>(response);
    } catch (error) {
      if (pause === undefined || !(error instanceof ClientProblem) || error.code !== 'network') throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, pause * (0.75 + Math.random() / 2)));
  }
}

async function reach(call: () => Promise<Response>): Promise<Response> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ClientProblem('network', 0);
  }
}

async function answerOf<T>(response: Response): Promise<T> {
  if (response.ok) {
    if (response.status === 204) return undefined as T;
    try {
      return (await response.json()) as T;
    } catch {
      // the answer was cut: whether it was done is not known
      throw new ClientProblem('network', 0);
    }
  }
  const problem = await problemOf(response);
  throw new ClientProblem(problem?.code ?? 'internal', response.status, problem?.details ?? {});
}

async function problemOf(response: Response): Promise<Partial<Problem> | null> {
  try {
    const body: unknown = await response.json();
    return typeof body === 'object' && body !== null && 'code' in body ? (body as Partial<Problem>) : null;
  } catch {
    return null;
  }
}
