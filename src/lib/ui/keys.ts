/**
 * Names a pressed key the way shortcuts are written: `J`, `Shift+X`, `Mod+K`, `Enter`, `?`. What counts is the character, not the place of
 * the key: `?`, `.` and `/` need Shift on a French keyboard and are the same shortcut there. Null for what can be no shortcut.
 */
export function keyName(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>,
): string | null {
  const { key } = event;
  if (['Shift', 'Control', 'Alt', 'Meta', 'Dead', 'Unidentified', 'Process', 'AltGraph'].includes(key)) return null;
  if (event.altKey) return null;
  const mod = event.ctrlKey || event.metaKey ? 'Mod+' : '';
  if (/^\p{L}$/u.test(key)) return `${mod}${event.shiftKey ? 'Shift+' : ''}${key.toUpperCase()}`;
  if (key.length === 1 && key !== ' ') return `${mod}${key}`;
  return `${mod}${event.shiftKey ? 'Shift+' : ''}${key === ' ' ? 'Space' : key}`;
}

/** Whether somebody is typing there, or a menu or a dialog has the keys. */
export function takesKeys(target: EventTarget | null): boolean {
  if (typeof HTMLElement === 'undefined' || !(target instanceof HTMLElement)) return false;
  return (
    target.isContentEditable ||
    target.closest(
      'input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit]), textarea, select, [role="dialog"], [role="alertdialog"], [role="menu"], [role="listbox"]',
    ) !== null
  );
}

/** How long the second key of a sequence may take. */
const SEQUENCE_MS = 1_200;

/** Finds which shortcut a row of keys spells: single ones at once, sequences such as `G Q` after their second key. */
export class KeySequence {
  #first: string | null = null;
  #at = 0;

  /**
   * @param has whether this is a whole shortcut
   * @param begins whether a longer shortcut begins so
   * @param now ms, any clock
   * @returns the shortcut that is complete; null: none, or wait for the next key
   */
  press(key: string, has: (keys: string) => boolean, begins: (keys: string) => boolean, now: number): string | null {
    const first = this.#first;
    this.#first = null;
    if (first !== null && now - this.#at <= SEQUENCE_MS) {
      const both = `${first} ${key}`;
      if (has(both)) return both;
    }
    if (begins(`${key} `)) {
      this.#first = key;
      this.#at = now;
      return null;
    }
    return has(key) ? key : null;
  }
}
