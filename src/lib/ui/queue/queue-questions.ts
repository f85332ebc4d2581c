import type { Connection } from '#lib/client/connection.svelte.ts';
import type { QueueRow } from '#lib/domain/queue/queue-row.ts';
import type { Day, Id } from '#lib/domain/values.ts';
import { useFormats, words } from '#lib/i18n/context.ts';
import { queue } from '#lib/i18n/groups/queue.ts';
import type { View } from '#lib/protocol/commands/queries.ts';
import { useMe, useMembers } from '../me.ts';
import { toast } from '../toast.ts';
import type { QueueCursor } from './queue-cursor.svelte.ts';
import type { QueueDesk } from './queue-desk.svelte.ts';
import type { Ask } from './QueueDialogs.svelte';

interface Scene {
  desk: QueueDesk;
  cursor: QueueCursor;
  connection: Connection;
  view: () => View;
  today: () => Day;
  ask: (what: Ask) => void;
}

/** The acts that ask something first. */
export interface QueueQuestions {
  finish(kind: 'finish' | 'postpone', row: QueueRow): void;
  handOver(row: QueueRow): void;
  breakClaim(row: QueueRow): void;
  /** The selection, or the active row. */
  reassign(): void;
}

const RELOAD_AT_MOST = 50;

/** Asks, and shows in the list what the answer has changed. */
export function useQueueQuestions({ desk, cursor, connection, view, today, ask }: Scene): QueueQuestions {
  const t = words(queue);
  const f = useFormats();
  const me = useMe();
  const member = useMembers();
  const { list } = desk;
  const owners = () =>
    me().members.filter((one) => one.state === 'active' && (one.role === 'collector' || one.role === 'manager'));

  /** A row has left today's list by one's own act: the next one comes under the cursor. */
  function left(id: Id): void {
    const at = list.indexOf(id);
    desk.leave(id, view() === 'everything' || view() === 'mine' || view() === 'unassigned');
    if (list.indexOf(id) >= 0) cursor.move(1);
    else cursor.moveTo(at);
  }
  return {
    finish(kind, row) {
      ask({
        kind,
        row,
        today: today(),
        ondone: (day) => {
          toast(
            'success',
            kind === 'finish'
              ? t('done_toast', { account: row.name })
              : t('postpone_toast', { account: row.name, day: f().day(day) }),
          );
          left(row.id);
        },
      });
    },
    handOver(row) {
      ask({
        kind: 'hand_over',
        row,
        people: owners().filter((one) => one.id !== me().member.id),
        ondone: (to) => {
          list.change(row.id, { claimedBy: to.id });
          toast('success', t('hand_over_toast', { account: row.name, name: to.name }));
          void desk.reload(row.id);
        },
      });
    },
    breakClaim(row) {
      ask({
        kind: 'break',
        row,
        holder: member(row.claimedBy)?.name ?? '?',
        ondone: () => {
          list.change(row.id, { claimedBy: 'none' });
          list.setLease(row.id, null);
          toast('success', t('break_toast', { account: row.name }));
        },
      });
    },
    reassign() {
      if (cursor.targets.length === 0) return;
      ask({
        kind: 'reassign',
        ids: cursor.targets,
        people: owners(),
        currency: me().workspace.currency,
        member,
        onprogress: (listener) =>
          connection.on('progress', (message) => {
            if (message.kind === 'bulk') listener(message.id, message.done, message.total);
          }),
        ondone: (changed) => {
          toast('success', t('reassign_finished', { count: changed }));
          const moved = cursor.targets.slice(0, RELOAD_AT_MOST);
          cursor.clear();
          for (const id of moved) void desk.reload(id);
        },
      });
    },
  };
}
