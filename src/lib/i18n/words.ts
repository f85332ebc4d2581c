import type { Locale } from '#lib/domain/member/member.ts';

/** A message: plain text with `{parameter}` places, or one text per plural form of the parameter `count`. */
export type Message = string | Plural;
export interface Plural {
  one: string;
  other: string;
  zero?: string;
}

type Places<S> = S extends `${string}{${infer P}}${infer Rest}` ? P | Places<Rest> : never;
/** Names of the parameters that a message needs. */
export type ParametersOf<M> = M extends string
  ? Places<M>
  : M extends { other: infer O }
    ? Places<M[keyof M]> | Places<O> | 'count'
    : never;

type Texts = { readonly [key: string]: Message };

/** The other language must have exactly the same keys, plural where the first is, with no parameter of its own. */
type SameShape<F extends Texts, E> = {
  [K in keyof F]: K extends keyof E
    ? F[K] extends string
      ? E[K] extends string
        ? [ParametersOf<E[K]>] extends [ParametersOf<F[K]>]
          ? [ParametersOf<F[K]>] extends [ParametersOf<E[K]>]
            ? E[K]
            : `missing parameter ${ParametersOf<F[K]>}`
          : `unknown parameter ${ParametersOf<E[K]>}`
        : string
      : E[K] extends Plural
        ? [ParametersOf<E[K]>] extends [ParametersOf<F[K]>]
          ? E[K]
          : Plural & { unknownParameter: ParametersOf<E[K]> }
        : Plural
    : Message;
};

export interface Group<F extends Texts = Texts> {
  readonly fr: F;
  readonly en: { readonly [K in keyof F]: Message };
}

/**
 * Declares the words of one noun in both languages: a key, a plural or a parameter that one of them lacks does not compile.
 * @param texts `{ fr: {...}, en: {...} }`
 */
export function group<
  const F extends Texts,
  const E extends SameShape<F, E> & { readonly [K in keyof F]: Message },
>(texts: { fr: F; en: E & { [K in Exclude<keyof E, keyof F>]: never } }): Group<F> {
  return texts;
}

type Arguments<M> = [ParametersOf<M>] extends [never]
  ? []
  : [parameters: { [P in ParametersOf<M>]: P extends 'count' ? number : string | number }];

/** Says a message of the group. */
export type Say<F extends Texts> = <K extends keyof F & string>(key: K, ...parameters: Arguments<F[K]>) => string;

const plurals: Record<Locale, Intl.PluralRules> = { fr: new Intl.PluralRules('fr'), en: new Intl.PluralRules('en') };
const numbers: Record<Locale, Intl.NumberFormat> = {
  fr: new Intl.NumberFormat('fr-FR'),
  en: new Intl.NumberFormat('en-GB'),
};

function form(message: Plural, locale: Locale, count: number): string {
  if (count === 0 && message.zero !== undefined) return message.zero;
  return plurals[locale].select(count) === 'one' ? message.one : message.other;
}

const bound = new Map<string, string>();

/** A French text whose signs stay with their words at the end of a line (rule I18N-4). */
function bind(text: string): string {
  let made = bound.get(text);
  if (made === undefined) {
    made = text
      .replace(/ (?=[:»])/g, '\u00a0')
      .replace(/ (?=[;?!])/g, '\u202f')
      .replace(/« /g, '«\u00a0');
    bound.set(text, made);
  }
  return made;
}

/**
 * One message in one language. Numbers are written with the language's own separators, French signs with the spaces that
 * do not break, and no full stop follows another (rule I18N-4); an unknown key answers the key itself.
 */
export function render(
  texts: Group,
  locale: Locale,
  key: string,
  parameters: { readonly [name: string]: string | number } = {},
): string {
  const message = texts[locale][key] ?? texts.fr[key];
  if (message === undefined) return key;
  const text = typeof message === 'string' ? message : form(message, locale, Number(parameters['count'] ?? 0));
  return (locale === 'fr' ? bind(text) : text).replace(/\{(\w+)\}(\.?)/g, (place, name: string, stop: string) => {
    const given = parameters[name];
    if (given === undefined) return place;
    const value = typeof given === 'number' ? numbers[locale].format(given) : given;
    return value.endsWith('.') ? value : value + stop;
  });
}

/** The words of a group in a language that does not change; screens use `words` of context.ts instead. */
export function speak<F extends Texts>(texts: Group<F>, locale: Locale): Say<F> {
  return (key, ...parameters) => render(texts, locale, key, parameters[0]);
}
