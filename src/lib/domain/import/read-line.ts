import { bareIdentifier, isSiren, isSiret, isVatNumber } from '../account/identity.ts';
import { itemKey } from '../item/diff-item.ts';
import { isCurrency, parseAmount, type ReadAmount } from '../money/money.ts';
import { cleanLine } from '../text/fold.ts';
import { parseTerms } from '../terms/terms.ts';
import type { Cents, Day } from '../values.ts';
import type { ImportField, ImportMapping, LedgerLine, RefusedLine } from './import.ts';
import { uniqueColumns } from './known-columns.ts';
import type { LineError, LineWarning, MappingError } from './line-errors.ts';
import { readDay } from './read-day.ts';
import { readFlag } from './read-kind.ts';
import { kindAndSigns } from './read-sign.ts';

const MAX_NUMBER = 64;
const MAX_TEXT = 200;
const MAX_EXTRA = 500;

/** How the cells of a row are read: made once per file. */
export interface ReadingPlan {
  /** Names made unique, in the file's order. */
  columns: string[];
  /** Where each known field stands. */
  at: Partial<Record<ImportField, number>>;
  /** Columns kept as they are. */
  kept: number[];
  mapping: ImportMapping;
}

/** Something taken with a doubt. */
export interface WarnedLine {
  line: number;
  code: LineWarning;
  column: string | null;
  value: string | null;
}

export type ReadLine =
  | { ok: true; line: LedgerLine; warnings: WarnedLine[] }
  | { ok: false; refused: RefusedLine }
  /** Every cell is empty: no line of the ledger. */
  | { ok: false; refused: null };

/** Plan of a file from its header and mapping; columns that the header lacks are left aside. */
export function readingPlan(header: readonly string[], mapping: ImportMapping): ReadingPlan {
  const columns = uniqueColumns(header);
  const at: ReadingPlan['at'] = {};
  const kept: number[] = [];
  for (const [index, column] of columns.entries()) {
    const field = mapping.columns[column] ?? null;
    if (field === null) kept.push(index);
    else at[field] ??= index;
  }
  return { columns, at, kept, mapping };
}

/** What a mapping lacks to read this header (rule IMP-3); empty when it can be used. */
export function mappingProblems(
  header: readonly string[],
  mapping: ImportMapping,
): { code: MappingError; column: string | null }[] {
  const plan = readingPlan(header, mapping);
  const problems: { code: MappingError; column: string | null }[] = [];
  const lacks = (...fields: ImportField[]): boolean => fields.every((field) => plan.at[field] === undefined);
  if (lacks('accountNumber')) problems.push({ code: 'account_number_unmapped', column: null });
  if (lacks('itemNumber')) problems.push({ code: 'item_number_unmapped', column: null });
  if (lacks('issueDay', 'dueDay')) problems.push({ code: 'issue_day_unmapped', column: null });
  if (lacks('amount', 'openAmount', 'debit', 'credit')) problems.push({ code: 'amount_unmapped', column: null });
  const seen = new Set<ImportField>();
  for (const [column, field] of Object.entries(mapping.columns)) {
    if (field === null) continue;
    if (!plan.columns.includes(column)) problems.push({ code: 'column_absent', column });
    else if (seen.has(field)) problems.push({ code: 'field_mapped_twice', column });
    seen.add(field);
  }
  return problems;
}

/** Stops the reading of a line with its reason. */
class Refusal extends Error {
  readonly code: LineError;
  readonly field: ImportField | null;
  readonly value: string | null;
  constructor(code: LineError, field: ImportField | null, value: string | null) {
    super(code);
    this.code = code;
    this.field = field;
    this.value = value;
  }
}

/**
 * Reads one row of a ledger file (rules IMP-3 to IMP-9): the line understood, with what is doubtful about it, or the
 * first reason why it is refused. Depends on nothing but the row and the plan.
 *
 * @param lineNumber where the row begins in the file; 1 is the header
 */
export function readLine(cells: readonly string[], plan: ReadingPlan, lineNumber: number): ReadLine {
  if (cells.every((cell) => cell.trim() === '')) return { ok: false, refused: null };
  const reader = new LineReader(cells, plan, lineNumber);
  try {
    return { ok: true, line: reader.read(), warnings: reader.warnings };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const at = error.field === null ? undefined : plan.at[error.field];
    const column = at === undefined ? null : (plan.columns[at] ?? null);
    return { ok: false, refused: { line: lineNumber, code: error.code, column, value: cut(error.value) } };
  }
}

/** The refusal of a line whose item another line of the file has already; `value` names that line (rule IMP-8). */
export function duplicateOf(line: number, firstLine: number): RefusedLine {
  return { line, code: 'duplicate_item' satisfies LineError, column: null, value: String(firstLine) };
}

/** Key of the item that a line is about. */
export function keyOfLine(line: LedgerLine): string {
  return itemKey(line);
}

function cut(text: string | null): string | null {
  return text === null ? null : cleanLine(text, 80);
}

class LineReader {
  readonly warnings: WarnedLine[] = [];
  readonly #cells: readonly string[];
  readonly #plan: ReadingPlan;
  readonly #line: number;

  constructor(cells: readonly string[], plan: ReadingPlan, line: number) {
    this.#cells = cells;
    this.#plan = plan;
    this.#line = line;
  }

  read(): LedgerLine {
    const width = this.#plan.columns.length;
    const beyond = this.#cells.slice(width).find((cell) => cell.trim() !== '');
    if (beyond !== undefined) throw new Refusal('too_many_cells', null, beyond);
    const accountNumber = this.#number('accountNumber', 'account_number_missing', 'account_number_too_long');
    const number = this.#number('itemNumber', 'item_number_missing', 'item_number_too_long');
    const dueDay = this.#day('dueDay');
    const issueDay = this.#day('issueDay') ?? dueDay;
    if (issueDay === null) throw new Refusal('issue_day_missing', 'issueDay', null);
    if (dueDay !== null && dueDay < issueDay) this.#warn('due_before_issue', 'dueDay');
    const settledOn = this.#day('settledOn');
    const amounts = this.#amounts(settledOn);
    return {
      line: this.#line,
      accountNumber,
      accountName: this.#text('accountName') ?? accountNumber,
      identity: {
        siren: this.#identifier('siren', isSiren, 'siren_invalid'),
        siret: this.#identifier('siret', isSiret, 'siret_invalid'),
        vatNumber: this.#identifier('vatNumber', isVatNumber, 'vat_number_invalid'),
        address: this.#text('address'),
        country: this.#country(),
      },
      contact: this.#contact(),
      collector: this.#text('collector'),
      salesRep: this.#text('salesRep'),
      entityCode: this.#text('entity') ?? '',
      payingAccount: this.#text('payingAccount'),
      number,
      instalment: this.#text('instalment') ?? '',
      issueDay,
      dueDay,
      terms: this.#terms(),
      currency: this.#currency(),
      ...amounts,
      settledOn,
      disputed: this.#flag('disputed'),
      orderNumber: this.#text('orderNumber'),
      deliveryNote: this.#text('deliveryNote'),
      paymentMethod: this.#text('paymentMethod'),
      factored: this.#flag('factored'),
      extra: this.#extra(),
    };
  }

  #raw(field: ImportField): string {
    const at = this.#plan.at[field];
    const cell = at === undefined ? '' : (this.#cells[at] ?? '');
    // Spreadsheets write ="0012" to keep leading zeros.
    return /^="(.*)"$/s.exec(cell)?.[1] ?? cell;
  }

  #text(field: ImportField): string | null {
    const text = cleanLine(this.#raw(field), MAX_TEXT);
    if (text.includes('\ufffd')) this.#warn('text_damaged', field);
    return text === '' ? null : text;
  }

  #number(field: ImportField, missing: LineError, tooLong: LineError): string {
    const text = this.#text(field);
    if (text === null) throw new Refusal(missing, field, null);
    if (text.length > MAX_NUMBER) throw new Refusal(tooLong, field, text);
    return text;
  }

  #day(field: ImportField): Day | null {
    const text = this.#raw(field);
    const read = readDay(text, this.#plan.mapping.dateOrder);
    if (!read.ok) throw new Refusal(read.code, field, text);
    return read.day;
  }

  #amount(field: ImportField): ReadAmount | null {
    const text = this.#raw(field);
    if (text.trim() === '') return null;
    const read = parseAmount(text, this.#plan.mapping.decimal);
    if (read === null) throw new Refusal('amount_unreadable', field, text);
    if (read.rounded) this.#warn('amount_rounded', field);
    return read;
  }

  #amounts(settledOn: Day | null): Pick<LedgerLine, 'kind' | 'cents' | 'openCents' | 'rounded' | 'lostMillicents'> {
    const debit = this.#amount('debit');
    const credit = this.#amount('credit');
    const open = this.#amount('openAmount');
    const told = this.#amount('amount');
    const sided = told === null && (debit !== null || credit !== null);
    const cents: Cents | null = sided
      ? (debit?.cents ?? 0) - (credit?.cents ?? 0)
      : (told?.cents ?? open?.cents ?? null);
    if (cents === null) throw new Refusal('amount_missing', 'amount', null);
    // An open amount that stands alone is the amount: beside a settlement's day it does not say that it is still open.
    const openCents = told === null && !sided && settledOn !== null ? null : (open?.cents ?? null);
    const signed = kindAndSigns(this.#raw('kind'), cents, openCents, sided);
    if (signed === null) throw new Refusal('kind_unknown', 'kind', this.#raw('kind'));
    const flipped = signed.cents === -cents && cents !== 0;
    const lost = sided
      ? (debit?.lostMillicents ?? 0) - (credit?.lostMillicents ?? 0)
      : ((told ?? open)?.lostMillicents ?? 0);
    if (Math.abs(signed.openCents ?? 0) > Math.abs(signed.cents)) this.#warn('open_above_amount', 'openAmount');
    return {
      ...signed,
      rounded: [debit, credit, open, told].some((amount) => amount?.rounded === true),
      lostMillicents: flipped && lost !== 0 ? -lost : lost,
    };
  }

  #currency(): string {
    const text = this.#raw('currency').trim().toUpperCase();
    if (text === '') return this.#plan.mapping.defaultCurrency;
    const code = { '€': 'EUR', $: 'USD', '£': 'GBP', EURO: 'EUR', EUROS: 'EUR' }[text] ?? text;
    if (!isCurrency(code)) throw new Refusal('currency_unknown', 'currency', text);
    return code;
  }

  #identifier(
    field: 'siren' | 'siret' | 'vatNumber',
    isValid: (text: string) => boolean,
    code: LineWarning,
  ): string | null {
    const text = bareIdentifier(this.#raw(field)).slice(0, MAX_NUMBER);
    if (text === '') return null;
    if (!isValid(text)) this.#warn(code, field);
    return text;
  }

  #country(): string | null {
    const code = this.#raw('country').trim().toUpperCase();
    return /^[A-Z]{2}$/.test(code) ? code : null;
  }

  #contact(): LedgerLine['contact'] {
    const email = this.#text('contactEmail');
    const phone = this.#text('contactPhone');
    const name = this.#text('contactName');
    if (email !== null && !/^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(email)) this.#warn('email_invalid', 'contactEmail');
    if (email === null && phone === null && name === null) return null;
    return { name: name ?? '', email, phone };
  }

  #terms(): string | null {
    const text = this.#text('terms');
    if (text !== null && parseTerms(text) === null) this.#warn('terms_unreadable', 'terms');
    return text;
  }

  #flag(field: 'disputed' | 'factored'): boolean {
    const flag = readFlag(this.#raw(field));
    if (flag === null) this.#warn('flag_assumed', field);
    return flag ?? true;
  }

  #extra(): LedgerLine['extra'] {
    const extra: LedgerLine['extra'] = {};
    const keep = (index: number): void => {
      const text = cleanLine(this.#cells[index] ?? '', MAX_EXTRA);
      const column = this.#plan.columns[index];
      if (text !== '' && column !== undefined) extra[column] = text;
    };
    for (const index of this.#plan.kept) keep(index);
    // A country told otherwise than by its code is not lost.
    const country = this.#plan.at.country;
    if (country !== undefined && this.#country() === null) keep(country);
    return extra;
  }

  #warn(code: LineWarning, field: ImportField): void {
    const at = this.#plan.at[field];
    const column = at === undefined ? null : (this.#plan.columns[at] ?? null);
    this.warnings.push({ line: this.#line, code, column, value: cut(this.#raw(field)) });
  }
}
