import { spawnSync } from 'node:child_process';
import { ensureChromium } from './chromium.ts';
import { findTestMongo } from './mongo.ts';

interface Stage {
  name: string;
  command: string[];
  /** Only where a replica set is to be had. */
  mongo?: true;
}

const bin = (name: string): string => `node_modules/.bin/${name}`;

const STAGES: Stage[] = [
  { name: 'format', command: ['npm', 'run', '--silent', 'format:check'] },
  { name: 'lint', command: ['npm', 'run', '--silent', 'lint'] },
  { name: 'types', command: ['npm', 'run', '--silent', 'check'] },
  { name: 'unit', command: [bin('vitest'), 'run', '--project', 'unit'] },
  { name: 'contract', command: [bin('vitest'), 'run', '--project', 'contract'] },
  { name: 'build', command: [bin('vite'), 'build', '--logLevel', 'warn'] },
  { name: 'realtime', command: [bin('vitest'), 'run', '--project', 'realtime'] },
  { name: 'architecture', command: [bin('vitest'), 'run', '--project', 'architecture'] },
  { name: 'e2e', command: [bin('playwright'), 'test'] },
  { name: 'unit-mongodb', command: [bin('vitest'), 'run', '--project', 'unit'], mongo: true },
  { name: 'realtime-mongodb', command: [bin('vitest'), 'run', '--project', 'realtime'], mongo: true },
  { name: 'e2e-mongodb', command: [bin('playwright'), 'test'], mongo: true },
];

const found = await findTestMongo();
console.log(
  found === null
    ? 'MongoDB: no replica set here (TEST_MONGODB_URI, MONGOD_PATH, mongod on the PATH): its suites do not run.'
    : `MongoDB: its suites run on ${new URL(found.uri).host}.`,
);
const wanted = process.argv.slice(2);
const possible = STAGES.filter(({ mongo }) => mongo !== true || found !== null);
const chosen =
  wanted.length === 0
    ? possible
    : possible.filter(
        ({ name }) => wanted.includes(name) || (name === 'build' && wanted.some((one) => /^(e2e|realtime)/.test(one))),
      );
const env: NodeJS.ProcessEnv = { ...process.env };
delete env.TEST_STORE;
if (found !== null) env.TEST_MONGODB_URI = found.uri;
if (chosen.some(({ name }) => name.startsWith('e2e'))) env.CHROMIUM_PATH = ensureChromium();

const failed: string[] = [];
for (const { name, command, mongo } of chosen) {
  const started = Date.now();
  console.log(`\n── ${name}`);
  const [program = '', ...args] = command;
  const { status } = spawnSync(program, args, {
    stdio: 'inherit',
    env: mongo === true ? { ...env, TEST_STORE: 'mongodb' } : env,
    timeout: mongo === true ? 2_700_000 : 1_200_000,
  });
  const seconds = ((Date.now() - started) / 1_000).toFixed(1);
  console.log(`── ${name}: ${status === 0 ? 'passed' : 'FAILED'} in ${seconds} s`);
  if (status !== 0) failed.push(name);
}
console.log(
  `\nstages: ${chosen.length - failed.length} passed, ${failed.length} failed${failed.length > 0 ? ` (${failed.join(', ')})` : ''}`,
);
process.exit(failed.length === 0 ? 0 : 1);
