const LENGTH = 140;

/**
 * The first words of a text on one line: at most 140 characters, cut between words where there are any, never within a
 * character.
 */
export function excerptOf(text: string): string {
  const line = text.replace(/\s+/gu, ' ').trim();
  const characters = [...line];
  if (characters.length <= LENGTH) return line;
  const cut = characters.slice(0, LENGTH).join('');
  const space = cut.lastIndexOf(' ');
  return `${(space > LENGTH / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
}
