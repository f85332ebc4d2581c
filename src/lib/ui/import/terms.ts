import type { ImportField, ImportState } from '#lib/domain/import/import.ts';
import { words } from '#lib/i18n/context.ts';
import { importTerms } from '#lib/i18n/groups/import-terms.ts';

export const STATE_TONE = {
  staging: 'info',
  staged: 'warn',
  refused: 'danger',
  applying: 'info',
  applied: 'ok',
  failed: 'danger',
  discarded: 'neutral',
} as const satisfies Record<ImportState, string>;

type Key = keyof (typeof importTerms)['fr'];

/** Words of a refusal's or a doubt's code. Call it while a component is made. */
export function importCode(): (code: string) => string {
  const t = words(importTerms);
  return (code) => t((Object.hasOwn(importTerms.fr, `code_${code}`) ? `code_${code}` : 'code_other') as Key);
}

/** Words of a known column. Call it while a component is made. */
export function importField(): (field: ImportField) => string {
  const t = words(importTerms);
  return (field) => t(`field_${field}`);
}
