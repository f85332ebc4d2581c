import { BUCKETS } from '#lib/domain/balance/balance.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import { exported } from '#lib/i18n/groups/export.ts';
import { speak } from '#lib/i18n/words.ts';
import type { AgedBalanceInput } from '#lib/protocol/commands/queries.ts';
import type { AgedBalanceRow } from '#lib/protocol/views/views.ts';
import type { App } from '../app.ts';
import { agedBalance } from '../queries/aged-balance.ts';
import { csvAnswer } from './answer.ts';
import { amount, day, text, type Cell } from './csv.ts';

/** The aged balance as CSV in the reader's language, a line per row and currency, totals last. */
export async function exportAgedBalance(app: App, actor: Actor, input: AgedBalanceInput): Promise<Response> {
  const t = speak(exported, actor.locale);
  const aged = await agedBalance(app, actor, input);
  const lineOf = (row: AgedBalanceRow): Cell[] => [
    text(row.key === 'total' ? t('total') : row.key === 'none' ? t('nobody') : row.label),
    text(row.currency),
    ...BUCKETS.map((bucket) => amount(row.buckets[bucket])),
    amount(row.overdueCents),
    amount(row.creditCents),
    amount(row.openCents),
    day(aged.asOf),
  ];
  const header = [
    t('key'),
    t('currency'),
    ...BUCKETS.map((bucket) => t(bucket)),
    t('overdue'),
    t('credits'),
    t('outstanding'),
    t('as_of'),
  ];
  return csvAnswer(`${t('file_aged')}-${aged.asOf}`, header, [...aged.rows, ...aged.totals].map(lineOf), actor.locale);
}
