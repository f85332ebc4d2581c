import { newKey } from '#lib/client/api.ts';
import { addWorkingDays } from '#lib/domain/calendar/working-days.ts';
import {
  RESOLUTION_PARTS,
  type Dispute,
  type DisputeReason,
  type ResolutionPart,
  type RootCause,
} from '#lib/domain/dispute/dispute.ts';
import type { Department } from '#lib/domain/member/member.ts';
import { parseAmount, toDecimal } from '#lib/domain/money/money.ts';
import type { Cents, Day, Id } from '#lib/domain/values.ts';
import type { Step } from '#lib/protocol/dispute-address.ts';

/** An amount as it is typed in a language: `2400,00`. */
export const typedAmount = (cents: Cents, decimal: ',' | '.'): string =>
  cents === 0 ? '' : toDecimal(cents).replace('.', decimal);
/** Cents of what was typed; 0 for nothing, null when it cannot be read or is negative. */
export function readTyped(text: string): Cents | null {
  if (text.trim() === '') return 0;
  const cents = parseAmount(text)?.cents ?? null;
  return cents === null || cents < 0 ? null : cents;
}

/** What is being filled in about a step of a dispute. */
export class StepDraft {
  reason = $state<DisputeReason>('other');
  department = $state<Department | ''>('');
  memberId = $state('');
  ask = $state('');
  until = $state<Day | null>(null);
  decision = $state<'accepted' | 'refused'>('accepted');
  rootCause = $state<RootCause | ''>('');
  parts = $state<Record<ResolutionPart, string>>(emptyParts());
  answer = $state('');
  agree = $state<'yes' | 'no'>('yes');
  text = $state('');
  detail = $state('');
  /** Typed amounts by item. */
  amounts = $state<Record<Id, string>>({});
  #sent: { body: string; key: string } | null = null;

  constructor(dispute: Dispute, today: Day, decimal: ',' | '.') {
    this.reason = dispute.reason;
    this.department = dispute.department;
    this.memberId = dispute.memberId ?? '';
    this.until = addWorkingDays(today, 5);
    this.rootCause = dispute.rootCause ?? '';
    this.decision = dispute.answer?.decision ?? 'accepted';
    this.detail = dispute.detail ?? '';
    this.amounts = Object.fromEntries(
      dispute.items.map(({ itemId, disputedCents }) => [itemId, typedAmount(disputedCents, decimal)]),
    );
    const asked = dispute.approval?.resolution;
    if (asked !== undefined) for (const part of RESOLUTION_PARTS) this.parts[part] = typedAmount(asked[part], decimal);
  }

  /** Cents by part; null where it cannot be read. */
  get split(): Record<ResolutionPart, Cents | null> {
    return Object.fromEntries(RESOLUTION_PARTS.map((part) => [part, readTyped(this.parts[part])])) as Record<
      ResolutionPart,
      Cents | null
    >;
  }
  /** What of the disputed amount is not given to a part yet; negative: too much. */
  remainder(disputedCents: Cents): Cents {
    return RESOLUTION_PARTS.reduce((left, part) => left - (this.split[part] ?? 0), disputedCents);
  }

  /** What the command takes besides the dispute's id. */
  body(step: Step, dispute: Dispute): { [key: string]: unknown } {
    const text = this.text.trim();
    const memberId = this.memberId === '' ? null : this.memberId;
    switch (step) {
      case 'qualify':
        return { reason: this.reason, department: this.department === '' ? null : this.department, memberId };
      case 'assign':
        return { department: this.department, memberId, ask: this.ask.trim() };
      case 'answer':
        return { decision: this.decision, rootCause: this.rootCause, text };
      case 'wait':
        return { until: this.until ?? '', reason: text };
      case 'resume':
        return {};
      case 'resolve':
        return {
          parts: Object.fromEntries(RESOLUTION_PARTS.map((part) => [part, this.split[part] ?? -1])),
          rootCause: this.rootCause === '' ? null : this.rootCause,
          answer: this.answer.trim(),
        };
      case 'approve':
        return { agree: this.agree === 'yes', reason: text };
      case 'close':
      case 'reopen':
        return { reason: text };
      case 'change':
        return {
          items: dispute.items.flatMap(({ itemId }) => {
            const cents = readTyped(this.amounts[itemId] ?? '');
            return cents === 0 ? [] : [{ itemId, cents: cents ?? -1 }];
          }),
          detail: this.detail.trim(),
        };
    }
  }

  /** The same key for the same act, so that a second try after a cut does not do it twice. */
  keyFor(body: object): string {
    const text = JSON.stringify(body);
    if (this.#sent?.body !== text) this.#sent = { body: text, key: newKey() };
    return this.#sent.key;
  }
}

function emptyParts(): Record<ResolutionPart, string> {
  return Object.fromEntries(RESOLUTION_PARTS.map((part) => [part, ''])) as Record<ResolutionPart, string>;
}
