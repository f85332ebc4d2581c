import type { Locale } from '#lib/domain/member/member.ts';
import type { Notification } from '#lib/domain/notification/notification.ts';
import { inbox } from './groups/inbox.ts';
import { render } from './words.ts';

/**
 * What a notification says in one sentence, on screens and in mails alike.
 *
 * @param byName who did it; '' for the product itself
 * @param forName whom the reader replaces, where it was said to somebody who is away
 */
export function notificationSentence(
  locale: Locale,
  { kind, data }: Pick<Notification, 'kind' | 'data'>,
  byName: string,
  forName = '',
): string {
  const key =
    kind === 'case.reassigned' && data['change'] === 'gained'
      ? 'case.gained'
      : kind === 'dispute.assigned' && data['change'] === 'lost'
        ? 'dispute.lost'
        : kind;
  const by = byName === '' ? render(inbox, locale, 'from_encours') : byName;
  const reaction = typeof data['reaction'] === 'string' ? data['reaction'] : '';
  const sentence = render(inbox, locale, `said_${key.replace('.', '_')}`, { by, reaction }).trim();
  return forName === '' ? sentence : render(inbox, locale, 'said_instead', { sentence, name: forName });
}

/** Where a notification leads, below the site's address. */
export function notificationPath(
  one: Pick<Notification, 'disputeId' | 'messageId' | 'accountId' | 'taskId' | 'kind'>,
): string {
  if (one.disputeId !== null)
    return `/disputes/${one.disputeId}${one.messageId === null ? '' : `#message-${one.messageId}`}`;
  if (one.kind === 'task.created') return '/inbox';
  if (one.accountId !== null) return `/accounts/${one.accountId}`;
  return one.kind === 'bulk.finished' ? '/queue/mine' : '/inbox';
}
