import type { Id } from '#lib/domain/values.ts';
import { useLocale, words } from '#lib/i18n/context.ts';
import { queue } from '#lib/i18n/groups/queue.ts';
import { refusalText } from '#lib/i18n/refusal.ts';
import { useMembers } from '../me.ts';
import { toast } from '../toast.ts';
import type { DeskVoice } from './queue-desk.svelte.ts';

interface Voice extends DeskVoice {
  /** What a screen reader is told last. */
  readonly said: string;
  say(text: string): void;
}

/** Tells what happens on the desk: in the live region, or in a toast when something is refused. */
export function useQueueVoice(ways: { takeNext: () => void; open: (id: Id) => void }): Voice {
  const t = words(queue);
  const locale = useLocale();
  const member = useMembers();
  let said = $state('');
  return {
    get said() {
      return said;
    },
    say: (text) => (said = text),
    claimed: (row) => (said = t('claimed_toast', { account: row.name })),
    released: (row) => (said = t('released_toast', { account: row.name })),
    lost: (row, details) => {
      const name = details.holderName ?? member(details.holderId ?? null)?.name;
      toast('error', name === undefined ? t('claim_lost_unknown') : t('claim_lost', { name }), {
        description: row.name,
        action: { label: t('take_next_instead'), run: ways.takeNext },
      });
    },
    refused: (code, details) => toast('error', refusalText(locale(), code, details)),
    takenElsewhere: (row, by) => (said = t('live_claimed', { name: member(by)?.name ?? '?', account: row.name })),
    nextTaken: ways.open,
  };
}
