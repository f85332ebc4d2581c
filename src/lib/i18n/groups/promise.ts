import { group } from '../words.ts';

/** Promises to pay. */
export const promise = group({
  fr: {
    title: 'Promesses',
    empty: 'Aucune promesse.',
    by: 'pour le {day}',
    made: 'notée le {day} par {name}',
    kept: 'reçu {amount}',
    judged: 'le {day}',
    late: { one: 'en retard de {count} jour', other: 'en retard de {count} jours' },
    withdraw: 'Retirer',
    withdraw_title: 'Retirer la promesse',
    withdraw_text: 'La promesse de {amount} pour le {day} ne comptera plus.',
    reason: 'Motif',
    withdrawn: 'Promesse retirée.',
    others: { one: '{count} promesse passée', other: '{count} promesses passées' },
  },
  en: {
    title: 'Promises',
    empty: 'No promise.',
    by: 'by {day}',
    made: 'written down on {day} by {name}',
    kept: 'received {amount}',
    judged: 'on {day}',
    late: { one: '{count} day late', other: '{count} days late' },
    withdraw: 'Withdraw',
    withdraw_title: 'Withdraw the promise',
    withdraw_text: 'The promise of {amount} by {day} will not count any more.',
    reason: 'Reason',
    withdrawn: 'Promise withdrawn.',
    others: { one: '{count} past promise', other: '{count} past promises' },
  },
});
