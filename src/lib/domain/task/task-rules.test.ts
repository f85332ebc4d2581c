import { describe, expect, test } from 'vitest';
import {
  acceptTask,
  checkNewTask,
  completeTask,
  declineTask,
  escalateTask,
  isTaskDue,
  isTaskOverdue,
  returnTask,
  taskDaysOverdue,
  usualDueDay,
} from './task-rules.ts';
import type { Task } from './task.ts';

const task: Task = {
  id: 't1',
  version: 2,
  accountId: 'a1',
  kind: 'send_document',
  text: 'Proof of delivery',
  dueDay: '2026-11-20',
  memberId: null,
  department: 'adv',
  state: 'open',
  disputeId: null,
  acceptedBy: null,
  escalatedOn: null,
  answer: null,
  createdBy: 'm1',
  createdAt: '2026-11-18T09:00:00.000Z',
  closedBy: null,
  closedAt: null,
  itemIds: [],
  blockedCents: 0,
  currency: 'EUR',
  access: [],
};
const NOW = '2026-11-20T10:00:00.000Z';

describe('tasks', () => {
  test.each([
    ['2026-11-19', false, false, 0],
    ['2026-11-20', true, false, 0],
    ['2026-11-23', true, true, 3],
  ])('[TSK-1] on %s: due %s, overdue %s, by %i days', (today, due, overdue, days) => {
    expect([isTaskDue(task, today), isTaskOverdue(task, today), taskDaysOverdue(task, today)]).toEqual([
      due,
      overdue,
      days,
    ]);
    expect(isTaskDue({ ...task, state: 'done' }, today)).toBe(false);
  });

  test.each([
    [{ dueDay: '2026-11-31' }, 'day_unreadable'],
    [{ dueDay: '2026-11-19' }, 'day_in_past'],
    [{ department: null }, 'assignee_required'],
    [{ memberId: 'm1' }, 'one_assignee'],
    [{}, null],
  ])('[TSK-2] a new task with %o: %s', (more, code) => {
    expect(checkNewTask({ ...task, ...more }, '2026-11-20')?.code ?? null).toBe(code);
  });

  test('[TSK-3] done with or without an answer, declined only with a reason, closed once', () => {
    expect(completeTask(task, 'm2', NOW, ' sent ')).toMatchObject({
      ok: true,
      task: { state: 'done', answer: 'sent', closedBy: 'm2', closedAt: NOW },
    });
    const done = completeTask(task, 'm2', NOW, null);
    expect(done).toMatchObject({ ok: true, task: { answer: null } });
    expect(declineTask(task, 'm2', NOW, ' ')).toEqual({ ok: false, code: 'reason_required' });
    expect(declineTask(task, 'm2', NOW, 'not ours')).toMatchObject({ ok: true, task: { state: 'declined' } });
    if (done.ok) expect(declineTask(done.task, 'm3', NOW, 'x')).toEqual({ ok: false, code: 'task_closed' });
  });

  test('[TSK-6] given back only with a reason, once', () => {
    expect(returnTask(task, 'm2', NOW, ' ')).toEqual({ ok: false, code: 'reason_required' });
    const back = returnTask(task, 'm2', NOW, ' not quality ');
    expect(back).toMatchObject({ ok: true, task: { state: 'returned', answer: 'not quality', closedBy: 'm2' } });
    if (back.ok) expect(returnTask(back.task, 'm3', NOW, 'x')).toEqual({ ok: false, code: 'task_closed' });
  });

  test('[TSK-7] taken on by one person at a time, while it is open', () => {
    const taken = acceptTask(task, 'm2');
    expect(taken).toMatchObject({ ok: true, task: { acceptedBy: 'm2', state: 'open' } });
    if (!taken.ok) return;
    expect(acceptTask(taken.task, 'm2')).toMatchObject({ ok: true });
    expect(acceptTask(taken.task, 'm3')).toEqual({ ok: false, code: 'task_accepted' });
    expect(acceptTask({ ...task, state: 'done' }, 'm2')).toEqual({ ok: false, code: 'task_closed' });
  });

  test('[TSK-8] what a dispute waits for is not simply done', () => {
    const question: Task = { ...task, kind: 'answer_dispute', disputeId: 'd1' };
    expect(completeTask(question, 'm2', NOW, 'yes')).toEqual({ ok: false, code: 'task_of_dispute' });
    expect(declineTask(question, 'm2', NOW, 'not ours')).toMatchObject({ ok: true });
  });

  test('[TSK-10] the manager is told once, the day after', () => {
    expect(escalateTask(task, '2026-11-20')).toBeNull();
    const alarmed = escalateTask(task, '2026-11-21');
    expect(alarmed).toMatchObject({ escalatedOn: '2026-11-21' });
    if (alarmed !== null) expect(escalateTask(alarmed, '2026-11-23')).toBeNull();
    expect(escalateTask({ ...task, state: 'done' }, '2026-11-23')).toBeNull();
  });

  test('[TSK-9] usual deadline in working days, French holidays out', () => {
    expect(usualDueDay('2026-05-07', 1)).toBe('2026-05-11');
    expect(usualDueDay('2026-11-20', 2)).toBe('2026-11-24');
  });
});
