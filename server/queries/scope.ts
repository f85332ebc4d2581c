import type { Actor } from '#lib/domain/member/member.ts';
import type { Condition } from '../store/port.ts';

export type PlainFilter = { [field: string]: Condition };

/** The part of every list's filter that keeps it within the actor's rights; nothing for those who see all. */
export function scopeOf(actor: Actor): PlainFilter {
  return actor.rights === null ? {} : { access: { $in: actor.rights } };
}

/** Tokens of what is the actor's own today (and of those replaced), as owner or as sales rep, within the actor's rights. */
export function ownTokens(actor: Actor): string[] {
  const own = actor.owners.flatMap((memberId) => [`owner:${memberId}`, `rep:${memberId}`]);
  const rights = actor.rights;
  return rights === null ? own : own.filter((token) => rights.includes(token));
}
