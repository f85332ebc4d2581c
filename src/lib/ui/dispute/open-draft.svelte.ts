import { newKey } from '#lib/client/api.ts';
import type { DisputeReason } from '#lib/domain/dispute/dispute.ts';
import type { Item } from '#lib/domain/item/item.ts';
import type { Department } from '#lib/domain/member/member.ts';
import type { Cents, Currency, Id } from '#lib/domain/values.ts';
import { disputableOf } from './facts.ts';
import { readTyped, typedAmount } from './step-draft.svelte.ts';

/** A dispute that is being opened; it outlives its dialog until it is sent. */
export class OpenDraft {
  reason = $state<DisputeReason | ''>('');
  /** Empty: the reason's usual owner. */
  department = $state<Department | ''>('');
  memberId = $state('');
  detail = $state('');
  /** Typed amounts by item. */
  amounts = $state<Record<Id, string>>({});
  items = $state.raw<readonly Item[]>([]);
  #sent: { body: string; key: string } | null = null;

  /** Items to choose from: those chosen before are disputed whole, the others not yet. */
  offer(items: readonly Item[], whole: boolean, decimal: ',' | '.'): void {
    this.items = items.filter((item) => disputableOf(item) > 0);
    this.amounts = Object.fromEntries(
      this.items.map((item) => [item.id, whole ? typedAmount(disputableOf(item), decimal) : '']),
    );
  }

  /** Cents by item, without those left empty; null where it cannot be read. */
  readonly chosen = $derived.by(() =>
    this.items
      .map((item) => ({ item, cents: readTyped(this.amounts[item.id] ?? '') }))
      .filter(({ cents }) => cents !== 0),
  );
  readonly currencies = $derived.by<Currency[]>(() => [...new Set(this.chosen.map(({ item }) => item.currency))]);
  readonly cents = $derived.by<Cents>(() => this.chosen.reduce((sum, { cents }) => sum + (cents ?? 0), 0));
  /** What of the chosen items stays due. */
  readonly rest = $derived.by<Cents>(() =>
    this.chosen.reduce((sum, { item, cents }) => sum + disputableOf(item) - (cents ?? 0), 0),
  );
  get touched(): boolean {
    return this.detail.trim() !== '';
  }

  body(accountId: Id): { [key: string]: unknown } {
    return {
      accountId,
      items: this.chosen.map(({ item, cents }) => ({ itemId: item.id, cents: cents ?? -1 })),
      reason: this.reason,
      detail: this.detail.trim(),
      department: this.department === '' ? null : this.department,
      memberId: this.memberId === '' ? null : this.memberId,
    };
  }

  /** The same key for the same act, so that a second try after a cut does not open two. */
  keyFor(body: object): string {
    const text = JSON.stringify(body);
    if (this.#sent?.body !== text) this.#sent = { body: text, key: newKey() };
    return this.#sent.key;
  }
  clear(): void {
    this.reason = '';
    this.department = '';
    this.memberId = '';
    this.detail = '';
    this.amounts = {};
    this.items = [];
    this.#sent = null;
  }
}
