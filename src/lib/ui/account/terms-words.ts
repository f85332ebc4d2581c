import type { Terms } from '#lib/domain/account/account.ts';
import type { account } from '#lib/i18n/groups/account.ts';
import type { Say } from '#lib/i18n/words.ts';

/** Payment terms in words: `45 jours fin de mois`. */
export function termsWords(terms: Terms, t: Say<(typeof account)['fr']>): string {
  switch (terms.kind) {
    case 'net':
      return terms.days === 0 ? t('terms_cash') : t('terms_net', { count: terms.days });
    case 'days_then_eom':
      return t('terms_days_then_eom', { count: terms.days });
    case 'eom_then_days':
      return t('terms_eom_then_days', { count: terms.days });
    case 'days_then_eom_then_day':
      return t('terms_days_then_eom_then_day', { count: terms.days, day: terms.day });
    case 'months':
      return t('terms_months', { count: terms.months });
  }
}
