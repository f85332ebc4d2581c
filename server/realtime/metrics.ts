import { Counter, Gauge, type Registry } from 'prom-client';

/** What the gateway counts; nothing in it names a person or an account. */
export interface RealtimeMetrics {
  connections: Gauge;
  rooms: Gauge;
  events: Counter;
  deliveries: Counter;
  dropped: Counter<'reason'>;
  refused: Counter<'code'>;
}

/** @param registry where to register; null: counted but shown nowhere */
export function realtimeMetrics(registry: Registry | null): RealtimeMetrics {
  const registers = registry === null ? [] : [registry];
  return {
    connections: new Gauge({ name: 'encours_realtime_connections', help: 'Sockets connected', registers }),
    rooms: new Gauge({ name: 'encours_realtime_rooms', help: 'Rooms with somebody in them', registers }),
    events: new Counter({ name: 'encours_realtime_events_total', help: 'Journal events seen', registers }),
    deliveries: new Counter({ name: 'encours_realtime_deliveries_total', help: 'Messages pushed', registers }),
    dropped: new Counter({
      name: 'encours_realtime_dropped_total',
      help: 'Sockets given up',
      labelNames: ['reason'],
      registers,
    }),
    refused: new Counter({
      name: 'encours_realtime_refused_total',
      help: 'Messages and connections refused',
      labelNames: ['code'],
      registers,
    }),
  };
}
