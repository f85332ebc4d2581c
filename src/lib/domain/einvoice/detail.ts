import type { Locale } from '../member/member.ts';
import { cleanLine } from '../text/fold.ts';
import type { Characteristic, Statement } from './statement.ts';

/** Business terms that buyers contest, as people call them. */
const TERMS: Record<Locale, { [id: string]: string }> = {
  fr: {
    'BT-1': 'Numéro de facture',
    'BT-13': 'Numéro de commande',
    'BT-112': 'Total TTC',
    'BT-129': 'Quantité',
    'BT-146': 'Prix net',
    'BT-152': 'Taux de TVA',
  },
  en: {
    'BT-1': 'Invoice number',
    'BT-13': 'Order number',
    'BT-112': 'Total incl. VAT',
    'BT-129': 'Quantity',
    'BT-146': 'Net price',
    'BT-152': 'VAT rate',
  },
};

const SENTENCE: Record<Locale, (name: string, given: string, expected: string) => string> = {
  fr: (name, given, expected) => `${name} : ${given} indiqué, ${expected} attendu`,
  en: (name, given, expected) => `${name} ${given} given, ${expected} expected`,
};

const MOST = 2_000;

function valueOf(one: Characteristic): string | null {
  if (one.percent !== null) return `${one.percent} %`;
  if (one.cents !== null) return `${(one.cents / 100).toFixed(2)}${one.currency === null ? '' : ` ${one.currency}`}`;
  return one.text ?? one.day;
}

/** What is given (DIV) beside what was expected (DVA), matched by the datum that they speak of. */
export function comparisonsOf(characteristics: readonly Characteristic[], locale: Locale): string[] {
  const expected = characteristics.filter((one) => one.type === 'DVA');
  const said: string[] = [];
  for (const given of characteristics.filter((one) => one.type === 'DIV')) {
    const at = expected.findIndex((one) => one.id === given.id);
    const other = at < 0 ? null : (expected.splice(at, 1)[0] ?? null);
    const name = TERMS[locale][given.id ?? ''] ?? given.name ?? given.id;
    const from = valueOf(given);
    const to = other === null ? null : valueOf(other);
    if (name !== null && from !== null && to !== null) said.push(SENTENCE[locale](name, from, to));
    // Some write the value into the name.
    else if (given.name !== null) said.push([given.name, other?.name].filter(Boolean).join(' → '));
  }
  return said;
}

/**
 * What the buyer says, in a few words (rule EIN-4): the message's own words, then what is given and what was expected.
 * At most 2,000 characters; null when the message says nothing.
 */
export function detailOf(statement: Pick<Statement, 'words' | 'characteristics'>, locale: Locale): string | null {
  const parts = [...statement.words, ...comparisonsOf(statement.characteristics, locale)]
    .map((part) => cleanLine(part, MOST))
    .filter((part) => part !== '');
  const text = [...new Set(parts)].join(' · ').slice(0, MOST).toWellFormed().trim();
  return text === '' ? null : text;
}
