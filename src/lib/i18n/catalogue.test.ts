import { readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { Locale } from '#lib/domain/member/member.ts';
import { render, type Group, type Message } from './words.ts';

interface Text {
  at: string;
  locale: Locale;
  text: string;
  said: string;
}

const isGroup = (value: unknown): value is Group =>
  typeof value === 'object' && value !== null && 'fr' in value && 'en' in value;
const formsOf = (message: Message): [count: number, text: string][] =>
  typeof message === 'string'
    ? [[1, message]]
    : [
        [1, message.one],
        [2, message.other],
        ...(message.zero === undefined ? [] : [[0, message.zero] as [number, string]]),
      ];

async function everyText(): Promise<Text[]> {
  const texts: Text[] = [];
  const folder = new URL('groups/', import.meta.url);
  for (const file of readdirSync(folder).filter((name) => name.endsWith('.ts'))) {
    const module = (await import(new URL(file, folder).href)) as { [name: string]: unknown };
    for (const group of Object.values(module).filter(isGroup))
      for (const locale of ['fr', 'en'] as const)
        for (const [key, message] of Object.entries(group[locale]))
          for (const [count, text] of formsOf(message))
            texts.push({ at: `${file} ${locale} ${key}`, locale, text, said: render(group, locale, key, { count }) });
  }
  return texts;
}
/** Signs that are spoken of, and the beginnings of addresses. */
const QUOTED = /, ; |https?:|mailto:|tel:/g;

describe('[I18N-4] every text of the catalogue', async () => {
  const texts = await everyText();
  const wrong = (of: Locale | null, what: RegExp, part: 'text' | 'said' = 'text'): string[] =>
    texts
      .filter(({ locale }) => of === null || locale === of)
      .filter((one) => what.test(one[part].replace(QUOTED, 'x')))
      .map((one) => `${one.at}: ${one[part]}`);

  it('has curly apostrophes and quotes, no doubled stops or spaces', () => {
    expect(texts.length).toBeGreaterThan(2_000);
    expect(wrong(null, /['"]|\.\.|\s{2}|^\s|\s$/)).toEqual([]);
  });
  it('has the spaces and quotes of French', () => {
    expect(wrong('fr', /[^\s][:;?!»](?=\s|$|\.)|«\S|[“”]/)).toEqual([]);
    expect(wrong('fr', / [:;?!»]|« /, 'said')).toEqual([]);
  });
  it('has the spaces and quotes of English', () => {
    expect(wrong('en', /\s[:;?!]|[«»\u00a0\u202f]/)).toEqual([]);
  });
});
