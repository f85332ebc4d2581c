import { ClientProblem } from '#lib/client/api.ts';
import type { Locale } from '#lib/domain/member/member.ts';
import { fieldText, refusalText } from '#lib/i18n/refusal.ts';

/** A refused form: what is said over it, and beside each field. */
export interface FormRefusal {
  text: string | null;
  fields: Readonly<Record<string, string>>;
}
export const NO_REFUSAL: FormRefusal = { text: null, fields: {} };

/** The words of what a command threw. @throws what is no refusal */
export function formRefusal(error: unknown, locale: Locale): FormRefusal {
  if (!(error instanceof ClientProblem)) throw error;
  const fields: Record<string, string> = {};
  for (const issue of error.details.issues ?? []) fields[issue.path] ??= fieldText(locale, issue.reason);
  const text =
    error.code === 'validation_failed' && Object.keys(fields).length > 0
      ? null
      : refusalText(locale, error.code, error.details);
  return { text, fields };
}
