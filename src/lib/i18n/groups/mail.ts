import { group } from '../words.ts';

/** Mails: number, reason, amount, who and a link; never what somebody wrote. */
export const mail = group({
  fr: {
    hello: 'Bonjour {name},',
    subject_one: 'Encours : {sentence}',
    subject_many: { one: 'Encours : {count} notification', other: 'Encours : {count} notifications' },
    subject_daily: {
      one: 'Encours : {count} notification depuis hier',
      other: 'Encours : {count} notifications depuis hier',
    },
    dispute: 'Litige n° {number}, {reason}, {amount}',
    task: '{kind}, compte {account}, avant le {day}',
    task_amount: '{kind}, compte {account}, {amount} en attente, avant le {day}',
    account: 'Compte {account}',
    more: { one: 'Et {count} autre.', other: 'Et {count} autres.' },
    why: 'Choisir quand recevoir ces e-mails : {link}',
  },
  en: {
    hello: 'Hello {name},',
    subject_one: 'Encours: {sentence}',
    subject_many: { one: 'Encours: {count} notification', other: 'Encours: {count} notifications' },
    subject_daily: {
      one: 'Encours: {count} notification since yesterday',
      other: 'Encours: {count} notifications since yesterday',
    },
    dispute: 'Dispute {number}, {reason}, {amount}',
    task: '{kind}, account {account}, before {day}',
    task_amount: '{kind}, account {account}, {amount} waiting, before {day}',
    account: 'Account {account}',
    more: { one: 'And {count} more.', other: 'And {count} more.' },
    why: 'Choose when you get these mails: {link}',
  },
});
