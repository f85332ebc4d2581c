import { insteadOf } from '#lib/domain/notification/notification.ts';
import type { Locale } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { formats } from '#lib/i18n/format.ts';
import { mail } from '#lib/i18n/groups/mail.ts';
import { term } from '#lib/i18n/groups/term.ts';
import { notificationPath, notificationSentence } from '#lib/i18n/notification.ts';
import { render, speak, type Group } from '#lib/i18n/words.ts';
import type { Colleagues } from '../colleagues.ts';
import type { Judged } from '../notifications/access-notifications.ts';

const SHOWN = 30;

export interface MailWords {
  subject: string;
  text: string;
}

/**
 * The words of a mail: for each notification who did what, number, reason, amount and a link; never what somebody wrote.
 *
 * @param rows judged with the rights of this moment; at least one
 * @param names of whoever did it and of whom the reader replaces, by id
 * @param site scheme and host, without a slash at the end
 */
export function composeMail(
  to: { name: string; locale: Locale },
  rows: readonly Judged[],
  names: ReadonlyMap<Id, string>,
  site: string,
  daily: boolean,
): MailWords {
  const t = speak(mail, to.locale);
  const sentence = (row: Judged): string =>
    notificationSentence(
      to.locale,
      row.notification,
      names.get(row.notification.by) ?? '',
      names.get(insteadOf(row.notification)) ?? '',
    );
  const first = rows[0];
  const subject = daily
    ? t('subject_daily', { count: rows.length })
    : rows.length > 1 || first === undefined
      ? t('subject_many', { count: rows.length })
      : t('subject_one', { sentence: sentence(first) });
  const blocks = rows.slice(0, SHOWN).map((row) => {
    const about = aboutOf(to.locale, row);
    return [sentence(row), ...(about === null ? [] : [about]), `${site}${notificationPath(row.notification)}`].join(
      '\n',
    );
  });
  if (rows.length > SHOWN) blocks.push(`${t('more', { count: rows.length - SHOWN })}\n${site}/inbox?list=news`);
  const why = t('why', { link: `${site}/profile` });
  return { subject, text: `${[t('hello', { name: to.name }), ...blocks].join('\n\n')}\n\n-- \n${why}\n` };
}

/** Names of whoever is spoken of, by id. */
export function namesIn(rows: readonly Judged[], colleagues: Pick<Colleagues, 'member'>): Map<Id, string> {
  const ids = rows.flatMap(({ notification }) => [notification.by, insteadOf(notification)]);
  return new Map(ids.map((id) => [id, colleagues.member(id)?.name ?? '']));
}

function aboutOf(locale: Locale, { account, dispute, task }: Judged): string | null {
  const t = speak(mail, locale);
  const f = formats(locale);
  const name = (list: string, value: string): string => render(term as Group, locale, `${list}_${value}`);
  if (dispute !== null)
    return t('dispute', {
      number: dispute.number,
      reason: name('motive', dispute.reason),
      amount: f.money(dispute.disputedCents, dispute.currency),
    });
  if (account === null) return null;
  if (task === null) return t('account', { account: account.number });
  const said = { kind: name('task', task.kind), account: account.number, day: f.day(task.dueDay) };
  return task.blockedCents > 0
    ? t('task_amount', { ...said, amount: f.money(task.blockedCents, task.currency) })
    : t('task', said);
}
