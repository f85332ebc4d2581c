import type TextEditor from '../note/TextEditor.svelte';

/** The editor, once its script is there. */
export type EditorComponent = typeof TextEditor;

let loading: Promise<EditorComponent> | null = null;

/** Loads the editor's script, once for all. */
export function loadEditor(): Promise<EditorComponent> {
  loading ??= import('../note/TextEditor.svelte').then((module) => module.default);
  return loading;
}
