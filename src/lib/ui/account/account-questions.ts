import { command, query } from '#lib/client/api.ts';
import type { Connection } from '#lib/client/connection.svelte.ts';
import { useLocale, words } from '#lib/i18n/context.ts';
import { account } from '#lib/i18n/groups/account.ts';
import { refusalText } from '#lib/i18n/refusal.ts';
import type { CaseRead } from '#lib/protocol/views/answers.ts';
import { useMe, useMembers } from '../me.ts';
import type { Ask } from '../queue/QueueDialogs.svelte';
import { toast } from '../toast.ts';
import type { AccountActs } from './account-commands.ts';
import type { AccountDesk } from './account-desk.svelte.ts';
import { chasers } from './account-scene.ts';

interface Scene {
  desk: AccountDesk;
  connection: Connection;
  go: (href: string) => void;
  /** The dialogs of the queue; null before they are on the screen. */
  dialogs: () => { load: () => Promise<void>; ask: (what: Ask) => Promise<void> } | null;
}
type AccountQuestions = Pick<AccountActs, 'finish' | 'postpone' | 'handOver' | 'reassign' | 'breakClaim'>;

/** The questions of the queue, about this case. */
export function useAccountQuestions({ desk, connection, go, dialogs }: Scene): AccountQuestions {
  const t = words(account);
  const locale = useLocale();
  const me = useMe();
  const member = useMembers();

  async function ask(question: (row: CaseRead['row']) => Ask): Promise<void> {
    try {
      const [{ row }] = await Promise.all([query<CaseRead>(`/cases/${desk.sheet.account.id}`), dialogs()?.load()]);
      await dialogs()?.ask(question(row));
    } catch {
      toast('error', refusalText(locale(), 'network'));
    }
  }
  async function takeNext(): Promise<void> {
    try {
      const next = await command<{ id: string }>('POST', '/queue/next', { view: 'today' });
      go(`/accounts/${next.id}`);
    } catch {
      go('/queue/today');
    }
  }
  function leftList(said: 'done_toast' | 'postponed_toast'): void {
    desk.acted();
    toast('success', t(said, { account: desk.sheet.account.name }), {
      action: { label: t('next_case'), run: () => void takeNext() },
    });
  }
  return {
    finish: () =>
      void ask((row) => ({
        kind: 'finish',
        row,
        today: desk.sheet.today,
        confirm: t('done'),
        ondone: () => leftList('done_toast'),
      })),
    postpone: () =>
      void ask((row) => ({
        kind: 'postpone',
        row,
        today: desk.sheet.today,
        ondone: () => leftList('postponed_toast'),
      })),
    handOver: () =>
      void ask((row) => ({
        kind: 'hand_over',
        row,
        people: chasers(me().members).filter((one) => one.id !== me().member.id),
        ondone: (to) => {
          toast('success', t('handed_toast', { account: row.name, name: to.name }));
          desk.acted();
        },
      })),
    reassign: () =>
      void ask(() => ({
        kind: 'reassign',
        ids: [desk.sheet.account.id],
        people: chasers(me().members),
        currency: me().workspace.currency,
        member,
        onprogress: (listener) =>
          connection.on('progress', (message) => {
            if (message.kind === 'bulk') listener(message.id, message.done, message.total);
          }),
        ondone: () => {
          toast('success', t('reassigned_toast'));
          desk.acted();
        },
      })),
    breakClaim: () =>
      void ask((row) => ({
        kind: 'break',
        row,
        holder: member(desk.sheet.case.claimedBy)?.name ?? '?',
        ondone: () => {
          toast('success', t('broken_toast'));
          desk.acted();
        },
      })),
  };
}
