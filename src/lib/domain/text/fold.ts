/** Letters that Unicode does not decompose but people type with plain ones. */
const PLAIN: { [letter: string]: string } = {
  œ: 'oe',
  æ: 'ae',
  ß: 'ss',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  þ: 'th',
  ł: 'l',
  ħ: 'h',
  ı: 'i',
  ŋ: 'n',
};

const MAX_WORDS = 24;
const MAX_WORD_LENGTH = 40;

/**
 * Text as it is compared in a search (rule TXT-1): lower case, without accents (composed or not), ligatures spelled
 * out, without invisible characters (joiners, direction marks, soft hyphens), wide forms made plain. Lone
 * surrogates become spaces.
 */
export function foldText(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, ' ')
    .normalize('NFKD')
    .replace(/[\p{M}\p{Cf}]/gu, '')
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .replace(/[œæßøđðþłħıŋ]/g, (letter) => PLAIN[letter] ?? letter);
}

/** One spelling between two spaces: its pieces of letters and digits. */
function pieces(token: string): string[] {
  return token.split(/[^\p{L}\p{N}]+/u).filter((piece) => piece !== '');
}

/**
 * The words under which an account is found (rule TXT-2): pieces of letters and digits, and each spelling written
 * together (`L'Oréal` gives `l`, `oreal`, `loreal`; `0379-NEVHP` gives `0379`, `nevhp`, `0379nevhp`). No doubles, at
 * most 24 words of at most 40 characters.
 */
export function wordsOf(name: string, number: string): string[] {
  const words = new Set<string>();
  for (const token of foldText(`${number} ${name}`).split(/\s+/)) {
    const parts = pieces(token);
    if (parts.length > 1) words.add(parts.join('').slice(0, MAX_WORD_LENGTH));
    for (const part of parts) words.add(part.slice(0, MAX_WORD_LENGTH));
  }
  return [...words].slice(0, MAX_WORDS);
}

/**
 * The words of a query: each must begin a word of the account (rule TXT-3). A spelling of single letters counts
 * together (`S.A.R.L.` is `sarl`), single letters beside longer pieces are left out (`L'Oréal` is `oreal`).
 */
export function searchWords(query: string): string[] {
  const words = new Set<string>();
  for (const token of foldText(query).split(/\s+/)) {
    const parts = pieces(token);
    if (parts.length <= 1) for (const part of parts) words.add(part.slice(0, MAX_WORD_LENGTH));
    else if (parts.every((part) => [...part].length === 1)) words.add(parts.join('').slice(0, MAX_WORD_LENGTH));
    else for (const part of parts) if ([...part].length > 1) words.add(part.slice(0, MAX_WORD_LENGTH));
  }
  return [...words].slice(0, MAX_WORDS);
}

/** Whether the words of an account answer the query: every query word begins one of them. */
export function matchesWords(words: readonly string[], query: readonly string[]): boolean {
  return query.every((wanted) => words.some((word) => word.startsWith(wanted)));
}

/** Whether the text has no lone surrogate: only such text may be stored or sent (rule TXT-4). */
export function isWellFormed(text: string): boolean {
  return !/\p{Surrogate}/u.test(text);
}

/** Nearly all that ledgers hold: Western letters and signs, single spaces. Nothing in it needs cleaning. */
const CLEAN = /^[!-~\u00a1-\u00ac\u00ae-\u017f]+(?: [!-~\u00a1-\u00ac\u00ae-\u017f]+)*$/;

/**
 * Text of one line fit to be stored and shown (rule TXT-5): composed, no control characters, no direction overrides
 * that would turn what stands beside it, runs of spaces made one, trimmed, cut to `max` characters without breaking
 * one. Joiners inside emoji and scripts stay.
 */
export function cleanLine(text: string, max = 200): string {
  if (text.length <= max && (text === '' || CLEAN.test(text))) return text;
  const clean = text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[\u202a-\u202e\u2066-\u2069\ufeff]/g, '')
    .replace(/[\p{Cc}\s\u00a0\u2007\u202f]+/gu, ' ')
    .trim()
    .normalize('NFC');
  return clean.length <= max ? clean : [...clean].slice(0, max).join('').trimEnd();
}
