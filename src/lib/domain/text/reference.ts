import { foldText } from './fold.ts';

/** What people say before a number: `litige n° 12`, `Invoice #F100`. */
const NOUN = /^(?:litiges?|disputes?|factures?|invoices?|pieces?|items?|avoirs?)\s+(?=\S)/;
const SIGN = /^(?:no?[°º.]|num(?:ero|ber)?\s|#)\s*(?=\S)/;

/**
 * The number of a dispute or an item as it was typed, less what people say before it (rule TXT-6): `Litige n° 12`
 * gives `12`, `facture FA-100` gives `FA-100`; anything else is answered as it is, trimmed.
 */
export function referenceIn(typed: string): string {
  let rest = typed.normalize('NFC').trim();
  for (const start of [NOUN, SIGN]) {
    const said = start.exec(plain(rest))?.[0].length ?? 0;
    rest = rest.slice(said).trimStart();
  }
  return rest;
}

/** Folded letter by letter: as long as what was typed, or nothing that begins with one of the words. */
function plain(text: string): string {
  return [...text].map((letter) => (foldText(letter).length === letter.length ? foldText(letter) : letter)).join('');
}

/** The dispute's number that a reference is; null when it is none. */
export function disputeNumberOf(reference: string): number | null {
  return /^[1-9]\d{0,8}$/.test(reference) ? Number(reference) : null;
}
