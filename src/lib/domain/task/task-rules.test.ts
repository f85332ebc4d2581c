import { describe, expect, test } from 'vitest';
import { checkNewTask, completeTask, declineTask, isTaskDue, isTaskOverdue, taskDaysOverdue } from './task-rules.ts';
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
});
