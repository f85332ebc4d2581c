import { describe, expect, it } from 'vitest';
import { formats } from '#lib/i18n/format.ts';
import { term } from '#lib/i18n/groups/term.ts';
import { timeline } from '#lib/i18n/groups/timeline.ts';
import { render, speak, type Group } from '#lib/i18n/words.ts';
import { ACCOUNT_EVENTS, MESSAGE_EVENTS, type WireEvent } from '#lib/protocol/events.ts';
import { kindOf, namesOf, TIMELINE_FILTERS } from './filters.ts';
import { mergeEvents } from './merge.ts';
import { linesOf, sentenceOf, type Speech } from './sentence.ts';

const speech = (locale: 'fr' | 'en'): Speech => ({
  t: speak(timeline, locale),
  term: (list, value) => render(term as Group, locale, `${list}_${value}`),
  f: formats(locale),
  person: (id) => (id === 'm1' ? 'Awa' : 'Denis'),
  contact: () => null,
});

function eventOf(name: WireEvent['name'], change: Partial<WireEvent> = {}): WireEvent {
  return {
    id: 'e1',
    stream: 'account:a:internal',
    seq: 1,
    name,
    at: '2026-03-16T08:00:00.000Z',
    day: '2026-03-16',
    actor: 'm1',
    data: {},
    personal: null,
    erased: false,
    ...change,
  };
}

describe('timeline', () => {
  it.each([...ACCOUNT_EVENTS, ...MESSAGE_EVENTS])(
    'says %s in both languages, erased or not, and leaves no place unfilled',
    (name) => {
      for (const locale of ['fr', 'en'] as const)
        for (const erased of [false, true]) {
          const data = name === 'promise.made' ? { cents: 100, currency: 'EUR', dueDay: '2026-03-20' } : {};
          const said = sentenceOf(eventOf(name, { erased, data }), speech(locale));
          expect(said).not.toBe('');
          expect(said).not.toBe(name);
          expect(said).not.toMatch(/[{}]/);
        }
    },
  );

  it('puts every event under one filter', () => {
    const filters = TIMELINE_FILTERS.filter((filter) => filter !== 'all');
    expect(filters.flatMap((filter) => namesOf(filter) ?? []).sort()).toEqual(
      [...ACCOUNT_EVENTS, ...MESSAGE_EVENTS].sort(),
    );
    expect(kindOf('promise.made')).toBe('promises');
  });

  it('shows what was typed, and how much an import touched whether its items came along or not', () => {
    const withdrawn = eventOf('promise.withdrawn', { personal: { reason: 'Erreur' } });
    expect(linesOf(withdrawn, speech('fr'))).toEqual([{ text: 'Erreur', typed: true }]);
    const light = eventOf('account.imported', { data: { itemCount: 3 } });
    expect(linesOf(light, speech('fr'))).toEqual([{ text: '3 pièces touchées', typed: false }]);
  });

  it('merges pages newest first, each event once', () => {
    const at = (id: string, minute: string): WireEvent =>
      eventOf('case.claimed', { id, at: `2026-03-16T08:${minute}:00.000Z` });
    const [a, b, c] = [at('a', '01'), at('b', '02'), at('c', '02')];
    expect(mergeEvents([a, b], [b, c]).map(({ id }) => id)).toEqual(['c', 'b', 'a']);
  });
});
