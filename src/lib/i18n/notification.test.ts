import { expect, test } from 'vitest';
import { NOTIFICATION_KINDS } from '#lib/domain/notification/notification.ts';
import { notificationPath, notificationSentence } from './notification.ts';

test.each(NOTIFICATION_KINDS)('%s has words in both languages', (kind) => {
  for (const locale of ['fr', 'en'] as const) {
    const said = notificationSentence(locale, { kind, data: { reaction: '👍' } }, 'Awa');
    expect(said).not.toMatch(/said_|\{/);
  }
});

test('the product itself has a name, and a gained account other words than a lost one', () => {
  expect(notificationSentence('fr', { kind: 'dispute.opened', data: {} }, '')).toBe('Encours a ouvert un litige');
  const gained = notificationSentence('fr', { kind: 'case.reassigned', data: { change: 'gained' } }, 'Awa');
  expect(gained).toBe('Awa vous a confié un compte');
});

test('[OWN-3] a stand-in is told in whose place', () => {
  const mentioned = { kind: 'message.mentioned', data: { insteadOf: 'm1' } } as const;
  expect(notificationSentence('fr', mentioned, 'Awa', 'Bo')).toBe('Awa vous mentionne (pour Bo, que vous remplacez)');
  expect(notificationSentence('en', mentioned, 'Awa', 'Bo')).toBe('Awa mentions you (for Bo, whom you replace)');
});

const nowhere = { disputeId: null, messageId: null, accountId: null, taskId: null } as const;
test.each([
  [{ ...nowhere, kind: 'message.posted', disputeId: 'd', messageId: 'm', accountId: 'a' }, '/disputes/d#message-m'],
  [{ ...nowhere, kind: 'dispute.assigned', disputeId: 'd', accountId: 'a' }, '/disputes/d'],
  [{ ...nowhere, kind: 'task.created', taskId: 't', accountId: 'a' }, '/inbox'],
  [{ ...nowhere, kind: 'task.done', taskId: 't', accountId: 'a' }, '/accounts/a'],
  [{ ...nowhere, kind: 'bulk.finished' }, '/queue/mine'],
] as const)('leads to what it is about: %j', (one, path) => expect(notificationPath(one)).toBe(path));
