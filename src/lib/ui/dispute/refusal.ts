import { ClientProblem } from '#lib/client/api.ts';
import type { Locale } from '#lib/domain/member/member.ts';
import { formRefusal, type FormRefusal } from '../queue/refusal.ts';

/** The words of what a command on a dispute threw; a refusal that is about one item stands beside it. @throws what is no refusal */
export function disputeRefusal(error: unknown, locale: Locale): FormRefusal {
  const refusal = formRefusal(error, locale);
  const itemId = error instanceof ClientProblem ? error.details['itemId'] : undefined;
  const about = refusal.fields['items'] ?? (typeof itemId === 'string' ? refusal.text : null);
  if (typeof itemId !== 'string' || about === null || about === undefined) return refusal;
  const { items: _items, ...fields } = refusal.fields;
  return { text: null, fields: { ...fields, [`items.${itemId}`]: about } };
}
