import { departmentToken } from '#lib/domain/account/access.ts';
import type { Account } from '#lib/domain/account/account.ts';
import type { Dispute } from '#lib/domain/dispute/dispute.ts';
import type { Message } from '#lib/domain/thread/thread.ts';
import type { Id } from '#lib/domain/values.ts';
import { newId } from '#server/store/id.ts';

let number = 0;

/** A dispute as it would stand once opened; for tests that are not about how it came to be. Insert it. */
export function buildDispute(account: Account, given: Partial<Dispute> = {}): Dispute {
  number += 1;
  const department = given.department ?? 'quality';
  return {
    id: newId(),
    version: 1,
    accountId: account.id,
    number,
    state: 'assigned',
    source: 'member',
    reason: 'missing_delivery',
    rootCause: null,
    department,
    memberId: null,
    currency: 'EUR',
    items: [],
    disputedCents: 123_400,
    awaitingCents: 0,
    detail: null,
    openedOn: '2026-03-16',
    openedBy: 'system',
    openedAt: '2026-03-16T08:00:00.000Z',
    dueDay: '2026-03-23',
    resolveBy: '2026-04-06',
    stoppedOn: null,
    stoppedDueDay: null,
    waitingUntil: null,
    answer: null,
    approval: null,
    resolution: null,
    changedOn: '2026-03-16',
    closedOn: null,
    reopened: 0,
    reopenedAt: null,
    closureProposed: false,
    requestedAction: null,
    escalatedOn: null,
    accountNumber: account.number,
    accountName: account.name,
    words: [],
    access: [...account.access, departmentToken(department)],
    ...given,
  };
}

/** A posted message of a dispute's thread. Insert it. */
export function buildMessage(dispute: Dispute, authorId: Id, given: Partial<Message> = {}): Message {
  number += 1;
  const text = given.text ?? 'Bonjour';
  return {
    id: newId(),
    version: 1,
    disputeId: dispute.id,
    accountId: dispute.accountId,
    audience: 'internal',
    seq: number,
    authorId,
    coAuthorIds: [],
    postedAt: '2026-03-16T08:00:00.000Z',
    day: '2026-03-16',
    body: { type: 'doc', content: [{ type: 'paragraph', content: [{ type: 'text', text }] }] },
    mentions: [],
    attachmentIds: [],
    replyTo: null,
    reactions: {},
    editedAt: null,
    editedBy: null,
    state: 'posted',
    ...given,
    text,
  };
}
