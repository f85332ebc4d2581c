import { fail, type ActionFailure, type Cookies, type RequestEvent } from '@sveltejs/kit';
import { AppError, type ErrorCode, type ErrorDetails } from '#lib/protocol/errors.ts';
import type { CookieToSet } from '#server/auth/cookies.ts';
import type { Visitor } from '#server/services/sessions/enter.ts';

/** What a form's page gets back when it is refused: the code, what goes with it, and the values that may be shown again. */
export interface Refused {
  code: ErrorCode;
  details: ErrorDetails;
  values: { [name: string]: string };
  /** Which form of the page it was. */
  form: string;
}

const SECRET = new Set(['password', 'current', 'next', 'code', 'token', 'key']);

/** What a form sent, its single values and its lists; never files. */
export class FormValues {
  readonly #data: FormData;
  constructor(data: FormData) {
    this.#data = data;
  }
  text(name: string): string {
    const value = this.#data.get(name);
    return typeof value === 'string' ? value : '';
  }
  /** Null for an empty field. */
  given(name: string): string | null {
    const value = this.text(name).trim();
    return value === '' ? null : value;
  }
  list(name: string): string[] {
    return this.#data.getAll(name).filter((value) => typeof value === 'string');
  }
  /** Names of the fields, each once. */
  names(): string[] {
    return [...new Set(this.#data.keys())];
  }
  /** Everything but secrets, to fill the form again. */
  shown(): { [name: string]: string } {
    const shown: { [name: string]: string } = {};
    for (const [name, value] of this.#data) if (typeof value === 'string' && !SECRET.has(name)) shown[name] = value;
    return shown;
  }
  /** The command's meta: the key made with the page, the version that the page showed. */
  meta(): { idempotencyKey: string | null; expectedVersion: number | null } {
    const version = Number.parseInt(this.text('version'), 10);
    return { idempotencyKey: this.given('key'), expectedVersion: Number.isNaN(version) ? null : version };
  }
}

/**
 * Runs a form's command. A refusal goes back to the page with its code; anything else that is thrown is a bug and goes on.
 *
 * @param form name of the form within its page
 */
export async function answerForm<T>(
  event: RequestEvent,
  form: string,
  work: (values: FormValues) => Promise<T>,
): Promise<T | ActionFailure<Refused>> {
  let values = new FormValues(new FormData());
  try {
    values = await formOf(event.request);
    return await work(values);
  } catch (error) {
    const refusal = event.locals.runtime.refusal(error);
    if (refusal.code === 'internal') throw error;
    return fail(refusal.status, { code: refusal.code, details: refusal.details, values: values.shown(), form });
  }
}

/** @throws AppError unsupported_media for a body that is no form */
async function formOf(request: Request): Promise<FormValues> {
  try {
    return new FormValues(await request.formData());
  } catch {
    throw new AppError('unsupported_media', { expected: 'application/x-www-form-urlencoded' });
  }
}

export const visitorOf = (event: RequestEvent): Visitor => ({
  ip: event.getClientAddress(),
  cookie: event.request.headers.get('cookie'),
});

export function setCookies(cookies: Cookies, toSet: readonly CookieToSet[]): void {
  for (const { name, value, options } of toSet) cookies.set(name, value, options);
}

/** Where to go after signing in: a path of this site, or the start. */
export function safeNext(next: string | null): string {
  if (next === null || !/^\/(?![/\\])[\x21-\x7e]*$/.test(next) || next.includes('\\')) return '/';
  return /^\/(sign-in|sign-out|set-up|invitation)(\/|\?|$)/.test(next) ? '/' : next;
}
