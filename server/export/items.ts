import { blockedOf } from '#lib/domain/dispute/blocked.ts';
import type { Actor } from '#lib/domain/member/member.ts';
import { exported } from '#lib/i18n/groups/export.ts';
import { term } from '#lib/i18n/groups/term.ts';
import { render, speak } from '#lib/i18n/words.ts';
import type { AccountItemsInput } from '#lib/protocol/commands/queries.ts';
import { storeOf, type App } from '../app.ts';
import { accountItems } from '../queries/account-items.ts';
import { accessAccount } from '../services/access-account.ts';
import { csvAnswer } from './answer.ts';
import { amount, day, text, type Cell } from './csv.ts';

const PAGE = 500;

/** An account's items as filtered, with the columns that Encours does not know, as CSV in the reader's language. */
export async function exportItems(app: App, actor: Actor, input: AccountItemsInput): Promise<Response> {
  const t = speak(exported, actor.locale);
  const account = await accessAccount(storeOf(app, actor), actor, input.id, 'account.read');
  const first = await accountItems(app, actor, { ...input, limit: PAGE, after: null });
  const extra = [...new Set(first.items.flatMap((item) => Object.keys(item.extra)))];
  async function* lines(): AsyncGenerator<readonly Cell[]> {
    for (let page = first; ;) {
      for (const item of page.items)
        yield [
          text(account.number),
          text(account.name),
          text(render(term, actor.locale, `item_${item.kind}`)),
          text(item.number),
          day(item.issueDay),
          day(item.dueDay),
          text(item.currency),
          amount(item.cents),
          amount(item.openCents),
          amount(Math.max(0, blockedOf(item) - item.awaitingCents)),
          amount(item.awaitingCents),
          day(item.settledOn),
          text(item.orderNumber),
          text(item.deliveryNote),
          ...extra.map((column) => text(item.extra[column] ?? '')),
        ];
      if (page.next === null) return;
      page = await accountItems(app, actor, { ...input, limit: PAGE, after: page.next });
    }
  }
  const header = (
    [
      'number',
      'name',
      'kind',
      'item',
      'issued',
      'due',
      'currency',
      'amount',
      'open',
      'disputed',
      'awaiting',
      'settled',
      'order',
      'delivery',
    ] as const
  ).map((key) => t(key));
  return csvAnswer(`${t('file_items')}-${account.number}`, [...header, ...extra], lines(), actor.locale);
}
