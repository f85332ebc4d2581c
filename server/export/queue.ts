import type { Actor } from '#lib/domain/member/member.ts';
import { FAR_DAY } from '#lib/domain/values.ts';
import { exported } from '#lib/i18n/groups/export.ts';
import { term } from '#lib/i18n/groups/term.ts';
import { render, speak } from '#lib/i18n/words.ts';
import type { QueuePageInput } from '#lib/protocol/commands/queries.ts';
import type { App } from '../app.ts';
import { membersOf } from '../queries/members.ts';
import { queuePage } from '../queries/queue-page.ts';
import { csvAnswer } from './answer.ts';
import { amount, count, day, text, type Cell } from './csv.ts';

const PAGE = 200;

/** The queue as the filters and the sort show it, whole, as CSV in the reader's language. */
export async function exportQueue(app: App, actor: Actor, input: QueuePageInput): Promise<Response> {
  const t = speak(exported, actor.locale);
  const names = new Map((await membersOf(app, actor.workspaceId)).map((member) => [member.id, member.name]));
  const nameOf = (id: string): Cell => text(id === 'none' ? '' : (names.get(id) ?? ''));
  const far = (value: string): Cell => day(value === FAR_DAY ? null : value);
  async function* lines(): AsyncGenerator<readonly Cell[]> {
    for (let after: string | null = null; ;) {
      const page = await queuePage(app, actor, { ...input, limit: PAGE, after });
      for (const row of page.rows)
        yield [
          text(row.number),
          text(row.name),
          text(row.currency),
          amount(row.overdueCents),
          amount(row.contestedCents),
          amount(row.creditCents),
          amount(row.netCents),
          far(row.oldestDueDay),
          row.promise === null ? text('') : amount(row.promise.cents),
          day(row.promise?.dueDay ?? null),
          day(row.lastContactOn),
          text(row.nextAction === null ? '' : render(term, actor.locale, `next_${row.nextAction}`)),
          far(row.nextActionOn),
          nameOf(row.ownerId),
          nameOf(row.salesRepId),
          nameOf(row.claimedBy),
          count(row.priority),
        ];
      after = page.next;
      if (after === null) return;
    }
  }
  const header = (
    [
      'number',
      'name',
      'currency',
      'overdue',
      'contested',
      'credits',
      'net',
      'oldest',
      'promise',
      'promise_day',
      'last_contact',
      'next_action',
      'next_action_on',
      'owner',
      'sales_rep',
      'claimed_by',
      'priority',
    ] as const
  ).map((key) => t(key));
  return csvAnswer(t('file_queue'), header, lines(), actor.locale);
}
