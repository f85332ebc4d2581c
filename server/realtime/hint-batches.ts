import type { Id } from '#lib/domain/values.ts';
import type { ServerToClient } from '#lib/protocol/realtime.ts';

export type Hint = Parameters<ServerToClient['queue']>[0];

const WAIT_MS = 250;
const MAX_IDS = 500;

interface Batch {
  workspaceId: Id;
  access: readonly string[];
  hint: Hint;
}

/** Hints of mass changes, told together: one message per set of rights tokens, so that nobody hears of what others see. */
export class HintBatches {
  readonly #tell: (workspaceId: Id, access: readonly string[], hint: Hint) => void;
  readonly #batches = new Map<string, Batch>();
  #timer: NodeJS.Timeout | null = null;

  constructor(tell: (workspaceId: Id, access: readonly string[], hint: Hint) => void) {
    this.#tell = tell;
  }

  add(workspaceId: Id, access: readonly string[], hint: Hint): void {
    const key = `${workspaceId} ${[...access].sort().join(' ')}`;
    const batch = this.#batches.get(key);
    if (batch === undefined) {
      const { claimedBy: _one, ...common } = hint;
      this.#batches.set(key, { workspaceId, access, hint: { ...common, accountIds: [...hint.accountIds] } });
    } else {
      batch.hint.at = hint.at;
      for (const id of hint.accountIds)
        if (!batch.hint.accountIds.includes(id) && batch.hint.accountIds.length < MAX_IDS)
          batch.hint.accountIds.push(id);
    }
    this.#timer ??= setTimeout(() => this.flush(), WAIT_MS).unref();
  }

  flush(): void {
    this.#timer = null;
    const batches = [...this.#batches.values()];
    this.#batches.clear();
    for (const batch of batches) this.#tell(batch.workspaceId, batch.access, batch.hint);
  }

  close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#batches.clear();
  }
}
