import { describe, expect, it } from 'vitest';
import { keyName, KeySequence } from './keys.ts';

const press = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey', boolean>> = {}) =>
  keyName({ key, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held });

describe('keyName', () => {
  it.each([
    ['j', {}, 'J'],
    ['X', { shiftKey: true }, 'Shift+X'],
    ['k', { metaKey: true }, 'Mod+K'],
    ['k', { ctrlKey: true }, 'Mod+K'],
    ['Enter', {}, 'Enter'],
    ['Enter', { shiftKey: true }, 'Shift+Enter'],
    [' ', {}, 'Space'],
    ['Shift', { shiftKey: true }, null],
    ['e', { altKey: true }, null],
  ] as const)('[SCR-6] names %s with %o as %s', (key, held, name) => {
    expect(press(key, held)).toBe(name);
  });

  it.each(['?', '.', '/'])('[SCR-6] knows %s with and without Shift, as keyboards differ', (key) => {
    expect(press(key)).toBe(key);
    expect(press(key, { shiftKey: true })).toBe(key);
  });
});

describe('KeySequence', () => {
  const known = ['G', 'G Q', 'A', 'Q', 'J'].filter((keys) => keys !== 'G');
  const has = (keys: string) => known.includes(keys);
  const begins = (keys: string) => known.some((one) => one.startsWith(keys));

  it('[SCR-6] spells a sequence, and leaves the single key of its end alone', () => {
    const keys = new KeySequence();
    expect(keys.press('G', has, begins, 0)).toBeNull();
    expect(keys.press('Q', has, begins, 500)).toBe('G Q');
    expect(keys.press('Q', has, begins, 600)).toBe('Q');
  });

  it('[SCR-6] forgets the first key after a pause, and when another sequence does not follow', () => {
    const keys = new KeySequence();
    keys.press('G', has, begins, 0);
    expect(keys.press('Q', has, begins, 5_000)).toBe('Q');
    keys.press('G', has, begins, 6_000);
    expect(keys.press('J', has, begins, 6_100)).toBe('J');
  });
});
