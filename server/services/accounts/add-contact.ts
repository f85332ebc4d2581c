import type { Contact } from '#lib/domain/contact/contact.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import type { AddContactInput } from '#lib/protocol/commands/account.ts';
import { accountStream } from '#lib/protocol/streams.ts';
import type { App } from '../../app.ts';
import { newId } from '../../store/id.ts';
import { contacts } from '../../store/kinds/workspace.ts';
import { accessAccount } from '../access-account.ts';
import { accountEvent } from '../account-event.ts';
import { command, type CommandMeta } from '../command.ts';
import { contactAnswer, type ContactAnswer } from './contact-of.ts';

/** Adds a person to call or write to. */
export function addContact(app: App, actor: Actor, input: AddContactInput, meta: CommandMeta): Promise<ContactAnswer> {
  return command(app, actor, meta, { name: 'contact.add', input }, async (tx, now) => {
    const account = await accessAccount(tx, actor, input.id, 'contact.edit');
    const contact: Contact = {
      id: newId(now.ms),
      version: 1,
      accountId: account.id,
      name: input.name,
      role: input.role,
      email: input.email,
      phone: input.phone,
      source: 'member',
      state: 'valid',
    };
    await tx.docs(contacts).insert(contact);
    await tx.append(accountStream(account.id), [
      accountEvent(now, actor, 'contact.added', { contacts: [contact] }, { data: { contactId: contact.id } }),
    ]);
    return contactAnswer(contact);
  });
}
