import type { Locale } from '#lib/domain/member/member.ts';
import { fieldText, refusalText } from '#lib/i18n/refusal.ts';
import type { ErrorCode, ErrorDetails } from '#lib/protocol/errors.ts';

/** A form's refusal as its page receives it. */
export interface FormRefusal {
  code: ErrorCode;
  details: ErrorDetails;
  values: { [name: string]: string };
  form: string;
}

/** The refusal of this form of the page; null when it was not refused. */
export function refusalOf(answer: object | null | undefined, form: string): FormRefusal | null {
  const refusal = answer as Partial<FormRefusal> | null | undefined;
  return refusal?.code !== undefined && refusal.form === form ? (refusal as FormRefusal) : null;
}

/** Words under one field. */
export function fieldError(locale: Locale, refusal: FormRefusal | null, path: string): string | null {
  const issue = refusal?.details.issues?.find((each) => each.path === path || each.path.startsWith(`${path}.`));
  return issue === undefined ? null : fieldText(locale, issue.reason);
}

/** Words over the form: nothing when each trouble stands under a field of its own. */
export function formError(locale: Locale, refusal: FormRefusal | null, fields: readonly string[]): string | null {
  if (refusal === null) return null;
  const issues = refusal.details.issues ?? [];
  const placed = issues.length > 0 && issues.every(({ path }) => fields.includes(path.split('.')[0] ?? ''));
  return placed ? null : refusalText(locale, refusal.code, refusal.details);
}
