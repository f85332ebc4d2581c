import type { QueueRow } from '#lib/domain/queue/queue-row.ts';
import type { common } from '#lib/i18n/groups/common.ts';
import type { queue } from '#lib/i18n/groups/queue.ts';
import type { Say } from '#lib/i18n/words.ts';
import type { Action } from '#lib/policies/actions.ts';
import { VIEWS, type View } from '#lib/protocol/commands/queries.ts';
import type { Command } from '../commands.svelte.ts';

/** What can be asked of the queue's screen. */
export interface QueueActs {
  takeNext(): void;
  move(by: number): void;
  search(): void;
  refresh(): void;
  columns(): void;
  see(view: View): void;
  open(): void;
  claim(row: QueueRow): void;
  release(row: QueueRow): void;
  finish(row: QueueRow): void;
  promise(row: QueueRow): void;
  note(row: QueueRow): void;
  postpone(row: QueueRow): void;
  handOver(row: QueueRow): void;
  breakClaim(row: QueueRow): void;
  reassign(): void;
  select(row: QueueRow, range: boolean): void;
  clear(): void;
}

/** What is under the cursor and chosen: what can be done follows. */
export interface QueueStance {
  row: QueueRow | null;
  mine: boolean;
  /** By somebody else. */
  held: boolean;
  selecting: boolean;
}

interface More {
  keys?: string;
  action?: Action;
  disabled?: boolean;
  keysOnly?: boolean;
}

/** Keys, palette and list of shortcuts of the queue's screen. */
export function queueCommands(
  t: Say<(typeof queue)['fr']>,
  c: Say<(typeof common)['fr']>,
  acts: QueueActs,
  { row, mine, held, selecting }: QueueStance,
): Command[] {
  const list = (id: string, label: string, run: () => void, more: More = {}): Command => ({
    id: `q-${id}`,
    label,
    group: t('keys_queue'),
    run,
    ...more,
  });
  const chosen = (id: string, label: string, run: () => void, more: More = {}): Command => ({
    id: `c-${id}`,
    label,
    group: t('keys_case'),
    run,
    ...more,
  });
  const commands = [
    list('next', t('take_next'), acts.takeNext, { keys: '.', action: 'case.claim' }),
    list('down', t('key_down'), () => acts.move(1), { keys: 'J', keysOnly: true }),
    list('up', t('key_up'), () => acts.move(-1), { keys: 'K', keysOnly: true }),
    list('down2', t('key_down'), () => acts.move(1), { keys: 'ArrowDown', keysOnly: true }),
    list('up2', t('key_up'), () => acts.move(-1), { keys: 'ArrowUp', keysOnly: true }),
    list('search', t('key_search'), acts.search, { keys: '/' }),
    list('refresh', c('refresh'), acts.refresh, { keys: 'U' }),
    list('columns', t('columns'), acts.columns),
    ...VIEWS.map((id) => list(`view-${id}`, t(`view_${id}`), () => acts.see(id))),
  ];
  if (row !== null)
    commands.push(
      chosen('open', `${t('open')} · ${row.name}`, acts.open, { keys: 'Enter' }),
      chosen('claim', t('claim'), () => acts.claim(row), { keys: 'C', action: 'case.claim', disabled: mine }),
      chosen('release', t('release'), () => acts.release(row), { keys: 'R', action: 'case.release', disabled: !mine }),
      chosen('done', t('done'), () => acts.finish(row), { keys: 'E', action: 'case.finish' }),
      chosen('promise', t('promise'), () => acts.promise(row), { keys: 'P', action: 'contact.record' }),
      chosen('note', t('note'), () => acts.note(row), { keys: 'N', action: 'note.read' }),
      chosen('postpone', t('postpone'), () => acts.postpone(row), { keys: 'S', action: 'case.postpone' }),
      chosen('hand-over', t('hand_over'), () => acts.handOver(row), { action: 'case.hand_over', disabled: !mine }),
      chosen('break', t('break_claim'), () => acts.breakClaim(row), { action: 'case.break_claim', disabled: !held }),
      chosen('assign', t('reassign'), acts.reassign, { keys: 'A', action: 'case.reassign' }),
      chosen('select', t('key_select'), () => acts.select(row, false), {
        keys: 'X',
        action: 'case.reassign',
        keysOnly: true,
      }),
      chosen('range', t('key_range'), () => acts.select(row, true), {
        keys: 'Shift+X',
        action: 'case.reassign',
        keysOnly: true,
      }),
    );
  if (selecting) commands.push(list('clear', t('selection_clear'), acts.clear, { keys: 'Escape', keysOnly: true }));
  return commands;
}
