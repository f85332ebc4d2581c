import { ATTACHMENT_BYTES } from '#lib/domain/attachment/attachment.ts';
import { readConfig } from './config.ts';
import { ADDRESS_HEADER, createHttpServer, followRequests, SCHEME_HEADER, type Handler } from './http.ts';
import { runtimeSlot } from './slot.ts';

/** What keeps Encours from starting is told in its own words; where it broke says nothing to whoever starts it. */
function giveUp(error: unknown): never {
  process.stderr.write(`\n  Encours cannot start.\n  ${error instanceof Error ? error.message : String(error)}\n\n`);
  process.exit(1);
}
process.once('uncaughtException', giveUp);

const config = readConfig(process.env);

// The adapter reads these when it is imported. Without ORIGIN it would assume https and refuse every form.
if (config.origin === null) {
  process.env.PROTOCOL_HEADER = SCHEME_HEADER;
  // Set to nothing it would be taken for an address, and refused.
  delete process.env.ORIGIN;
} else process.env.ORIGIN = config.origin;
process.env.ADDRESS_HEADER = ADDRESS_HEADER;
// One limit for all routes: the hook keeps 512 KiB for every route but those that take files.
process.env.BODY_SIZE_LIMIT = String(Math.max(config.importMaxBytes, ATTACHMENT_BYTES) + 1_048_576);

const built = new URL('../build/handler.js', import.meta.url).href;
const { handler } = (await import(built)) as { handler: Handler };
const slot = runtimeSlot();
if (slot.runtime === undefined) throw new Error('The build does not carry the runtime: run npm run build.');
const runtime = await slot.runtime;

const server = createHttpServer(config, handler);
const drain = followRequests(server);
runtime.attach(server, { shared: false });

await new Promise<void>((resolve, reject) => {
  server.once('error', reject);
  server.listen(config.port, config.host, resolve);
});
const address = server.address();
const port = typeof address === 'object' && address !== null ? address.port : config.port;
runtime.app.log.info({ host: config.host, port }, 'listening');
await runtime.announce(config.origin ?? `http://${config.host}:${port}`);

/** How long requests under way may take to be answered before the store closes (ms). */
const DRAIN_MS = 3_000;

process.off('uncaughtException', giveUp);
// Nobody waited for it: a bug to report, no reason to put everybody out.
process.on('unhandledRejection', (error) => runtime.app.log.error({ err: error }, 'a promise failed unobserved'));

let stopping = false;
const stop = (signal: string): void => {
  if (stopping) return;
  stopping = true;
  runtime.app.log.info({ signal }, 'stopping');
  const forced = setTimeout(() => process.exit(1), 10_000);
  forced.unref();
  server.close();
  server.closeIdleConnections();
  drain(DRAIN_MS)
    .then(() => runtime.close())
    .then(() => {
      server.closeAllConnections();
      process.exit(0);
    })
    .catch((error: unknown) => {
      runtime.app.log.error({ err: error }, 'stopping failed');
      process.exit(1);
    });
};
process.on('SIGTERM', () => stop('SIGTERM'));
process.on('SIGINT', () => stop('SIGINT'));
