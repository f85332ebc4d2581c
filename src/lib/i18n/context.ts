import { getContext, setContext } from 'svelte';
import type { Locale } from '#lib/domain/member/member.ts';
import { formats, type Formats } from './format.ts';
import { render, type Group, type Message, type Say } from './words.ts';

const LOCALE = Symbol('locale');

/** The root layout gives the language once; a getter, so that every text follows when it changes. */
export function provideLocale(locale: () => Locale): void {
  setContext(LOCALE, locale);
}

/** The language of the screen; French where no layout gave one. */
export function useLocale(): () => Locale {
  return getContext<(() => Locale) | undefined>(LOCALE) ?? (() => 'fr');
}

/** The words of a group in the screen's language: `const t = words(queue); t('title')`. Call it while a component is made. */
export function words<F extends { readonly [key: string]: Message }>(texts: Group<F>): Say<F> {
  const locale = useLocale();
  return (key, ...parameters) => render(texts, locale(), key, parameters[0]);
}

/** Money, days and delays in the screen's language: `const f = useFormats(); f().money(cents, 'EUR')`. */
export function useFormats(): () => Formats {
  const locale = useLocale();
  return () => formats(locale());
}
