import { centsWithin, isAge, isAmount } from '#lib/domain/dispute/bands.ts';
import { useFormats, words } from '#lib/i18n/context.ts';
import { disputeList } from '#lib/i18n/groups/dispute-list.ts';
import type { Cents } from '#lib/domain/values.ts';

const AGES = { d0_7: 'age_d0_7', d8_15: 'age_d8_15', d16_30: 'age_d16_30', over_30: 'age_over_30' } as const;

/** Names amounts between two bounds, in units: the currency is said beside. To be called while a component is set up. */
export function rangeWords(): (from: Cents, below: Cents | null) => string {
  const t = words(disputeList);
  const f = useFormats();
  return (from, below) => {
    const [amount, end] = [f().number(from / 100), below === null ? '' : f().number(below / 100)];
    if (below === null) return t('amount_from', { amount });
    return from === 0 ? t('amount_below', { amount: end }) : t('amount_between', { amount, below: end });
  };
}

/** Names an age or a band of amounts by its key. To be called while a component is set up. */
export function bandWords(): (key: string) => string {
  const t = words(disputeList);
  const range = rangeWords();
  return (key) => {
    if (isAge(key)) return t(AGES[key]);
    if (!isAmount(key)) return key;
    const { from, below } = centsWithin(key);
    return range(from, below);
  };
}
