/** `Chloé Martin-Duval` → `Chloé M.`: enough to know who, in a narrow column. */
export function shortName(name: string): string {
  const words = name.trim().split(/\s+/);
  const last = words.length > 1 ? [...(words.at(-1) ?? '')][0] : undefined;
  return last === undefined ? (words[0] ?? '') : `${words[0]} ${last.toLocaleUpperCase()}.`;
}
