import { daysBetween } from '#lib/domain/calendar/calendar.ts';
import { isCredit, type Item } from '#lib/domain/item/item.ts';
import type { Locale } from '#lib/domain/member/member.ts';
import type { Cents, Currency, Day } from '#lib/domain/values.ts';
import { formats } from '#lib/i18n/format.ts';
import { item as texts } from '#lib/i18n/groups/item.ts';
import { term } from '#lib/i18n/groups/term.ts';
import { render, speak, type Group } from '#lib/i18n/words.ts';

/** What a customer is told of one currency; amounts in cents, credits negative. */
export interface StatementPart {
  currency: Currency;
  items: Item[];
  overdueCents: Cents;
  notDueCents: Cents;
  creditCents: Cents;
  /** The three together: what is open. */
  totalCents: Cents;
}

/** Open items by currency, by due day. What the team says among itself (contested, missing…) stands nowhere in it. */
export function statementOf(items: readonly Item[], today: Day): StatementPart[] {
  const parts = new Map<Currency, StatementPart>();
  for (const item of items) {
    if (item.state !== 'open' || item.openCents === 0) continue;
    let part = parts.get(item.currency);
    if (part === undefined) {
      part = { currency: item.currency, items: [], overdueCents: 0, notDueCents: 0, creditCents: 0, totalCents: 0 };
      parts.set(item.currency, part);
    }
    part.items.push(item);
    part.totalCents += item.openCents;
    if (isCredit(item.kind)) part.creditCents += item.openCents;
    else if (item.dueDay < today) part.overdueCents += item.openCents;
    else part.notDueCents += item.openCents;
  }
  const sorted = [...parts.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1));
  for (const part of sorted) part.items.sort((a, b) => (a.dueDay < b.dueDay ? -1 : a.dueDay > b.dueDay ? 1 : 0));
  return sorted;
}

export interface StatementAccount {
  name: string;
  number: string;
}

/** The words of one line, cell by cell. */
export function statementLine(item: Item, today: Day, locale: Locale): string[] {
  const say = speak(texts, locale);
  const f = formats(locale);
  const late =
    isCredit(item.kind) || item.dueDay >= today ? '' : say('days_late', { count: daysBetween(item.dueDay, today) });
  return [
    item.number,
    render(term as Group, locale, `item_${item.kind}`),
    f.day(item.issueDay),
    f.day(item.dueDay),
    late,
    f.money(item.cents, item.currency),
    f.money(item.openCents, item.currency),
  ];
}

/** Headings of the columns; the last two hold amounts. */
export function statementHeadings(locale: Locale): string[] {
  const say = speak(texts, locale);
  return [
    say('col_number'),
    say('kind'),
    say('col_issued'),
    say('col_due'),
    say('col_delay'),
    say('col_amount'),
    say('col_open'),
  ];
}

/** Totals of a part: label and amount; those of nothing are left out but for the last. */
export function statementTotals(part: StatementPart, locale: Locale): { label: string; cents: Cents }[] {
  const say = speak(texts, locale);
  return [
    { label: say('statement_due'), cents: part.overdueCents },
    { label: say('statement_not_due'), cents: part.notDueCents },
    { label: say('statement_credits'), cents: part.creditCents },
    { label: say('statement_total'), cents: part.totalCents },
  ].filter(({ cents }, index, all) => cents !== 0 || index === all.length - 1);
}

const escape = (text: string): string =>
  text.replace(
    /[&<>"']/g,
    (sign) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' })[sign] ?? sign,
  );

/** The statement for the clipboard: a table for mail programs, and plain text separated by tabs for the rest. */
export function statementTable(
  account: StatementAccount,
  parts: readonly StatementPart[],
  today: Day,
  locale: Locale,
): { html: string; text: string } {
  const say = speak(texts, locale);
  const f = formats(locale);
  const headings = statementHeadings(locale);
  const title = `${say('statement_title')} · ${account.name} · ${say('statement_for', { number: account.number })}`;
  const asOf = say('statement_day', { day: f.day(today) });
  const cell = 'padding:4px 8px;border:1px solid #b5b5b5;';
  const right = (index: number): string => (index >= headings.length - 2 ? 'text-align:right;white-space:nowrap;' : '');
  const html = [`<p><strong>${escape(title)}</strong><br>${escape(asOf)}</p>`];
  const text = [title, asOf, ''];
  if (parts.length === 0) {
    html.push(`<p>${escape(say('statement_empty'))}</p>`);
    text.push(say('statement_empty'));
  }
  for (const part of parts) {
    const rows = part.items.map((item) => statementLine(item, today, locale));
    const totals = statementTotals(part, locale);
    html.push(
      '<table style="border-collapse:collapse;font-family:sans-serif;font-size:13px;margin-bottom:16px">',
      `<thead><tr>${headings.map((one, at) => `<th style="${cell}background:#eeeeee;${right(at) || 'text-align:left;'}">${escape(one)}</th>`).join('')}</tr></thead><tbody>`,
      ...rows.map(
        (row) => `<tr>${row.map((one, at) => `<td style="${cell}${right(at)}">${escape(one)}</td>`).join('')}</tr>`,
      ),
      ...totals.map(
        ({ label, cents }) =>
          `<tr><td colspan="${headings.length - 1}" style="${cell}text-align:right"><strong>${escape(label)}</strong></td>` +
          `<td style="${cell}text-align:right;white-space:nowrap"><strong>${escape(f.money(cents, part.currency))}</strong></td></tr>`,
      ),
      '</tbody></table>',
    );
    text.push(headings.join('\t'), ...rows.map((row) => row.join('\t')));
    for (const { label, cents } of totals) text.push(`${label}\t${f.money(cents, part.currency)}`);
    text.push('');
  }
  return { html: html.join(''), text: text.join('\n') };
}
