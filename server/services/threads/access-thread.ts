import type { Account } from '#lib/domain/account/account.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { Audience } from '#lib/domain/thread/audience.ts';
import type { Message } from '#lib/domain/thread/thread.ts';
import type { Id } from '#lib/domain/values.ts';
import { mayReadAudience, mayWriteAudience } from '#lib/policies/audience.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { messages } from '../../store/kinds/disputes.ts';
import type { Tx, WorkspaceStore } from '../../store/port.ts';
import { accessDispute } from '../disputes/access-dispute.ts';

/** A thread that somebody may read, or write in. */
export interface ThreadPlace {
  dispute: Dispute;
  account: Account;
  audience: Audience;
}

/**
 * The only way to a thread. One whose audience is not for the actor answers as a dispute that is not there.
 *
 * @throws AppError not_found; forbidden for somebody who may read it and not write in it
 */
export async function accessThread(
  reader: Tx | WorkspaceStore,
  actor: Actor,
  disputeId: Id,
  audience: Audience,
  want: 'read' | 'write',
): Promise<ThreadPlace> {
  if (!mayReadAudience(actor, audience)) throw new AppError('not_found');
  const found = await accessDispute(reader, actor, disputeId, 'dispute.read');
  if (want === 'write' && !mayWriteAudience(actor, audience))
    throw new AppError('forbidden', { action: 'thread.write' });
  return { ...found, audience };
}

/**
 * The only way to a message, through its thread.
 *
 * @throws AppError not_found, alike, when it is unknown, out of scope, or for others to read; forbidden
 */
export async function accessMessage(
  reader: Tx | WorkspaceStore,
  actor: Actor,
  messageId: Id,
  want: 'read' | 'write',
): Promise<ThreadPlace & { message: Message }> {
  const message = await reader.docs(messages).get(messageId);
  if (message === null) throw new AppError('not_found');
  return { message, ...(await accessThread(reader, actor, message.disputeId, message.audience, want)) };
}

/** @throws AppError message_gone for one that was deleted or erased */
export function refuseGone(message: Message): void {
  if (message.state !== 'posted') throw new AppError('message_gone');
}
