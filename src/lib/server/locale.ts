import { LOCALES, type Locale } from '#lib/domain/member/member.ts';

const isLocale = (text: string | undefined): text is Locale => (LOCALES as readonly string[]).includes(text ?? '');

/** The language of somebody who is not signed in: chosen before, else the browser's first that we have, else French. */
export function localeOf(chosen: string | undefined, accepted: string | null): Locale {
  if (isLocale(chosen)) return chosen;
  for (const part of (accepted ?? '').split(',')) {
    const language = part.trim().slice(0, 2).toLowerCase();
    if (isLocale(language)) return language;
  }
  return 'fr';
}
