import type { Role } from '#lib/domain/member/member.ts';
import { AUDIENCES, type Audience } from '#lib/domain/thread/audience.ts';
import type { Action } from './actions.ts';
import { may } from './may.ts';

type Who = { readonly role: Role; readonly allowedActions: readonly string[] | null };

const READ: Record<Audience, Action> = {
  internal: 'thread.read',
  credit: 'thread.read_credit',
  customer: 'thread.read',
  partner: 'thread.read',
};
const WRITE: Record<Audience, Action> = {
  internal: 'thread.write',
  credit: 'thread.write_credit',
  customer: 'thread.write_outward',
  partner: 'thread.write_outward',
};

/** Whether somebody may read what is written for this audience, on an account within their scope. */
export function mayReadAudience(actor: Who, audience: Audience): boolean {
  return may(actor, READ[audience]);
}

/** Whether they may write for it: notes, drafts, messages, files. */
export function mayWriteAudience(actor: Who, audience: Audience): boolean {
  return may(actor, WRITE[audience]) && mayReadAudience(actor, audience);
}

/**
 * Whether they may hear all that they are told of themselves. It names messages of every audience that their role reads:
 * an API token has to be given those, and the notifications.
 */
export function mayHearOwn(actor: Who): boolean {
  const whole = { role: actor.role, allowedActions: null };
  return (
    may(actor, 'notification.read') &&
    AUDIENCES.every((audience) => mayReadAudience(actor, audience) || !mayReadAudience(whole, audience))
  );
}

/** Audiences that somebody may read, the default first. */
export function readableAudiences(actor: Who): Audience[] {
  return AUDIENCES.filter((audience) => mayReadAudience(actor, audience));
}
