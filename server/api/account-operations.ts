import * as v from 'valibot';
import * as input from '#lib/protocol/commands/account.ts';
import { id } from '#lib/protocol/commands/common.ts';
import {
  accountItemsInput,
  accountListInput,
  findInput,
  taskListInput,
  timelineInput,
} from '#lib/protocol/commands/queries.ts';
import { exportItems } from '../export/items.ts';
import { accountItems } from '../queries/account-items.ts';
import { accountList } from '../queries/account-list.ts';
import { accountSheet } from '../queries/account-sheet.ts';
import { findAnything } from '../queries/find-anything.ts';
import { taskList } from '../queries/task-list.ts';
import { accountTimeline } from '../queries/timeline.ts';
import { addContact } from '../services/accounts/add-contact.ts';
import { changeContact } from '../services/accounts/change-contact.ts';
import { recordContact } from '../services/accounts/record-contact.ts';
import { removeContact } from '../services/accounts/remove-contact.ts';
import { startCall } from '../services/accounts/start-call.ts';
import { withdrawPromise } from '../services/promises/withdraw-promise.ts';
import { acceptTask } from '../services/tasks/accept-task.ts';
import { completeTask } from '../services/tasks/complete-task.ts';
import { createTask } from '../services/tasks/create-task.ts';
import { declineTask } from '../services/tasks/decline-task.ts';
import { returnTask } from '../services/tasks/return-task.ts';
import { command, query, type Operation } from './operation.ts';

/** The account: its sheet, contacts, promises and tasks. */
export const ACCOUNT_OPERATIONS: Operation[] = [
  query(
    {
      id: 'search',
      path: '/search',
      summary: 'Accounts, disputes and items found by a name or a number; a few of each.',
      action: 'account.read',
      input: findInput,
    },
    findAnything,
  ),
  query(
    {
      id: 'account.list',
      path: '/accounts',
      summary: 'Accounts by name, or found by name or number.',
      action: 'account.read',
      input: accountListInput,
    },
    accountList,
  ),
  query(
    {
      id: 'account.sheet',
      path: '/accounts/{id}',
      summary: 'The account: identity, balances, contacts, tasks, promises, timeline.',
      action: 'account.read',
      input: v.object({ id }),
    },
    accountSheet,
  ),
  query(
    {
      id: 'account.items',
      path: '/accounts/{id}/items',
      summary: 'The account’s items.',
      action: 'account.read',
      input: accountItemsInput,
    },
    accountItems,
  ),
  query(
    {
      id: 'account.items_export',
      path: '/accounts/{id}/items/export',
      summary: 'The account’s items as CSV.',
      action: 'account.export',
      input: accountItemsInput,
    },
    exportItems,
  ),
  query(
    {
      id: 'account.timeline',
      path: '/accounts/{id}/timeline',
      summary: 'The account’s events, newest first.',
      action: 'account.read',
      input: timelineInput,
    },
    accountTimeline,
  ),
  command(
    {
      id: 'call.start',
      method: 'POST',
      path: '/accounts/{id}/calls',
      summary: 'Start an outgoing call; takes the claim of a free case.',
      action: 'call.start',
      status: 201,
      input: input.startCallInput,
    },
    startCall,
  ),
  command(
    {
      id: 'contact.record',
      method: 'POST',
      path: '/accounts/{id}/contacts-made',
      summary: 'Write down a contact, made or received.',
      action: 'contact.record',
      status: 201,
      input: input.recordContactInput,
    },
    recordContact,
  ),
  command(
    {
      id: 'contact.add',
      method: 'POST',
      path: '/accounts/{id}/contacts',
      summary: 'Add a person to call or write to.',
      action: 'contact.edit',
      status: 201,
      input: input.addContactInput,
    },
    addContact,
  ),
  command(
    {
      id: 'contact.change',
      method: 'PATCH',
      path: '/accounts/{id}/contacts/{contactId}',
      summary: 'Correct a contact.',
      action: 'contact.edit',
      versioned: true,
      input: input.changeContactInput,
    },
    changeContact,
  ),
  command(
    {
      id: 'contact.remove',
      method: 'DELETE',
      path: '/accounts/{id}/contacts/{contactId}',
      summary: 'Remove a contact.',
      action: 'contact.edit',
      versioned: true,
      input: input.removeContactInput,
    },
    removeContact,
  ),
  command(
    {
      id: 'promise.withdraw',
      method: 'POST',
      path: '/accounts/{id}/promises/{promiseId}/withdraw',
      summary: 'Withdraw a promise to pay.',
      action: 'promise.withdraw',
      versioned: true,
      input: input.withdrawPromiseInput,
    },
    withdrawPromise,
  ),
  query(
    {
      id: 'task.list',
      path: '/tasks',
      summary: 'Tasks that wait for me, that I asked for, or of one account.',
      action: 'task.read',
      input: taskListInput,
    },
    taskList,
  ),
  command(
    {
      id: 'task.create',
      method: 'POST',
      path: '/tasks',
      summary: 'Ask a member or a department for something.',
      action: 'task.create',
      status: 201,
      input: input.createTaskInput,
    },
    createTask,
  ),
  command(
    {
      id: 'task.done',
      method: 'POST',
      path: '/tasks/{id}/done',
      summary: 'Close a task as done.',
      action: 'task.close',
      versioned: true,
      input: input.completeTaskInput,
    },
    completeTask,
  ),
  command(
    {
      id: 'task.decline',
      method: 'POST',
      path: '/tasks/{id}/decline',
      summary: 'Decline a task, with a reason.',
      action: 'task.close',
      versioned: true,
      input: input.declineTaskInput,
    },
    declineTask,
  ),
  command(
    {
      id: 'task.accept',
      method: 'POST',
      path: '/tasks/{id}/accept',
      summary: 'Take a task on, so that colleagues of the department know.',
      action: 'task.close',
      versioned: true,
      input: input.acceptTaskInput,
    },
    acceptTask,
  ),
  command(
    {
      id: 'task.return',
      method: 'POST',
      path: '/tasks/{id}/return',
      summary: 'Give a task back to whoever asked, with a reason.',
      action: 'task.close',
      versioned: true,
      input: input.returnTaskInput,
    },
    returnTask,
  ),
];
