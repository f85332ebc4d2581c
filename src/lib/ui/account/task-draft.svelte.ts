import { newKey } from '#lib/client/api.ts';
import { addWorkingDays } from '#lib/domain/calendar/working-days.ts';
import { DOCUMENT_DAYS } from '#lib/domain/task/pause-items.ts';
import type { AskableKind } from '#lib/domain/task/task.ts';
import type { Day, Id } from '#lib/domain/values.ts';

/** A task that is being asked for; it outlives its dialog until it is sent. */
export class TaskDraft {
  kind = $state<AskableKind>('question');
  text = $state('');
  dueDay = $state<Day | null>(null);
  /** `dept:quality` or `member:<id>`. */
  to = $state('');
  #suggested: Day | null = null;
  #sent: { body: string; key: string } | null = null;

  /** The usual day of what is asked, unless another one was chosen. */
  suggestDay(today: Day): void {
    const day = addWorkingDays(today, this.kind === 'send_document' ? DOCUMENT_DAYS : 3);
    if (this.dueDay === null || this.dueDay === this.#suggested) this.dueDay = day;
    this.#suggested = day;
  }

  get touched(): boolean {
    return this.text.trim() !== '';
  }

  body(accountId: Id, itemIds: readonly Id[], disputeId: Id | null = null): { [key: string]: unknown } {
    return {
      accountId,
      kind: this.kind,
      text: this.text,
      dueDay: this.dueDay ?? '',
      ...assigneeOf(this.to),
      itemIds,
      disputeId,
    };
  }

  /** The same key for the same act, so that a second try after a cut does not ask twice. */
  keyFor(body: object): string {
    const text = JSON.stringify(body);
    if (this.#sent?.body !== text) this.#sent = { body: text, key: newKey() };
    return this.#sent.key;
  }

  clear(): void {
    this.kind = 'question';
    this.text = '';
    this.dueDay = null;
    this.#suggested = null;
    this.to = '';
    this.#sent = null;
  }
}

/** Reads `dept:quality` or `member:<id>`, the value of the form's one field. */
export function assigneeOf(to: string): { memberId: string | null; department: string | null } {
  return {
    memberId: to.startsWith('member:') ? to.slice('member:'.length) : null,
    department: to.startsWith('dept:') ? to.slice('dept:'.length) : null,
  };
}
