import { createHmac } from 'node:crypto';
import { lookup as resolve, type LookupAddress } from 'node:dns';
import { request as requestPlain } from 'node:http';
import { request as requestTls } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import type { Webhook } from '#lib/domain/webhook/webhook.ts';
import { hostOf, isPublicAddress, webhookAddressRefusal } from '../../services/webhooks/public-address.ts';

export const TIMEOUT_MS = 10_000;
const MAX_ANSWER = 16_384;

/** What became of one try. */
export interface Sent {
  /** HTTP status; null when there was no answer. */
  status: number | null;
  /** Null when it was taken. */
  error: string | null;
}

class PrivateAddress extends Error {
  constructor() {
    super('private_address');
  }
}

/** Resolves a name and refuses it when one of its addresses is not public: checked for the very address that is used. */
export const publicLookup: LookupFunction = (host, options, callback) => {
  resolve(host, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    const [first] = addresses ?? [];
    if (error !== null || first === undefined) return callback(error ?? new Error('no address'), '', 0);
    if (!addresses.every(({ address }) => isPublicAddress(address))) return callback(new PrivateAddress(), '', 0);
    if (options.all === true) return callback(null, addresses);
    return callback(null, first.address, first.family);
  });
};

/** `t=<unix seconds>,v1=<hex HMAC-SHA256 over "<t>.<body>">`, with the webhook's secret. */
export function signatureOf(secret: string, seconds: number, body: string): string {
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`;
}

/**
 * Posts one event to a webhook's address. Redirects are not followed; an answer other than 2xx is a failure.
 *
 * @param anywhere whether private addresses and plain http are allowed
 * @param stop ends the try when the process stops: `error` is then `stopped`
 */
export async function sendDelivery(
  webhook: Pick<Webhook, 'url' | 'secret'>,
  delivery: { id: string; eventName: string; body: string },
  { anywhere, seconds, stop }: { anywhere: boolean; seconds: number; stop: AbortSignal },
): Promise<Sent> {
  // The rule may have become stricter since the webhook was made.
  const refusal = webhookAddressRefusal(webhook.url, anywhere);
  if (refusal !== null) return { status: null, error: refusal };
  const url = new URL(webhook.url);
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const guarded = anywhere || isIP(hostOf(url)) !== 0 ? {} : { lookup: publicLookup };
  const body = Buffer.from(delivery.body);
  const request = (url.protocol === 'https:' ? requestTls : requestPlain)(url, {
    ...guarded,
    method: 'POST',
    agent: false,
    signal: AbortSignal.any([timeout, stop]),
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-length': body.length,
      'user-agent': 'Encours-Webhook/1',
      'encours-event': delivery.eventName,
      'encours-delivery': delivery.id,
      'encours-signature': signatureOf(webhook.secret, seconds, delivery.body),
    },
  });
  try {
    const status = await new Promise<number>((taken, failed) => {
      request.on('error', failed).on('response', (response) => {
        let bytes = 0;
        response.on('error', failed).on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          // Nobody needs a long answer: the status was said at its start.
          if (bytes > MAX_ANSWER) response.destroy();
        });
        response.on('close', () => taken(response.statusCode ?? 0));
      });
      request.end(body);
    });
    return { status, error: status >= 200 && status < 300 ? null : status < 400 ? 'redirect' : 'refused' };
  } catch (error) {
    return { status: null, error: stop.aborted ? 'stopped' : timeout.aborted ? 'timeout' : codeOf(error) };
  } finally {
    request.destroy();
  }
}

function codeOf(error: unknown): string {
  if (error instanceof PrivateAddress) return 'private_address';
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code.toLowerCase().slice(0, 60) : 'unreachable';
}
