import type { Attachment } from 'svelte/attachments';

const WAIT_MS = 450;
const GAP = 6;

let bubble: HTMLDivElement | null = null;
let owner: HTMLElement | null = null;

function hide(): void {
  bubble?.remove();
  bubble = null;
  owner = null;
}

function show(element: HTMLElement, text: string, shortcut: string | undefined): void {
  hide();
  owner = element;
  bubble = document.createElement('div');
  bubble.className =
    'pointer-events-none fixed z-[100] max-w-72 rounded-sm bg-ink px-2 py-1 text-xs text-canvas shadow-2 whitespace-pre-line';
  bubble.setAttribute('aria-hidden', 'true');
  bubble.textContent = text;
  if (shortcut !== undefined) {
    const key = document.createElement('kbd');
    key.className = 'ml-2 font-sans opacity-70';
    key.textContent = shortcut;
    bubble.append(key);
  }
  // a modal dialog makes the rest of the page inert, and lies above it
  (element.closest('[role="dialog"], [role="alertdialog"]') ?? document.body).append(bubble);
  const anchor = element.getBoundingClientRect();
  const { width, height } = bubble.getBoundingClientRect();
  const below = anchor.bottom + GAP + height <= innerHeight;
  const left = Math.min(Math.max(4, anchor.left + anchor.width / 2 - width / 2), innerWidth - width - 4);
  bubble.style.left = `${left}px`;
  bubble.style.top = `${below ? anchor.bottom + GAP : anchor.top - GAP - height}px`;
}

/**
 * Tooltip of an element that has its own accessible name: it shows after a pause under the pointer, at once under keyboard focus,
 * and goes with Escape. What it says must be said elsewhere too (label, description).
 */
export function tip(text: string, shortcut?: string): Attachment<HTMLElement> {
  return (element) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const later = (event: PointerEvent) => {
      if (event.pointerType !== 'mouse') return;
      clearTimeout(timer);
      timer = setTimeout(() => show(element, text, shortcut), WAIT_MS);
    };
    const focus = () => {
      if (element.matches(':focus-visible')) show(element, text, shortcut);
    };
    const leave = () => {
      clearTimeout(timer);
      if (owner === element) hide();
    };
    const key = (event: KeyboardEvent) => {
      if (event.key === 'Escape') leave();
    };
    element.addEventListener('pointerenter', later);
    element.addEventListener('pointerleave', leave);
    element.addEventListener('pointerdown', leave);
    element.addEventListener('focus', focus);
    element.addEventListener('blur', leave);
    element.addEventListener('keydown', key);
    return () => {
      leave();
      element.removeEventListener('pointerenter', later);
      element.removeEventListener('pointerleave', leave);
      element.removeEventListener('pointerdown', leave);
      element.removeEventListener('focus', focus);
      element.removeEventListener('blur', leave);
      element.removeEventListener('keydown', key);
    };
  };
}
