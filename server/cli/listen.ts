import { randomBytes, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { App } from '../app.ts';
import { runCliCommand } from './run.ts';
import { announceRunning, withdrawRunning } from './running.ts';
import type { CliMessage, CliRequest } from './wire.ts';

const MAX_REQUEST_BYTES = 1024 * 1024;

/**
 * Takes the commands of `encours` while the server runs: a loopback port of its own, with a token that only the owner
 * of the data directory can read.
 *
 * @returns stops listening and takes the announcement away
 */
export async function listenForCli(app: App): Promise<() => Promise<void>> {
  const token = randomBytes(32).toString('base64url');
  const server = createServer((request, response) => {
    answer(app, token, request, response).catch((error: unknown) => {
      app.log.error({ err: error }, 'command failed');
      response.destroy();
    });
  });
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const running = { port: (server.address() as AddressInfo).port, token, pid: process.pid };
  await announceRunning(app.config.dataDir, running);
  return async () => {
    await withdrawRunning(app.config.dataDir, running);
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
}

function isAllowed(request: IncomingMessage, token: string): boolean {
  const given = Buffer.from(request.headers.authorization ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function readRequest(request: IncomingMessage): Promise<CliRequest> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_REQUEST_BYTES) throw new Error('request too large');
    chunks.push(chunk);
  }
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as CliRequest;
}

async function answer(app: App, token: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST' || request.url !== '/run' || !isAllowed(request, token)) {
    response.writeHead(404).end();
    return;
  }
  const { name, args } = await readRequest(request);
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  const say = (message: CliMessage): void => void response.write(`${JSON.stringify(message)}\n`);
  try {
    say({ result: await runCliCommand(app, name, args, (progress) => say({ progress })) });
  } catch (error) {
    app.log.error({ err: error, command: name }, 'command failed');
    say({ failure: error instanceof Error ? error.message : 'failed' });
  }
  response.end();
}
