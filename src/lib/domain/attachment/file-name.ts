/* eslint-disable no-control-regex -- control characters are what is looked for */
/** Greatest length of a file's name, in UTF-16 units. */
export const NAME_CHARS = 200;

/** Control characters, what turns the reading direction, and characters without a width that hide in a name. */
const HIDDEN =
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;
/** What a file system or a header could take for something else. */
const RESERVED = /["<>|:*?]/g;

/**
 * A file's name as it is kept and shown: without its path, without characters that hide or turn what is read, at most
 * NAME_CHARS long with its ending kept. `file` when nothing is left.
 *
 * @param given as a browser or a program said it; well-formed Unicode
 */
export function cleanFileName(given: string): string {
  const last = given.normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  const name = last
    .replace(HIDDEN, '')
    .replace(RESERVED, '_')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+|[. ]+$/g, '');
  if (name === '') return 'file';
  if (name.length <= NAME_CHARS) return name;
  const dot = name.lastIndexOf('.');
  const ending = dot > 0 && name.length - dot <= 12 ? name.slice(dot) : '';
  // Half a character at the cut would be none.
  return `${name
    .slice(0, NAME_CHARS - ending.length)
    .toWellFormed()
    .replace(/\ufffd$/, '')}${ending}`;
}
