import type { Contact } from '#lib/domain/contact/contact.ts';
import type { Id } from '#lib/domain/values.ts';
import { AppError } from '#lib/protocol/errors.ts';
import { contacts } from '../../store/kinds/workspace.ts';
import type { Tx } from '../../store/port.ts';

/**
 * A contact of this account.
 *
 * @throws AppError not_found when there is none, it was removed, or it belongs to another account
 */
export async function contactOf(tx: Tx, accountId: Id, contactId: Id): Promise<Contact> {
  const contact = await tx.docs(contacts).get(contactId);
  if (contact === null || contact.accountId !== accountId || contact.state === 'removed')
    throw new AppError('not_found');
  return contact;
}

/** What the commands on contacts answer: no personal text, as it is kept with the idempotency key. */
export interface ContactAnswer {
  id: Id;
  version: number;
  accountId: Id;
  state: Contact['state'];
}

export function contactAnswer(contact: Contact): ContactAnswer {
  return { id: contact.id, version: contact.version, accountId: contact.accountId, state: contact.state };
}
