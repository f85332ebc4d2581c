import type { Currency, Instant } from '../values.ts';
import { isContest, stateOfCode } from './codes.ts';
import type { EinvoiceStatus, ItemEinvoice } from './status.ts';

type Known = Pick<EinvoiceStatus, 'code' | 'statedAt' | 'receivedAt' | 'cents' | 'announcedDay'> &
  Partial<Pick<EinvoiceStatus, 'currency'>>;

/** By what the messages say, not by when they came; of one instant, by arrival. */
export function inOrder<T extends Pick<Known, 'statedAt' | 'receivedAt'>>(statuses: readonly T[]): T[] {
  const key = (one: T): string => `${one.statedAt} ${one.receivedAt}`;
  return [...statuses].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}

/**
 * Where an item stands after all that was heard of it, in whatever order it came (rules EIN-1 and EIN-2). Refused is
 * final: the invoice is issued anew under another number. Rejected lasts until the invoice is deposited again. Unknown
 * codes do not move the state.
 *
 * @param currency the item's: an announcement in another one has no amount here
 */
export function itemEinvoiceOf(statuses: readonly Known[], currency: Currency | null = null): ItemEinvoice | null {
  let state: ItemEinvoice | null = null;
  let announced: Pick<ItemEinvoice, 'announcedCents' | 'announcedDay'> = { announcedCents: null, announcedDay: null };
  for (const one of inOrder(statuses)) {
    if (one.code === '211') {
      const foreign = currency !== null && (one.currency ?? currency) !== currency;
      announced = { announcedCents: foreign ? null : one.cents, announcedDay: one.announcedDay };
    }
    if (state !== null && !moves(state, one.code)) continue;
    state = { state: stateOfCode(one.code), code: one.code, at: one.statedAt, ...announced };
  }
  return state === null ? null : { ...state, ...announced };
}

function moves(from: ItemEinvoice, code: string): boolean {
  if (stateOfCode(code) === 'information') return from.state === 'information';
  if (from.state === 'refused') return false;
  return from.state !== 'rejected' || code === '200' || code === '201' || code === '210';
}

/** What is to be done when a status comes. */
export type EinvoiceStep =
  | { do: 'nothing' }
  /** A dispute for what is refused; `closureProposed` when the buyer has approved since (it came late). */
  | { do: 'open_dispute'; closureProposed: boolean }
  /** The buyer says more of a dispute that is there. */
  | { do: 'update_dispute'; disputeId: string; closureProposed: boolean }
  /** An older word on a dispute that is there already: only noted beside it. */
  | { do: 'join_dispute'; disputeId: string }
  | { do: 'propose_closure'; disputeId: string }
  /** ADV sends what is missing; not a dispute. */
  | { do: 'ask_document' }
  /** ADV corrects the invoice and sends it again. */
  | { do: 'ask_correction' }
  /** What was asked for by these statuses has been given. */
  | { do: 'complete'; codes: string[]; until: Instant };

type Heard = Pick<EinvoiceStatus, 'code' | 'statedAt' | 'disputeId'>;

/**
 * The step that a new status asks for (rules EIN-3, EIN-7 and EIN-8). The outcome is the same in whatever order the
 * messages come; a repeated one finds its dispute or task there.
 *
 * @param heard what was heard of the item before, without the new one
 * @param live the buyer's dispute on the item that is still live, if any
 */
export function stepOf(
  status: Pick<EinvoiceStatus, 'code' | 'statedAt'>,
  heard: readonly Heard[],
  live: string | null,
): EinvoiceStep {
  const { code, statedAt } = status;
  const later = (...codes: string[]): boolean =>
    heard.some((one) => codes.includes(one.code) && one.statedAt > statedAt);
  const contests = heard.filter((one) => isContest(one.code) && one.disputeId !== null);
  if (isContest(code)) return contestStep(code, statedAt, contests, live, later('205'));
  switch (code) {
    case '205': {
      const last = contests.filter((one) => one.disputeId === live);
      const after = live !== null && last.every((one) => one.statedAt <= statedAt && one.code !== '210');
      return after ? { do: 'propose_closure', disputeId: live } : { do: 'nothing' };
    }
    case '208':
      return later('209', '205', '210') ? { do: 'nothing' } : { do: 'ask_document' };
    case '213':
      return later('200', '201') ? { do: 'nothing' } : { do: 'ask_correction' };
    case '209':
      return { do: 'complete', codes: ['208'], until: statedAt };
    case '200':
    case '201':
      return { do: 'complete', codes: ['213'], until: statedAt };
    default:
      return { do: 'nothing' };
  }
}

function contestStep(
  code: string,
  statedAt: Instant,
  contests: readonly Heard[],
  live: string | null,
  approvedSince: boolean,
): EinvoiceStep {
  const refused = contests.some((one) => one.code === '210' && (live === null || one.disputeId === live));
  const newer = contests.filter((one) => one.statedAt >= statedAt);
  const overtaken = newer.find((one) => one.disputeId === live) ?? newer[0];
  // The refusal of the whole outranks whatever was said of a part, before or after.
  const outranks = code === '210' && !refused && live !== null;
  if (typeof overtaken?.disputeId === 'string' && !outranks)
    return { do: 'join_dispute', disputeId: overtaken.disputeId };
  const closureProposed = approvedSince && code !== '210';
  if (live === null) return { do: 'open_dispute', closureProposed };
  if (refused && code !== '210') return { do: 'join_dispute', disputeId: live };
  return { do: 'update_dispute', disputeId: live, closureProposed };
}

/** What became of a status that found its item, from where the item stood before and stands now (rule EIN-2). */
export function outcomeOf(
  status: Pick<EinvoiceStatus, 'code' | 'statedAt'>,
  before: ItemEinvoice | null,
  after: ItemEinvoice | null,
): 'applied' | 'late' | 'information' {
  if (stateOfCode(status.code) === 'information') return 'information';
  const older = before !== null && before.at > status.statedAt;
  return older && before.state === after?.state ? 'late' : 'applied';
}
