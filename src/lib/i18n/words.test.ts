import { describe, expect, it } from 'vitest';
import { group, speak } from './words.ts';

const sample = group({
  fr: {
    title: 'Actions du jour',
    taken: '{name} a pris {account}',
    cases: { one: '{count} compte', other: '{count} comptes' },
    changes: {
      zero: 'aucun changement',
      one: '{count} changement sur {list}',
      other: '{count} changements sur {list}',
    },
  },
  en: {
    title: 'Today’s actions',
    taken: '{account} was taken by {name}',
    cases: { one: '{count} case', other: '{count} cases' },
    changes: { one: '{count} change on {list}', other: '{count} changes on {list}' },
  },
});
const fr = speak(sample, 'fr');
const en = speak(sample, 'en');

describe('words', () => {
  it('[I18N-1] fills the parameters in the order of each language', () => {
    expect(fr('taken', { name: 'Awa', account: '411 DUPONT' })).toBe('Awa a pris 411 DUPONT');
    expect(en('taken', { name: 'Awa', account: '411 DUPONT' })).toBe('411 DUPONT was taken by Awa');
  });

  it.each([
    ['fr', 0, '0 compte'],
    ['fr', 1, '1 compte'],
    ['fr', 2, '2 comptes'],
    ['en', 0, '0 cases'],
    ['en', 1, '1 case'],
    ['en', 1200, '1,200 cases'],
  ] as const)('[I18N-2] follows the plural of %s for %i', (locale, count, words) => {
    expect(speak(sample, locale)('cases', { count })).toBe(words);
  });

  it('[I18N-2] takes a text of its own for zero where there is one', () => {
    expect(fr('changes', { count: 0, list: 'x' })).toBe('aucun changement');
    expect(en('changes', { count: 0, list: 'x' })).toBe('0 changes on x');
  });

  it('[I18N-4] keeps French signs with their words, and leaves what is filled in as it is', () => {
    const asked = group({
      fr: { said: 'Litige « {what} » : {name} ; est-ce vu ?' },
      en: { said: 'Dispute “{what}”: {name}; is it seen?' },
    });
    expect(speak(asked, 'fr')('said', { what: 'a : b', name: 'Awa' })).toBe(
      'Litige «\u00a0a : b\u00a0»\u00a0: Awa\u202f; est-ce vu\u202f?',
    );
    expect(speak(asked, 'en')('said', { what: 'a : b', name: 'Awa' })).toBe('Dispute “a : b”: Awa; is it seen?');
  });

  it('[I18N-4] puts no full stop behind another', () => {
    const until = group({ fr: { until: 'Jusqu’au {day}.' }, en: { until: 'Until {day}.' } });
    expect(speak(until, 'fr')('until', { day: '22 nov.' })).toBe('Jusqu’au 22 nov.');
    expect(speak(until, 'en')('until', { day: '22 Nov' })).toBe('Until 22 Nov.');
  });

  it('[I18N-3] does not compile with a missing key, a missing parameter or another shape', () => {
    const check = () => {
      // @ts-expect-error unknown key
      fr('nothing');
      // @ts-expect-error missing parameter
      fr('taken', { name: 'Awa' });
      // @ts-expect-error a plural needs its count
      fr('cases');
      // @ts-expect-error no parameters wanted
      fr('title', { name: 'x' });
      // @ts-expect-error English lacks a key
      group({ fr: { a: 'a', b: 'b' }, en: { a: 'a' } });
      // @ts-expect-error English has a key too many
      group({ fr: { a: 'a' }, en: { a: 'a', b: 'b' } });
      // @ts-expect-error English forgets a parameter
      group({ fr: { a: 'a {x}' }, en: { a: 'a' } });
      // @ts-expect-error English invents a parameter
      group({ fr: { a: 'a' }, en: { a: 'a {x}' } });
      // @ts-expect-error English lacks the plural
      group({ fr: { a: { one: 'a', other: '{count} a' } }, en: { a: 'a' } });
    };
    expect(check).toBeTypeOf('function');
  });
});
