import type { Locale } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import type { thread } from '#lib/i18n/groups/thread.ts';
import { refusalText } from '#lib/i18n/refusal.ts';
import type { Say } from '#lib/i18n/words.ts';
import type { ErrorCode, ErrorDetails } from '#lib/protocol/errors.ts';

const MENTIONS = 'body.mentions.';

/** Why a message was not posted, in words that name who or what stands in the way. */
export function refusedPost(
  t: Say<(typeof thread)['fr']>,
  locale: Locale,
  name: (id: Id) => string,
  { code, details }: { code: ErrorCode | 'network'; details: ErrorDetails },
): string {
  const issues = details.issues ?? [];
  const strangers = issues
    .filter(({ path, reason }) => path.startsWith(MENTIONS) && reason === 'may_not_read')
    .map(({ path }) => name(path.slice(MENTIONS.length)));
  if (strangers.length > 0) return t('refused_mention', { names: strangers.join(', ') });
  if (issues.some(({ path }) => path.startsWith(MENTIONS))) return t('refused_unknown');
  if (issues.some(({ path }) => path === 'attachmentIds')) return t('refused_files');
  if (issues.some(({ path, reason }) => path === 'body' && reason === 'empty')) return t('empty');
  if (details.rule === 'draft_posted') return t('refused_posted');
  return refusalText(locale, code, details);
}
