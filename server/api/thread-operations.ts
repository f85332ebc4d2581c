import * as v from 'valibot';
import { id } from '#lib/protocol/commands/common.ts';
import * as input from '#lib/protocol/commands/thread.ts';
import { attachmentList, itemAttachments } from '../queries/attachments.ts';
import { messageList } from '../queries/message-list.ts';
import { removeAttachment } from '../services/attachments/remove-attachment.ts';
import { eraseContact } from '../services/erasure/erase-contact.ts';
import { eraseMessage } from '../services/erasure/erase-message.ts';
import { copyMessage } from '../services/threads/copy-message.ts';
import { deleteMessage } from '../services/threads/delete-message.ts';
import { editMessage } from '../services/threads/edit-message.ts';
import { followThread, readThread } from '../services/threads/follow-thread.ts';
import { postMessage } from '../services/threads/post-message.ts';
import { react } from '../services/threads/react.ts';
import { command, query, type Operation } from './operation.ts';

/** What is written in a dispute's threads: messages, files, who follows. */
export const THREAD_OPERATIONS: Operation[] = [
  query(
    {
      id: 'message.list',
      path: '/disputes/{id}/messages',
      summary: 'Messages of one of the dispute’s threads.',
      action: 'thread.read',
      input: input.messageListInput,
    },
    messageList,
  ),
  command(
    {
      id: 'message.post',
      method: 'POST',
      path: '/disputes/{id}/messages',
      summary: 'Post a draft, or a body, in one of the dispute’s threads.',
      action: 'thread.write',
      status: 201,
      input: input.postMessageInput,
    },
    postMessage,
  ),
  command(
    {
      id: 'message.edit',
      method: 'PATCH',
      path: '/messages/{id}',
      summary: 'Change the words of one’s own message.',
      action: 'thread.write',
      versioned: true,
      input: input.editMessageInput,
    },
    editMessage,
  ),
  command(
    {
      id: 'message.delete',
      method: 'DELETE',
      path: '/messages/{id}',
      summary: 'Take a message away; a marker stays.',
      action: 'thread.write',
      input: input.deleteMessageInput,
    },
    deleteMessage,
  ),
  command(
    {
      id: 'message.react',
      method: 'POST',
      path: '/messages/{id}/reactions',
      summary: 'React to a message, or take it back.',
      action: 'thread.write',
      input: input.reactInput,
    },
    react,
  ),
  command(
    {
      id: 'message.copy',
      method: 'POST',
      path: '/messages/{id}/copy',
      summary: 'Copy a message for a wider audience: the body given is exactly what leaves.',
      action: 'thread.write',
      status: 201,
      input: input.copyMessageInput,
    },
    copyMessage,
  ),
  command(
    {
      id: 'thread.follow',
      method: 'POST',
      path: '/disputes/{id}/follow',
      summary: 'Follow one of the dispute’s threads, or stop.',
      action: 'thread.read',
      input: input.followThreadInput,
    },
    followThread,
  ),
  command(
    {
      id: 'thread.read',
      method: 'POST',
      path: '/disputes/{id}/read',
      summary: 'Note how far one has read a thread, on all one’s screens.',
      action: 'thread.read',
      input: input.readThreadInput,
    },
    readThread,
  ),
  query(
    {
      id: 'attachment.list',
      path: '/disputes/{id}/attachments',
      summary: 'Files of the dispute’s threads.',
      action: 'thread.read',
      input: input.attachmentListInput,
    },
    attachmentList,
  ),
  query(
    {
      id: 'attachment.of_item',
      path: '/items/{id}/attachments',
      summary: 'The documents of an item.',
      action: 'account.read',
      input: v.object({ id }),
    },
    itemAttachments,
  ),
  command(
    {
      id: 'attachment.remove',
      method: 'DELETE',
      path: '/attachments/{id}',
      summary: 'Take a file away.',
      action: 'thread.write',
      input: input.removeAttachmentInput,
    },
    removeAttachment,
  ),
  command(
    {
      id: 'message.erase',
      method: 'POST',
      path: '/messages/{id}/erase',
      summary: 'Forget the words of a message for good, and of its copies.',
      action: 'text.erase',
      input: input.eraseMessageInput,
    },
    eraseMessage,
  ),
  command(
    {
      id: 'contact.erase',
      method: 'POST',
      path: '/accounts/{id}/contacts/{contactId}/erase',
      summary: 'Forget a contact for good.',
      action: 'text.erase',
      input: input.eraseContactInput,
    },
    eraseContact,
  ),
];
