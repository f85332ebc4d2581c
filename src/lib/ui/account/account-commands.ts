import type { Say } from '#lib/i18n/words.ts';
import type { account } from '#lib/i18n/groups/account.ts';
import type { Action } from '#lib/policies/actions.ts';
import type { Command } from '../commands.svelte.ts';
import type { MenuGroups } from '../Menu.svelte';

/** What can be asked of an account's screen. */
export interface AccountActs {
  claim(): void;
  release(): void;
  call(): void;
  finish(): void;
  postpone(): void;
  handOver(): void;
  reassign(): void;
  breakClaim(): void;
  record(): void;
  promise(): void;
  task(): void;
  dispute(): void;
  note(): void;
  items(): void;
  timeline(): void;
  statement(): void;
  queue(): void;
}

/** Who holds the case: what can be done follows. */
export interface AccountStance {
  mine: boolean;
  free: boolean;
  readOnly: boolean;
}

/** Keys, palette and list of shortcuts of the account's screen. */
export function accountCommands(
  t: Say<(typeof account)['fr']>,
  acts: AccountActs,
  { mine, free, readOnly }: AccountStance,
): Command[] {
  const one = (
    id: string,
    label: string,
    run: () => void,
    more: { keys?: string; action?: Action; disabled?: boolean } = {},
  ): Command => ({ id: `account-${id}`, label, group: t('keys_account'), run, ...more });
  const held = !mine && !free;
  return [
    one('claim', t('claim'), acts.claim, { keys: 'C', action: 'case.claim', disabled: readOnly || !free }),
    one('release', t('release'), acts.release, { keys: 'R', action: 'case.release', disabled: readOnly || !mine }),
    one('call', t('call'), acts.call, { keys: 'L', action: 'call.start', disabled: readOnly }),
    one('record', t('record'), acts.record, { keys: 'W', action: 'contact.record', disabled: readOnly }),
    one('promise', t('promise'), acts.promise, { keys: 'P', action: 'contact.record', disabled: readOnly }),
    one('task', t('task'), acts.task, { keys: 'T', action: 'task.create', disabled: readOnly }),
    one('dispute', t('dispute'), acts.dispute, { keys: 'D', action: 'dispute.open', disabled: readOnly }),
    one('note', t('note'), acts.note, { keys: 'N', action: 'note.read' }),
    one('finish', t('done'), acts.finish, { keys: 'E', action: 'case.finish', disabled: readOnly || held }),
    one('postpone', t('postpone'), acts.postpone, { keys: 'S', action: 'case.postpone', disabled: readOnly || held }),
    one('hand-over', t('hand_over'), acts.handOver, { action: 'case.hand_over', disabled: readOnly || held }),
    one('reassign', t('reassign'), acts.reassign, { keys: 'A', action: 'case.reassign', disabled: readOnly }),
    one('break', t('break_claim'), acts.breakClaim, { action: 'case.break_claim', disabled: readOnly || !held }),
    one('statement', t('statement'), acts.statement),
    one('items', t('go_items'), acts.items, { keys: 'I' }),
    one('timeline', t('go_timeline'), acts.timeline, { keys: 'H' }),
    one('queue', t('back_to_queue'), acts.queue, { keys: 'U', action: 'queue.read' }),
  ];
}

const MENU = [
  ['account-finish', 'account-postpone', 'account-hand-over', 'account-reassign', 'account-break'],
  ['account-promise', 'account-task', 'account-dispute', 'account-note'],
  ['account-statement', 'account-queue'],
];

/** The same commands for the pointer, less those that one may not do. */
export function accountMenu(commands: readonly Command[], may: (action: Action) => boolean): MenuGroups {
  return MENU.map((ids) =>
    commands
      .filter((one) => ids.includes(one.id) && (one.action === undefined || may(one.action)))
      .map((one) => ({
        label: one.label,
        shortcut: one.keys,
        disabled: one.disabled ?? false,
        danger: one.id === 'account-break',
        onselect: one.run,
      })),
  );
}
