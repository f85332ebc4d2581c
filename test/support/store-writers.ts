import { openEmbeddedStore } from '#server/store/embedded/open.ts';
import { newId } from '#server/store/id.ts';
import { buildEvent, buildThing, TEST_KINDS, things } from '../contract/suite/kinds.ts';

/**
 * A process to be killed: several writers that store a fact, its event and an update of prose, and print what was
 * acknowledged, one line each, after the store has answered. With `large`: long ones. With `idle`: opens, says so, and waits.
 */
const [directory = '', mode = 'write'] = process.argv.slice(2);
const WRITERS = 8;
/** So long that the write-ahead log is written back while the writers go on. */
const LONG = 'x'.repeat(25_000);

const store = await openEmbeddedStore({ directory, kinds: TEST_KINDS });
const w = store.workspace('w');
process.stdout.write('ready\n');

async function write(writer: number): Promise<never> {
  for (;;) {
    const id = newId();
    await w.transaction(async (tx) => {
      await tx
        .docs(things)
        .insert(buildThing({ id, access: [`writer:${writer}`], note: mode === 'large' ? LONG : '' }));
      await tx.append(`s:${writer % 3}`, [buildEvent({ id, personal: { writer } })]);
    });
    process.stdout.write(`fact ${id}\n`);
    const update = await w.log.append(`note:${writer}`, 0, 'm', new Uint8Array([writer]));
    process.stdout.write(`update ${writer} ${update}\n`);
  }
}

if (mode === 'idle') setInterval(() => undefined, 60_000);
else await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)));
