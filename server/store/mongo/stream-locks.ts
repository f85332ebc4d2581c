/**
 * One writer of a stream at a time within this process, so that only other nodes can conflict: the first attempt of a
 * transaction does not know its streams yet, the next ones wait for each other instead of conflicting again.
 */
export class StreamLocks {
  readonly #last = new Map<string, Promise<void>>();

  /** Waits for every name, in one order for all callers. @returns a function that lets the next ones go on */
  async acquire(names: Iterable<string>): Promise<() => void> {
    const releases: (() => void)[] = [];
    for (const name of [...new Set(names)].sort()) releases.push(await this.#one(name));
    return () => {
      for (const release of releases) release();
    };
  }

  async #one(name: string): Promise<() => void> {
    const before = this.#last.get(name);
    let release = (): void => undefined;
    const mine = new Promise<void>((resolve) => (release = resolve));
    this.#last.set(name, mine);
    await before;
    return () => {
      if (this.#last.get(name) === mine) this.#last.delete(name);
      release();
    };
  }
}
