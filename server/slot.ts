import type { Runtime } from './runtime.ts';

interface Slot {
  runtime?: Promise<Runtime>;
}

const KEY = Symbol.for('encours.runtime');

/** The one place that the bundle, the port opener and the development server share: one copy of the server code. */
export function runtimeSlot(): Slot {
  const holder = globalThis as { [KEY]?: Slot };
  holder[KEY] ??= {};
  return holder[KEY];
}
