import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { benchBroadcast } from './broadcast.ts';
import { benchBundle } from './bundle.ts';
import { benchClaim } from './claim.ts';
import { benchCollab } from './collab.ts';
import { benchDisputes } from './disputes.ts';
import { compared, median, type Figure } from './figure.ts';
import { benchImport } from './import.ts';
import { benchQueue } from './queue.ts';
import { benchThread } from './thread.ts';

/** One event to 500 watching clients. */
async function broadcast(): Promise<Figure[]> {
  const { bare, gateway, clients, goal } = await benchBroadcast();
  const name = `one event to ${clients} watching clients: server CPU per delivery`;
  return [
    compared(name, median(gateway), 'µs', { name: 'bare ws broadcast of the same bytes', value: median(bare) }, goal),
  ];
}

/** Each can be run alone: `npm run bench -- queue claim`. */
const BENCHES: Record<string, () => Promise<Figure[]>> = {
  queue: benchQueue,
  disputes: benchDisputes,
  claim: benchClaim,
  broadcast,
  collab: () => benchCollab(),
  import: benchImport,
  thread: benchThread,
  bundle: benchBundle,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => BENCHES[name] === undefined);
if (unknown.length > 0) {
  console.error(`No bench named ${unknown.join(', ')}. There are: ${Object.keys(BENCHES).join(', ')}.`);
  process.exit(2);
}
const results: Record<string, Figure[]> = {};
let missed = 0;
for (const [name, run] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n${name}`);
  const figures = await run();
  results[name] = figures;
  for (const figure of figures) {
    const beside =
      figure.reference === null
        ? ''
        : ` beside ${figure.reference.value} ${figure.unit} (${figure.reference.name}): ${figure.ratio} ×`;
    const goal = figure.goal.of === 'ratio' ? `${figure.goal.max} ×` : `${figure.goal.max} ${figure.unit}`;
    console.log(
      `  ${figure.met ? 'met   ' : 'MISSED'}  ${figure.name}: ${figure.value} ${figure.unit}${beside}, goal ${goal}`,
    );
    if (!figure.met) missed += 1;
  }
}
mkdirSync('bench-results', { recursive: true });
const file = `bench-results/${new Date().toISOString().replaceAll(/[:.]/g, '-')}.json`;
writeFileSync(
  file,
  JSON.stringify({ node: process.version, cpus: cpus().length, cpu: cpus()[0]?.model ?? '', results }, null, 2),
);
console.log(`\n${missed === 0 ? 'Every goal is met.' : `${missed} goals are missed.`} Written to ${file}`);
