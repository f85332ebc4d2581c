import type { Actor } from '#lib/domain/member/member.ts';
import type { ChangeContactInput } from '#lib/protocol/commands/account.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { contacts } from '../../store/kinds/workspace.ts';
import { accessAccount } from '../access-account.ts';
import { accountEvent } from '../account-event.ts';
import { command, expectVersion, type CommandMeta } from '../command.ts';
import { contactAnswer, contactOf, type ContactAnswer } from './contact-of.ts';

/**
 * Corrects a contact; one found wrong is valid again.
 *
 * @throws AppError not_found; version_conflict with the contact's current version
 */
export function changeContact(
  app: App,
  actor: Actor,
  input: ChangeContactInput,
  meta: CommandMeta,
): Promise<ContactAnswer> {
  return command(app, actor, meta, { name: 'contact.change', input }, async (tx, now) => {
    await accessAccount(tx, actor, input.id, 'contact.edit');
    const contact = await contactOf(tx, input.id, input.contactId);
    expectVersion(meta, contact);
    const { name, role, email, phone } = input;
    const changed = await tx.docs(contacts).replace({ ...contact, name, role, email, phone, state: 'valid' });
    await tx.append(accountStream(input.id), [
      accountEvent(now, actor, 'contact.changed', { contacts: [changed] }, { data: { contactId: changed.id } }),
    ]);
    return contactAnswer(changed);
  });
}
