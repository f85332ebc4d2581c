import { collectDefaultMetrics, Counter, Histogram, Registry } from 'prom-client';

/** What /metrics tells; never an account's or a person's data. */
export interface Metrics {
  registry: Registry;
  /** One request of /api/v1 or a page: route id, status class, seconds. */
  request(route: string, status: number, seconds: number): void;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'encours_' });
  const seconds = new Histogram({
    name: 'encours_request_seconds',
    help: 'Time to answer a request',
    labelNames: ['route'],
    buckets: [0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10],
    registers: [registry],
  });
  const requests = new Counter({
    name: 'encours_requests_total',
    help: 'Requests answered',
    labelNames: ['route', 'status'],
    registers: [registry],
  });
  return {
    registry,
    request(route, status, took) {
      seconds.observe({ route }, took);
      requests.inc({ route, status: `${Math.floor(status / 100)}xx` });
    },
  };
}
