import { spawnSync } from 'node:child_process';
import { ensureChromium } from './chromium.ts';

interface Stage {
  name: string;
  command: string[];
}

const bin = (name: string): string => `node_modules/.bin/${name}`;

const STAGES: Stage[] = [
  { name: 'format', command: ['npm', 'run', '--silent', 'format:check'] },
  { name: 'lint', command: ['npm', 'run', '--silent', 'lint'] },
  { name: 'types', command: ['npm', 'run', '--silent', 'check'] },
  { name: 'unit', command: [bin('vitest'), 'run', '--project', 'unit'] },
  { name: 'contract', command: [bin('vitest'), 'run', '--project', 'contract'] },
  { name: 'realtime', command: [bin('vitest'), 'run', '--project', 'realtime'] },
  { name: 'architecture', command: [bin('vitest'), 'run', '--project', 'architecture'] },
  { name: 'build', command: [bin('vite'), 'build', '--logLevel', 'warn'] },
  { name: 'e2e', command: [bin('playwright'), 'test'] },
];

const wanted = process.argv.slice(2);
const chosen =
  wanted.length === 0
    ? STAGES
    : STAGES.filter(({ name }) => wanted.includes(name) || (name === 'build' && wanted.includes('e2e')));
const env: NodeJS.ProcessEnv = { ...process.env };
if (chosen.some(({ name }) => name === 'e2e')) env.CHROMIUM_PATH = ensureChromium();
const mongo = process.env.TEST_MONGODB_URI ?? process.env.MONGOD_PATH;
console.log(
  mongo === undefined
    ? 'MongoDB: none found (TEST_MONGODB_URI, MONGOD_PATH); its suites do not run here.'
    : 'MongoDB: its suites run.',
);

const failed: string[] = [];
for (const { name, command } of chosen) {
  const started = Date.now();
  console.log(`\n── ${name}`);
  const [program = '', ...args] = command;
  const { status } = spawnSync(program, args, { stdio: 'inherit', env, timeout: 900_000 });
  const seconds = ((Date.now() - started) / 1_000).toFixed(1);
  console.log(`── ${name}: ${status === 0 ? 'passed' : 'FAILED'} in ${seconds} s`);
  if (status !== 0) failed.push(name);
}
console.log(
  `\nstages: ${chosen.length - failed.length} passed, ${failed.length} failed${failed.length > 0 ? ` (${failed.join(', ')})` : ''}`,
);
process.exit(failed.length === 0 ? 0 : 1);
