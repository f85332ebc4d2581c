import type { Audience } from '#lib/domain/thread/audience.ts';
import type { Message } from '#lib/domain/thread/thread.ts';
import type { Id } from '#lib/domain/values.ts';

/** What the commands on messages answer: no text, as it is kept with the idempotency key. */
export interface MessageAnswer {
  id: Id;
  version: number;
  disputeId: Id;
  accountId: Id;
  audience: Audience;
  seq: number;
  state: Message['state'];
}

export function messageAnswer(message: Message): MessageAnswer {
  const { id, version, disputeId, accountId, audience, seq, state } = message;
  return { id, version, disputeId, accountId, audience, seq, state };
}
