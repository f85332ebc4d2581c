import { connect } from 'node:net';
import { request } from 'node:http';
import { createInterface } from 'node:readline';
import { readRunning, type RunningServer } from './running.ts';
import type { CliMessage, CliRequest, CliResult, OnProgress } from './wire.ts';

const CONNECT_MS = 2_000;

/** The server that holds this data directory, if one answers there. */
export async function findServer(dataDir: string): Promise<RunningServer | null> {
  const running = await readRunning(dataDir);
  return running !== null && (await answers(running)) ? running : null;
}

function answers(running: RunningServer): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port: running.port });
    const end = (found: boolean): void => {
      socket.destroy();
      resolve(found);
    };
    socket.setTimeout(CONNECT_MS, () => end(false));
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
  });
}

/**
 * Has the running server do the work.
 *
 * @throws Error with the server's words when it failed, or when it went away meanwhile
 */
export function askServer(running: RunningServer, asked: CliRequest, onProgress: OnProgress): Promise<CliResult> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: running.port,
        method: 'POST',
        path: '/run',
        headers: { authorization: `Bearer ${running.token}`, 'content-type': 'application/json' },
      },
      (response) => {
        if (response.statusCode !== 200) {
          response.resume();
          reject(new Error('The running server does not know this command: is it of another version?'));
          return;
        }
        const lines = createInterface({ input: response, crlfDelay: Infinity });
        lines.on('line', (line) => {
          const message = JSON.parse(line) as CliMessage;
          if ('progress' in message) onProgress(message.progress);
          else if ('result' in message) resolve(message.result);
          else reject(new Error(message.failure));
        });
        lines.on('close', () => reject(new Error('The server went away before it had finished.')));
      },
    );
    sent.on('error', reject);
    sent.end(JSON.stringify(asked));
  });
}
