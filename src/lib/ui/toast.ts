import type { toast as sonner } from 'svelte-sonner';

interface ToastOptions {
  description?: string;
  /** A button in the toast: undo, take the next… */
  action?: { label: string; run: () => void };
  /** How long it stays, in ms. */
  duration?: number;
}
type Kind = 'message' | 'success' | 'error' | 'info';

let ready: Promise<typeof sonner> | undefined;

/** Shows a short message; the library comes with the first one. An undo stays 8 s. */
export function toast(kind: Kind, text: string, options: ToastOptions = {}): void {
  ready ??= import('svelte-sonner').then((module) => module.toast);
  void ready.then((show) =>
    show[kind](text, {
      duration: options.duration ?? (options.action === undefined ? 5_000 : 8_000),
      ...(options.description === undefined ? {} : { description: options.description }),
      ...(options.action === undefined
        ? {}
        : { action: { label: options.action.label, onClick: () => options.action?.run() } }),
    }),
  );
}
