import type { Command } from '../commands.svelte.ts';

interface Ports {
  screen: () => HTMLElement | null;
  words: { group: string; next: string; previous: string; answer: string; all: string };
  markAll: () => void;
}

/** Moves from line to line, answers the task one stands on, marks all as read: the inbox by keyboard alone. */
export function inboxKeys({ screen, words, markAll }: Ports): Command[] {
  const links = (): HTMLElement[] => [...(screen()?.querySelectorAll<HTMLElement>('[data-open]') ?? [])];
  const current = (): HTMLElement | null => {
    const focused = document.activeElement;
    return focused instanceof HTMLElement ? focused.closest('article') : null;
  };
  const move = (by: 1 | -1): void => {
    const all = links();
    const card = current();
    const at = all.findIndex((link) => card !== null && card.contains(link));
    const to = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.min(all.length - 1, Math.max(0, at + by))];
    to?.focus();
    to?.closest('article')?.scrollIntoView({ block: 'nearest' });
  };
  const { group } = words;
  return [
    { id: 'inbox-next', label: words.next, group, keys: 'J', keysOnly: true, run: () => move(1) },
    { id: 'inbox-previous', label: words.previous, group, keys: 'K', keysOnly: true, run: () => move(-1) },
    {
      id: 'inbox-answer',
      label: words.answer,
      group,
      keys: 'R',
      keysOnly: true,
      run: () => current()?.querySelector('button')?.click(),
    },
    { id: 'inbox-read', label: words.all, group, keys: 'Shift+R', run: markAll },
  ];
}
