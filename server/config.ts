import * as v from 'valibot';

const port = v.pipe(v.string(), v.transform(Number), v.integer(), v.minValue(0), v.maxValue(65_535));
const onOff = v.pipe(
  v.picklist(['on', 'off', 'true', 'false', '1', '0']),
  v.transform((value) => ['on', 'true', '1'].includes(value)),
);
const optional = v.optional(
  v.pipe(
    v.string(),
    v.transform((value) => (value === '' ? null : value)),
  ),
  '',
);

const environment = v.object({
  PORT: v.optional(port, '3000'),
  HOST: v.optional(v.string(), '127.0.0.1'),
  ORIGIN: optional,
  DATA_DIR: v.optional(v.string(), './data'),
  MONGODB_URI: optional,
  MONGODB_DB: v.optional(v.string(), 'encours'),
  DEMO: v.optional(v.union([v.literal('large'), onOff], 'on, off or large'), 'on'),
  ENCOURS_TODAY: optional,
  LOG_LEVEL: v.optional(v.picklist(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']), 'info'),
  IMPORT_MAX_MB: v.optional(v.pipe(v.string(), v.transform(Number), v.minValue(1), v.maxValue(2_000)), '200'),
  REQUEST_LIMIT: v.optional(v.pipe(v.string(), v.transform(Number), v.integer(), v.minValue(10)), '2000'),
  METRICS_TOKEN: optional,
  TRUSTED_PROXY: v.optional(onOff, 'off'),
  SMTP_URL: optional,
  MAIL_FROM: optional,
  ENCOURS_WEBHOOK_PRIVATE: v.optional(onOff, 'off'),
});

/** Every setting, read once. `.env.example` lists them with their meaning. */
export interface Config {
  port: number;
  host: string;
  /** Null: plain http on the loopback names only. */
  origin: string | null;
  dataDir: string;
  mongodbUri: string | null;
  mongodbDb: string;
  demo: boolean;
  /** `large`: 100,000 accounts. */
  demoSize: 'demo' | 'large';
  /** Fixes the business day (never instants, leases or sessions). */
  fixedToday: string | null;
  logLevel: string;
  importMaxBytes: number;
  /** Requests that one session or token may send in ten seconds. */
  requestLimit: number;
  /** Bearer token that /metrics asks for; null: loopback only. */
  metricsToken: string | null;
  trustedProxy: boolean;
  /** The server that takes mails, `smtps://user:password@host`; null: mails are kept for administrators to read. */
  smtpUrl: string | null;
  mailFrom: string;
  /** Webhooks may reach private and loopback addresses, and without TLS: for tests and closed networks. */
  webhookPrivate: boolean;
}

/**
 * Parses the environment.
 *
 * @throws Error naming each bad variable; the process should stop with it
 */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
  const result = v.safeParse(environment, given, { abortPipeEarly: true });
  if (!result.success) {
    const lines = result.issues.map((issue) => `${v.getDotPath(issue) ?? '?'}: ${issue.message}`);
    throw new Error(`Settings that cannot be used:\n  ${lines.join('\n  ')}\nSee .env.example.`);
  }
  const e = result.output;
  if (e.ENCOURS_TODAY !== null && !/^\d{4}-\d{2}-\d{2}$/.test(e.ENCOURS_TODAY))
    throw new Error('Settings that cannot be used:\n  ENCOURS_TODAY: a day such as 2013-06-30');
  if (e.ORIGIN !== null && !/^https?:\/\/[^/]+$/.test(e.ORIGIN))
    throw new Error(
      'Settings that cannot be used:\n  ORIGIN: scheme and host without a path, such as https://encours.example.com',
    );
  if (e.SMTP_URL !== null && !/^smtps?:\/\/[^/]+/.test(e.SMTP_URL))
    throw new Error('Settings that cannot be used:\n  SMTP_URL: such as smtps://user:password@mail.example.com');
  if (e.SMTP_URL !== null && e.MAIL_FROM === null)
    throw new Error('Settings that cannot be used:\n  MAIL_FROM: the address that mails come from');
  return {
    port: e.PORT,
    host: e.HOST,
    origin: e.ORIGIN,
    dataDir: e.DATA_DIR,
    mongodbUri: e.MONGODB_URI,
    mongodbDb: e.MONGODB_DB,
    demo: e.DEMO !== false && e.MONGODB_URI === null,
    demoSize: e.DEMO === 'large' ? 'large' : 'demo',
    fixedToday: e.ENCOURS_TODAY,
    logLevel: e.LOG_LEVEL,
    importMaxBytes: e.IMPORT_MAX_MB * 1_048_576,
    requestLimit: e.REQUEST_LIMIT,
    metricsToken: e.METRICS_TOKEN,
    trustedProxy: e.TRUSTED_PROXY,
    smtpUrl: e.SMTP_URL,
    mailFrom: e.MAIL_FROM ?? 'Encours <encours@localhost>',
    webhookPrivate: e.ENCOURS_WEBHOOK_PRIVATE,
  };
}
