import { getContext, setContext, untrack } from 'svelte';
import type { Action } from '#lib/policies/actions.ts';
import { keyName, KeySequence, takesKeys } from './keys.ts';

/** Something that the user can ask for: by its key, in the palette, in the list of shortcuts. */
export interface Command {
  id: string;
  label: string;
  /** Heading under which it is listed. */
  group: string;
  /** `C`, `Shift+X`, `G Q`, `Mod+K`; none: palette only. */
  keys?: string;
  /** What one must be allowed to do; the server judges again. */
  action?: Action | undefined;
  /** Cannot be done now (no row chosen…): listed, but the key does nothing and the palette leaves it out. */
  disabled?: boolean;
  /** Moves and the like: not in the palette. */
  keysOnly?: boolean;
  run: () => void;
}

const COMMANDS = Symbol('commands');

/** Every command that the present screen offers, less those that one's role may not do. */
export class Commands {
  #sources = $state.raw<readonly (() => readonly Command[])[]>([]);
  readonly #may: (action: Action) => boolean;
  readonly #sequence = new KeySequence();
  /** One-letter keys may be switched off; those with Ctrl or ⌘ stay. */
  keysOn = $state(true);

  constructor(may: (action: Action) => boolean, keysOn: boolean) {
    this.#may = may;
    this.keysOn = keysOn;
  }

  get all(): Command[] {
    return this.#sources
      .flatMap((source) => source())
      .filter((command) => command.action === undefined || this.#may(command.action));
  }

  /** Adds what a component offers; answers how to take it away again. */
  add(source: () => readonly Command[]): () => void {
    // called from an effect, which must not depend on what it writes
    untrack(() => (this.#sources = [...this.#sources, source]));
    return () => untrack(() => (this.#sources = this.#sources.filter((one) => one !== source)));
  }

  /** For the window's keydown. */
  readonly onkeydown = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.isComposing) return;
    const key = keyName(event);
    if (key === null) return;
    const mod = key.startsWith('Mod+');
    if (!mod && (!this.keysOn || takesKeys(event.target))) return;
    if (
      /^(Shift\+)?(Enter|Space)$/.test(key) &&
      event.target instanceof HTMLElement &&
      event.target.closest('a, button, summary, input, label') !== null
    )
      return;
    const usable = this.all.filter((command) => command.keys !== undefined && command.disabled !== true);
    const spelled = this.#sequence.press(
      key,
      (keys) => usable.some((command) => command.keys === keys),
      (start) => usable.some((command) => command.keys?.startsWith(start)),
      event.timeStamp,
    );
    // the newest one wins: a screen may give a key of the shell another meaning
    const command = spelled === null ? undefined : usable.findLast((one) => one.keys === spelled);
    if (command === undefined) return;
    event.preventDefault();
    command.run();
  };
}

/** The root layout gives it once. */
export function provideCommands(commands: Commands): Commands {
  return setContext(COMMANDS, commands);
}

/** Offers commands while the calling component lives: `offerCommands(() => [{ id, label, … }])`. */
export function offerCommands(source: () => readonly Command[]): void {
  const commands = getContext<Commands | undefined>(COMMANDS);
  if (commands === undefined) return;
  // adding reads the list as well: followed, that would ask for itself again without end
  $effect(() => untrack(() => commands.add(source)));
}
