import type { FieldType, Kind, Store, Value, Versioned } from '#server/store/port.ts';

/** Declared field types with a value of each; `n` makes them differ. */
const SAMPLES: Record<FieldType, (n: number) => Value> = {
  string: (n) => `text ${n}`,
  number: (n) => n * 100,
  boolean: (n) => n % 2 === 0,
  day: (n) => `2026-11-${String(10 + n)}`,
  instant: (n) => `2026-11-22T08:00:00.${String(n).padStart(3, '0')}Z`,
  tokens: (n) => [`token:${n}`, 'token:all'],
};

/** A document with every declared field of a kind, and nothing else that matters. */
export function sampleOf(kind: Kind<Versioned>, n: number): Versioned {
  const doc: Record<string, Value> = { id: `${kind.name}-${n}`, version: 1, note: `é 😀 ${n}` };
  for (const [field, type] of Object.entries(kind.fields)) {
    const path = field.split('.');
    const last = path.pop() ?? field;
    let at = doc;
    for (const part of path) at = (at[part] ??= {}) as Record<string, Value>;
    at[last] = SAMPLES[type](n);
  }
  return doc as unknown as Versioned;
}

/** Some documents of every kind, events with and without personal text (one erased), and updates of two documents. */
export async function fillKinds(store: Store, kinds: readonly Kind<Versioned>[], perKind = 3): Promise<void> {
  for (const workspace of [store.workspace('w-1'), store.workspace('w-2'), store.installation]) {
    await workspace.transaction(async (tx) => {
      for (const kind of kinds) {
        await tx.docs(kind).insertMany(Array.from({ length: perKind }, (_, n) => sampleOf(kind, n)));
      }
      for (let n = 0; n < 4; n += 1) {
        const personal = n % 2 === 0 ? { name: `Jeanne ${n}` } : null;
        const at = `2026-11-22T08:00:0${n}.000Z`;
        const event = {
          id: `${workspace.workspaceId}-e${n}`,
          name: 'thing.changed',
          at,
          day: '2026-11-22',
          actor: 'm',
          data: { n },
          personal,
        };
        await tx.append(`account:${n % 2}:internal`, [event]);
      }
    });
    await workspace.journal.erase(`${workspace.workspaceId}-e2`);
    await workspace.log.append('note:1:internal', 0, 'm', new Uint8Array([1, 2, 3]));
    await workspace.log.append('note:1:internal', 1, 'm', new Uint8Array([4]));
  }
}
