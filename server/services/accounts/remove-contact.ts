import type { Actor } from '#lib/domain/member/member.ts';
import type { Id } from '#lib/domain/values.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { contacts } from '../../store/kinds/workspace.ts';
import { accessAccount } from '../access-account.ts';
import { accountEvent } from '../account-event.ts';
import { command, expectVersion, type CommandMeta } from '../command.ts';
import { contactAnswer, contactOf, type ContactAnswer } from './contact-of.ts';

/**
 * Removes a contact. The record stays, marked, so that the next ledger does not bring the person back.
 *
 * @throws AppError not_found; version_conflict with the contact's current version
 */
export function removeContact(
  app: App,
  actor: Actor,
  input: { id: Id; contactId: Id },
  meta: CommandMeta,
): Promise<ContactAnswer> {
  return command(app, actor, meta, { name: 'contact.remove', input }, async (tx, now) => {
    await accessAccount(tx, actor, input.id, 'contact.edit');
    const contact = await contactOf(tx, input.id, input.contactId);
    expectVersion(meta, contact);
    const removed = await tx.docs(contacts).replace({ ...contact, state: 'removed' });
    await tx.append(accountStream(input.id), [
      accountEvent(now, actor, 'contact.removed', { contacts: [removed] }, { data: { contactId: removed.id } }),
    ]);
    return contactAnswer(removed);
  });
}
