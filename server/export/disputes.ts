import { FAR_DAY } from '#lib/domain/values.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import { exported } from '#lib/i18n/groups/export.ts';
import { term } from '#lib/i18n/groups/term.ts';
import { render, speak } from '#lib/i18n/words.ts';
import type { DisputeInsightInput, DisputePageInput } from '#lib/protocol/commands/dispute.ts';
import type { App } from '../app.ts';
import { disputeInsight } from '../queries/dispute-insight.ts';
import { disputePage } from '../queries/dispute-page.ts';
import { membersOf } from '../queries/members.ts';
import { csvAnswer } from './answer.ts';
import { amount, count, day, text, type Cell } from './csv.ts';

const PAGE = 200;

/** The disputes as the filters and the sort show them, whole, as CSV in the reader's language. */
export async function exportDisputes(app: App, actor: Actor, input: DisputePageInput): Promise<Response> {
  const t = speak(exported, actor.locale);
  const names = new Map((await membersOf(app, actor.workspaceId)).map((member) => [member.id, member.name]));
  async function* lines(): AsyncGenerator<readonly Cell[]> {
    for (let after: string | null = null; ;) {
      const page = await disputePage(app, actor, { ...input, limit: PAGE, after });
      for (const one of page.disputes)
        yield [
          count(one.number),
          text(one.accountNumber),
          text(one.accountName),
          text(render(term, actor.locale, `disputestate_${one.state}`)),
          text(render(term, actor.locale, `motive_${one.reason}`)),
          text(one.rootCause === null ? '' : render(term, actor.locale, `cause_${one.rootCause}`)),
          text(render(term, actor.locale, `department_${one.department}`)),
          text(one.memberId === null ? '' : (names.get(one.memberId) ?? '')),
          text(one.items.map((item) => item.number).join(' ')),
          text(one.currency),
          amount(one.items.reduce((sum, item) => sum + item.claimedCents, 0)),
          amount(one.disputedCents),
          amount(one.awaitingCents),
          amount(one.resolution?.creditNoteCents ?? 0),
          amount(one.resolution?.rejectedCents ?? 0),
          amount(one.resolution?.writeOffCents ?? 0),
          day(one.openedOn),
          day(one.dueDay === FAR_DAY ? null : one.dueDay),
          day(one.resolution?.on ?? null),
          day(one.closedOn),
        ];
      after = page.next;
      if (after === null) return;
    }
  }
  const header = (
    [
      'dispute',
      'number',
      'name',
      'state',
      'reason',
      'cause',
      'department',
      'person',
      'items',
      'currency',
      'claimed',
      'contested',
      'awaiting',
      'credited',
      'rejected',
      'written_off',
      'opened_on',
      'deadline',
      'resolved_on',
      'closed_on',
    ] as const
  ).map((key) => t(key));
  return csvAnswer(t('file_disputes'), header, lines(), actor.locale);
}

/** The causes of the disputes as CSV in the reader's language, totals last. */
export async function exportDisputeInsight(app: App, actor: Actor, input: DisputeInsightInput): Promise<Response> {
  const t = speak(exported, actor.locale);
  const insight = await disputeInsight(app, actor, input);
  const rows = insight.rows.map((row): Cell[] => [
    text(labelOf(actor, insight.by, row)),
    text(row.currency),
    count(row.count),
    count(row.live),
    count(row.late),
    amount(row.claimedCents),
    amount(row.liveCents),
    amount(row.creditedCents),
    amount(row.rejectedCents),
    amount(row.writtenOffCents),
    row.meanDays === null ? text('') : amount(Math.round(row.meanDays * 100)),
    amount(Math.round(row.share * 10_000)),
    amount(Math.round(row.runningShare * 10_000)),
  ]);
  const totals = insight.totals.map((total): Cell[] => [
    text(t('total')),
    text(total.currency),
    count(total.count),
    count(total.live),
    text(''),
    amount(total.claimedCents),
    amount(total.liveCents),
    ...Array.from({ length: 6 }, () => text('')),
  ]);
  const header = (
    [
      'key',
      'currency',
      'disputes',
      'live',
      'late',
      'claimed',
      'contested',
      'credited',
      'rejected',
      'written_off',
      'mean_days',
      'share',
      'running_share',
    ] as const
  ).map((key) => t(key));
  const name = `${t('file_causes')}-${insight.from}-${insight.until}`;
  return csvAnswer(name, header, [...rows, ...totals], actor.locale);
}

function labelOf(actor: Actor, by: string, row: { key: string; label: string }): string {
  const t = speak(exported, actor.locale);
  switch (by) {
    case 'reason':
      return render(term, actor.locale, `motive_${row.key}` as 'motive_other');
    case 'rootCause':
      return row.key === 'unknown'
        ? t('cause_unknown')
        : render(term, actor.locale, `cause_${row.key}` as 'cause_other');
    case 'department':
      return render(term, actor.locale, `department_${row.key}` as 'department_credit');
    case 'age':
    case 'amount':
      return t(row.key as 'd0_7');
    default:
      return row.label;
  }
}
