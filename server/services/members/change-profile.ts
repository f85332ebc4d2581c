import type { Actor, Locale } from '#lib/domain/member/member.ts';
import { AppError } from '#lib/protocol/errors.ts';
import type { App } from '../../app.ts';
import { command, type CommandMeta } from '../command.ts';
import { memberAnswer, memberIn, storeMember, type MemberAnswer } from './member-records.ts';

/**
 * Changes what members choose for themselves: the language.
 *
 * @throws AppError forbidden to an API token that was given some actions only
 */
export async function changeProfile(
  app: App,
  actor: Actor,
  input: { locale: Locale },
  meta: CommandMeta,
): Promise<MemberAnswer> {
  if (actor.allowedActions !== null) throw new AppError('forbidden', { action: 'profile.change' });
  const asked = { name: 'profile.change', input, store: app.store.installation };
  return command(app, actor, meta, asked, async (tx, now) => {
    const member = await memberIn(tx, actor, actor.memberId);
    if (member.locale === input.locale) return memberAnswer(member);
    const changed = { ...member, locale: input.locale };
    const fact = { name: 'member.changed', reason: 'changed' } as const;
    return memberAnswer(await storeMember(tx, now, actor.memberId, changed, fact));
  });
}
