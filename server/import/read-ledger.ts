import type { ControlTotal, ImportMapping, ImportReport, LedgerLine, RefusedLine } from '#lib/domain/import/import.ts';
import { duplicateOf, keyOfLine, readingPlan, readLine, type ReadingPlan } from '#lib/domain/import/read-line.ts';
import { openAsOf } from '#lib/domain/item/diff-item.ts';
import type { Currency, Day } from '#lib/domain/values.ts';
import { readRecords } from './read-records.ts';
import { UnreadableFile } from './unreadable.ts';

/** Lines of one account on their way to the store. */
export interface LinePart {
  accountNumber: string;
  part: number;
  lines: LedgerLine[];
}

/** What reading tells beside the lines. */
export type ReadingReport = Pick<
  ImportReport,
  'lines' | 'refusedLines' | 'refused' | 'roundedLines' | 'warnedLines' | 'warnings' | 'totals' | 'unknownPeople'
> & { entityCodes: string[]; goodLines: number };

export const LINES_PER_PART = 500;
/** Lines held in memory at once, of all accounts. */
const HELD_LINES = 60_000;
const MAX_LINES = 5_000_000;
const MAX_REFUSED = 1_000;
const MAX_WARNINGS = 200;
const MAX_PEOPLE = 200;
const MAX_ENTITIES = 500;

export interface LedgerSink {
  /** Stores parts; reading waits for it. */
  store(parts: LinePart[]): Promise<void>;
  /** Bytes read so far. */
  progress(bytes: number): Promise<void>;
  /** Whether a collector's or sales rep's code is somebody's. */
  knows(person: string): boolean;
}

/**
 * Reads a ledger file as a stream, line by line, groups the lines by account and hands them on in parts. Memory is
 * bounded: an account's lines may be scattered over the file, and are then handed on in several parts. Each item may
 * stand in the file once: a second line is refused, naming the first.
 *
 * @throws UnreadableFile
 */
export async function readLedger(
  source: string | AsyncIterable<Uint8Array>,
  mapping: ImportMapping,
  asOf: Day,
  sink: LedgerSink,
): Promise<ReadingReport> {
  const reading = new LedgerReading(mapping, asOf, sink);
  for await (const batch of readRecords(source, mapping)) {
    for (const [index, record] of batch.records.entries()) reading.take(record, batch.lines[index] ?? 0);
    await reading.handOn(false);
    await sink.progress(batch.bytes);
  }
  await reading.handOn(true);
  return reading.report();
}

class LedgerReading {
  readonly #mapping: ImportMapping;
  readonly #asOf: Day;
  readonly #sink: LedgerSink;
  #plan: ReadingPlan | null = null;
  readonly #keys = new Map<string, number>();
  readonly #held = new Map<string, LedgerLine[]>();
  #heldLines = 0;
  readonly #parts = new Map<string, number>();
  #full: LinePart[] = [];
  readonly #totals = new Map<Currency, ControlTotal>();
  readonly #people = new Map<string, boolean>();
  readonly #entities = new Set<string>();
  #lines = 0;
  #good = 0;
  #rounded = 0;
  #refusedLines = 0;
  readonly #refused: RefusedLine[] = [];
  #warnedLines = 0;
  readonly #warnings: RefusedLine[] = [];

  constructor(mapping: ImportMapping, asOf: Day, sink: LedgerSink) {
    this.#mapping = mapping;
    this.#asOf = asOf;
    this.#sink = sink;
  }

  take(record: readonly string[], lineNumber: number): void {
    if (this.#plan === null) {
      this.#plan = readingPlan(record, this.#mapping);
      return;
    }
    const read = readLine(record, this.#plan, lineNumber);
    if (!read.ok) {
      if (read.refused !== null) this.#refuse(read.refused);
      return;
    }
    if (this.#lines >= MAX_LINES) throw new UnreadableFile('too_many_lines', lineNumber);
    const key = keyOfLine(read.line);
    const first = this.#keys.get(key);
    if (first !== undefined) return this.#refuse(duplicateOf(lineNumber, first));
    this.#keys.set(key, lineNumber);
    this.#lines += 1;
    this.#good += 1;
    if (read.warnings.length > 0) {
      this.#warnedLines += 1;
      if (this.#warnings.length < MAX_WARNINGS) this.#warnings.push(...read.warnings);
    }
    this.#count(read.line);
    this.#hold(read.line);
  }

  #refuse(refused: RefusedLine): void {
    this.#lines += 1;
    this.#refusedLines += 1;
    if (this.#refused.length < MAX_REFUSED) this.#refused.push(refused);
  }

  #count(line: LedgerLine): void {
    let total = this.#totals.get(line.currency);
    if (total === undefined) {
      total = { currency: line.currency, lines: 0, items: 0, cents: 0, openCents: 0, lostMillicents: 0 };
      this.#totals.set(line.currency, total);
    }
    const open = openAsOf(line, this.#asOf);
    total.lines += 1;
    if (line.issueDay <= this.#asOf) total.items += 1;
    total.cents += line.cents;
    total.openCents += open;
    total.lostMillicents += line.lostMillicents;
    if (line.rounded) this.#rounded += 1;
    if (this.#entities.size < MAX_ENTITIES) this.#entities.add(line.entityCode);
    else if (!this.#entities.has(line.entityCode)) throw new UnreadableFile('too_many_entities', line.line);
    for (const person of [line.collector, line.salesRep])
      if (person !== null && !this.#people.has(person) && this.#people.size < 10_000)
        this.#people.set(person, this.#sink.knows(person));
  }

  #hold(line: LedgerLine): void {
    const lines = this.#held.get(line.accountNumber);
    this.#heldLines += 1;
    if (lines === undefined) {
      this.#held.set(line.accountNumber, [line]);
      return;
    }
    lines.push(line);
    if (lines.length >= LINES_PER_PART) this.#release(line.accountNumber, lines);
  }

  #release(accountNumber: string, lines: LedgerLine[]): void {
    const part = this.#parts.get(accountNumber) ?? 0;
    this.#parts.set(accountNumber, part + 1);
    this.#held.delete(accountNumber);
    this.#heldLines -= lines.length;
    this.#full.push({ accountNumber, part, lines });
  }

  /** Hands on full parts, and everything once too much is held or the file is at its end. */
  async handOn(end: boolean): Promise<void> {
    if (end || this.#heldLines >= HELD_LINES) for (const [number, lines] of this.#held) this.#release(number, lines);
    if (this.#full.length === 0) return;
    const parts = this.#full;
    this.#full = [];
    await this.#sink.store(parts);
  }

  report(): ReadingReport {
    return {
      lines: this.#lines,
      goodLines: this.#good,
      refusedLines: this.#refusedLines,
      refused: this.#refused,
      roundedLines: this.#rounded,
      warnedLines: this.#warnedLines,
      warnings: this.#warnings.slice(0, MAX_WARNINGS),
      totals: [...this.#totals.values()].sort((a, b) => (a.currency < b.currency ? -1 : 1)),
      unknownPeople: [...this.#people]
        .filter(([, known]) => !known)
        .map(([person]) => person)
        .slice(0, MAX_PEOPLE),
      entityCodes: [...this.#entities].sort(),
    };
  }
}
