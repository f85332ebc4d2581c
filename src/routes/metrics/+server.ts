import { isLoopbackAddress } from '#lib/server/loopback.ts';
import type { RequestHandler } from './$types';

/** Figures for Prometheus: with METRICS_TOKEN for whoever has it, without it for this machine only, and never behind a proxy. */
export const GET: RequestHandler = async ({ locals, request, getClientAddress }) => {
  const { app, metrics } = locals.runtime;
  const token = app.config.metricsToken;
  const allowed =
    token === null
      ? app.config.origin === null && isLoopbackAddress(getClientAddress())
      : request.headers.get('authorization') === `Bearer ${token}`;
  if (!allowed) return new Response(null, { status: 404 });
  return new Response(await metrics.registry.metrics(), {
    headers: { 'content-type': metrics.registry.contentType, 'cache-control': 'no-store' },
  });
};
