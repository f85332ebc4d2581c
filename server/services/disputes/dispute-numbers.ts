import { counters, type Counter } from '../../store/kinds/disputes.ts';
import { DuplicateKey, VersionConflict, type Tx } from '../../store/port.ts';

const COUNTER = 'dispute';

/** Numbers given to disputes within a transaction: 1, 2, 3… in the workspace, without gap. */
export class DisputeNumbers {
  readonly #tx: Tx;
  #stored: Counter | null;
  #last: number;

  private constructor(tx: Tx, stored: Counter | null) {
    this.#tx = tx;
    this.#stored = stored;
    this.#last = stored?.last ?? 0;
  }

  static async read(tx: Tx): Promise<DisputeNumbers> {
    return new DisputeNumbers(tx, await tx.docs(counters).get(COUNTER));
  }

  next(): number {
    this.#last += 1;
    return this.#last;
  }

  /** Stores the last number given, if one was. */
  async save(): Promise<void> {
    const docs = this.#tx.docs(counters);
    if (this.#last === (this.#stored?.last ?? 0)) return;
    if (this.#stored !== null) {
      this.#stored = await docs.replace({ ...this.#stored, last: this.#last });
      return;
    }
    this.#stored = { id: COUNTER, version: 1, last: this.#last };
    try {
      await docs.insert(this.#stored);
    } catch (error) {
      // Two first disputes at once: the later one takes the next number when it is run again.
      if (error instanceof DuplicateKey) throw new VersionConflict(counters.name, COUNTER);
      throw error;
    }
  }
}

/** The next dispute's number. */
export async function nextDisputeNumber(tx: Tx): Promise<number> {
  const numbers = await DisputeNumbers.read(tx);
  const number = numbers.next();
  await numbers.save();
  return number;
}
