import type { Account } from '#lib/domain/account/account.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import { isOutward, type Audience } from '#lib/domain/thread/audience.ts';
import type { Body, Mention, Message } from '#lib/domain/thread/thread.ts';
import type { Id } from '#lib/domain/values.ts';
import { mayReadAudience } from '#lib/policies/audience.ts';
import { inScope } from '#lib/policies/in-scope.ts';
import { AppError, type FieldIssue } from '#lib/protocol/errors.ts';
import { accounts, items } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';
import type { Colleagues } from '../colleagues.ts';
import { mapBody, mentionOf } from './check-body.ts';

/** Where something is said: what decides who can read it. */
export interface Place {
  dispute: Pick<Dispute, 'id' | 'access'>;
  account: Pick<Account, 'id' | 'number' | 'name'>;
  audience: Audience;
}

/** Whether a member reads what is said there, with the rights of this moment. */
export function readsThere(colleagues: Colleagues, memberId: Id, { dispute, audience }: Place): boolean {
  const actor = colleagues.actor(memberId);
  return actor !== null && mayReadAudience(actor, audience) && inScope(actor.rights, dispute.access);
}

/**
 * Judges whom and what a body mentions, and writes the names that stand in the records: a mention cannot say another
 * name than that of whom it points at. Only members who read that audience there; only items of the account; only accounts that
 * the author sees, and for outsiders none but this one.
 *
 * @param before the message as it was posted: an edit keeps the mentions that were allowed then, under the names that they had
 * @throws AppError validation_failed, one issue for each at `body.mentions.<id>`: `may_not_read` or `unknown`
 */
export async function judgeMentions(
  tx: Tx,
  actor: Pick<Actor, 'rights'>,
  place: Place,
  colleagues: Colleagues,
  checked: { body: Body; mentions: readonly Mention[] },
  before: Pick<Message, 'body' | 'mentions'> | null = null,
): Promise<Body> {
  const names = new Map<string, string>();
  const known = before?.mentions ?? [];
  if (before?.body) mapBody(before.body, (node) => keepName(names, node));
  const issues: FieldIssue[] = [];
  for (const mention of checked.mentions) {
    if (known.some((one) => one.kind === mention.kind && one.id === mention.id)) continue;
    const found = await nameOf(tx, actor, place, colleagues, mention);
    if ('name' in found) names.set(`${mention.kind}:${mention.id}`, found.name);
    else issues.push({ path: `body.mentions.${mention.id}`, reason: found.reason });
  }
  if (issues.length > 0) throw new AppError('validation_failed', { issues });
  return mapBody(checked.body, (node) => {
    const mention = mentionOf(node);
    const name = mention === null ? undefined : names.get(`${mention.kind}:${mention.id}`);
    return name === undefined ? node : { ...node, attrs: { ...node.attrs, label: name } };
  });
}

function keepName(names: Map<string, string>, node: Body): Body {
  const mention = mentionOf(node);
  if (mention !== null) names.set(`${mention.kind}:${mention.id}`, String(node.attrs?.['label'] ?? ''));
  return node;
}

async function nameOf(
  tx: Tx,
  actor: Pick<Actor, 'rights'>,
  place: Place,
  colleagues: Colleagues,
  { kind, id }: Mention,
): Promise<{ name: string } | { reason: string }> {
  if (kind === 'member') {
    const member = colleagues.member(id);
    if (member === null) return { reason: 'unknown' };
    return readsThere(colleagues, id, place) ? { name: member.name } : { reason: 'may_not_read' };
  }
  if (kind === 'item') {
    const item = await tx.docs(items).get(id);
    return item?.accountId === place.account.id ? { name: item.number } : { reason: 'unknown' };
  }
  if (id === place.account.id) return { name: place.account.name };
  const account = isOutward(place.audience) ? null : await tx.docs(accounts).get(id);
  return account !== null && inScope(actor.rights, account.access) ? { name: account.name } : { reason: 'unknown' };
}
