import * as input from '#lib/protocol/commands/thread.ts';
import { messageList } from '../queries/message-list.ts';
import { postMessage } from '../services/threads/post-message.ts';
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
];
