import type { Actor } from '#lib/domain/member/member.ts';
import { AppError, ERRORS, type Problem } from '#lib/protocol/errors.ts';
import type { App } from '../app.ts';
import { RefusedCursor, StoreUnavailable } from '../store/port.ts';
import type { Method, Operation } from './operation.ts';
import { OPERATIONS } from './operations.ts';
import { parametersOf, refuseUnplain } from './plain-input.ts';
import { runOperation } from './run.ts';

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,128}$/;
const ETAG = /^(?:W\/)?"(\d{1,15})"$/;

interface Route {
  operation: Operation;
  pattern: RegExp;
  names: string[];
}

const ROUTES: Route[] = OPERATIONS.map((operation) => {
  const names: string[] = [];
  const pattern = operation.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    names.push(name);
    return '([^/]+)';
  });
  return { operation, names, pattern: new RegExp(`^${pattern}$`) };
});

/** What a request to /api/v1 asks, or the refusal: not_found for an unknown path, method_not_allowed with `allow`. */
export function routeOf(method: string, path: string): { operation: Operation; params: Record<string, string> } {
  const allowed: Method[] = [];
  for (const { operation, pattern, names } of ROUTES) {
    const match = pattern.exec(path);
    if (match === null) continue;
    if (operation.method !== method) {
      allowed.push(operation.method);
      continue;
    }
    const params: Record<string, string> = {};
    names.forEach((name, index) => {
      params[name] = decodeURIComponent(match[index + 1] ?? '');
    });
    return { operation, params };
  }
  if (allowed.length > 0) throw new AppError('method_not_allowed', { allow: allowed });
  throw new AppError('not_found');
}

/** Reads the body of a command as a plain JSON object; an empty body is an empty object. */
async function readJson(request: Request): Promise<Record<string, unknown>> {
  const text = await request.text();
  if (text.trim() === '') return {};
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/(?:[\w.+-]+\+)?json\b/i.test(type))
    throw new AppError('unsupported_media', { expected: 'application/json' });
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw new AppError('bad_request', { issues: [{ path: '', reason: 'json' }] });
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body))
    throw new AppError('bad_request', { issues: [{ path: '', reason: 'object' }] });
  return body as Record<string, unknown>;
}

function metaOf(
  request: Request,
  operation: Operation,
): { idempotencyKey: string | null; expectedVersion: number | null } {
  const key = request.headers.get('idempotency-key');
  if (key !== null && !IDEMPOTENCY_KEY.test(key))
    throw new AppError('bad_request', { issues: [{ path: 'Idempotency-Key', reason: 'format' }] });
  const match = operation.versioned ? request.headers.get('if-match') : null;
  if (match === null || match === '*') return { idempotencyKey: key, expectedVersion: null };
  const version = ETAG.exec(match.trim())?.[1];
  if (version === undefined) throw new AppError('bad_request', { issues: [{ path: 'If-Match', reason: 'format' }] });
  return { idempotencyKey: key, expectedVersion: Number(version) };
}

/** The version that an answer speaks of: its own, or that of the one record it holds. */
function versionOf(answer: unknown): number | null {
  if (typeof answer !== 'object' || answer === null) return null;
  const holder = answer as {
    version?: unknown;
    case?: { version?: unknown };
    dispute?: { version?: unknown };
    task?: { version?: unknown };
    contact?: { version?: unknown };
    member?: { version?: unknown };
  };
  const version = [holder, holder.dispute, holder.case, holder.task, holder.contact, holder.member].find(
    (one) => one?.version !== undefined,
  )?.version;
  return typeof version === 'number' ? version : null;
}

/** Answers a request to /api/v1 for this actor. Every refusal is a problem document. */
export async function answerApi(
  app: App,
  actor: Actor,
  request: Request,
  path: string,
  requestId: string,
): Promise<Response> {
  try {
    const url = new URL(request.url);
    const { operation, params } = routeOf(request.method, path);
    const given =
      operation.method === 'GET' || operation.method === 'DELETE'
        ? parametersOf(url.searchParams)
        : await readJson(request);
    refuseUnplain(given);
    const answer = await runOperation(app, actor, operation, { ...given, ...params }, metaOf(request, operation));
    if (answer instanceof Response) return answer;
    const version = versionOf(answer);
    const headers = new Headers({ 'cache-control': 'private, no-store' });
    if (version !== null) headers.set('etag', `"${version}"`);
    if (operation.status === 204 || answer === undefined) return new Response(null, { status: 204, headers });
    headers.set('content-type', 'application/json');
    return new Response(JSON.stringify(answer), { status: operation.status, headers });
  } catch (error) {
    return problemResponse(app, error, requestId);
  }
}

/** Turns whatever was thrown into a problem document (RFC 9457); what is no refusal of ours is logged as a bug. */
export function problemResponse(app: App, error: unknown, requestId: string): Response {
  const refusal = refusalOf(error);
  if (ERRORS[refusal.code].report) app.log.error({ err: error, requestId }, 'request failed');
  const problem: Problem = {
    type: `urn:encours:problem:${refusal.code}`,
    title: refusal.code.replaceAll('_', ' '),
    status: refusal.status,
    code: refusal.code,
    instance: `urn:encours:request:${requestId}`,
    details: refusal.details,
  };
  const headers = new Headers({ 'content-type': 'application/problem+json', 'cache-control': 'no-store' });
  if (refusal.details.retryAfter !== undefined) headers.set('retry-after', String(refusal.details.retryAfter));
  if (refusal.details.currentVersion !== undefined) headers.set('etag', `"${refusal.details.currentVersion}"`);
  if (Array.isArray(refusal.details.allow)) headers.set('allow', refusal.details.allow.join(', '));
  if (refusal.code === 'unauthenticated') headers.set('www-authenticate', 'Bearer');
  return new Response(JSON.stringify(problem), { status: refusal.status, headers });
}

/** The refusal that stands for an error. */
export function refusalOf(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (error instanceof StoreUnavailable) return new AppError('store_unavailable', { retryAfter: 2 });
  if (error instanceof RefusedCursor)
    return new AppError('bad_request', { issues: [{ path: 'after', reason: 'cursor' }] });
  if (error instanceof URIError) return new AppError('not_found');
  return new AppError('internal');
}
