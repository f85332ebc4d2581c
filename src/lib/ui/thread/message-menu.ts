import CornerUpRight from '@lucide/svelte/icons/corner-up-right';
import Eraser from '@lucide/svelte/icons/eraser';
import LinkIcon from '@lucide/svelte/icons/link';
import Pencil from '@lucide/svelte/icons/pencil';
import Reply from '@lucide/svelte/icons/reply';
import Trash2 from '@lucide/svelte/icons/trash-2';
import type { Message } from '#lib/domain/thread/thread.ts';
import type { thread } from '#lib/i18n/groups/thread.ts';
import type { Say } from '#lib/i18n/words.ts';
import type { MenuGroups, MenuItem } from '../Menu.svelte';

export type MessageAct = 'reply' | 'edit' | 'remove' | 'copy' | 'link' | 'erase';

/** What can be done with a message, by its author and by others. */
export function messageMenu(
  message: Message,
  scene: {
    t: Say<(typeof thread)['fr']>;
    mine: boolean;
    outward: boolean;
    mayErase: boolean;
    readOnly: boolean;
    act: (act: MessageAct) => void;
  },
): MenuGroups {
  const { t, mine, outward, mayErase, readOnly, act } = scene;
  if (message.state !== 'posted') return [];
  const first: MenuItem[] = [{ label: t('copy_link'), icon: LinkIcon, onselect: () => act('link') }];
  if (!readOnly) first.unshift({ label: t('reply'), icon: Reply, onselect: () => act('reply') });
  if (outward && !readOnly) first.push({ label: t('copy_outward'), icon: CornerUpRight, onselect: () => act('copy') });
  const own: MenuItem[] =
    mine && !readOnly
      ? [
          { label: t('edit'), icon: Pencil, onselect: () => act('edit') },
          { label: t('remove'), icon: Trash2, danger: true, onselect: () => act('remove') },
        ]
      : [];
  const erase: MenuItem[] = mayErase
    ? [{ label: t('erase'), icon: Eraser, danger: true, onselect: () => act('erase') }]
    : [];
  return [first, own, erase];
}
