import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// The built server on a demo workspace of its own; its store goes with it.
const directory = mkdtempSync(join(tmpdir(), 'encours-e2e-'));
process.on('exit', () => rmSync(directory, { recursive: true, force: true }));
process.env.PORT = process.env.E2E_PORT ?? '4173';
process.env.HOST = '127.0.0.1';
process.env.DATA_DIR = directory;
process.env.LOG_LEVEL ??= 'warn';
delete process.env.MONGODB_URI;
delete process.env.ORIGIN;
await import('../../server/main.ts');
