import type { Id } from '#lib/domain/values.ts';
import type { Vector } from './known.ts';
import type { Span } from './read-update.ts';

/** Structs of one client, from `from` up to, not including, `to`, that this member sent first. */
export interface Run {
  from: number;
  to: number;
  member: Id;
}

/**
 * Who sent which structs of a document, by what the server knows of the connection that they came from. Whoever sends
 * a struct first answers for it: nobody can write under a client's number and have it counted as its owner's.
 */
export class Authors {
  readonly runs = new Map<number, Run[]>();
  readonly #settled: Vector = new Map();

  /** What of a client lies below is known and has no author to remember, but for the runs that are added. */
  settle(vector: Vector): void {
    for (const [client, clock] of vector)
      if (clock > (this.#settled.get(client) ?? 0)) this.#settled.set(client, clock);
  }

  /** A run that a snapshot remembers. */
  remember(client: number, run: Run): void {
    this.#insert(client, run);
  }

  add({ client, from, to }: Span, member: Id): void {
    const start = Math.max(from, this.#settled.get(client) ?? 0);
    if (start < to) this.#insert(client, { from: start, to, member });
  }

  /** Puts a run where nobody's is yet. */
  #insert(client: number, { from, to, member }: Run): void {
    let runs = this.runs.get(client);
    if (runs === undefined) this.runs.set(client, (runs = []));
    let at = from;
    const free: Run[] = [];
    for (const run of runs) {
      if (run.to <= at) continue;
      if (run.from >= to) break;
      if (run.from > at) free.push({ from: at, to: run.from, member });
      at = Math.max(at, run.to);
    }
    if (at < to) free.push({ from: at, to, member });
    const last = runs.at(-1);
    const [only] = free;
    if (last !== undefined && only !== undefined && last.member === member && last.to === only.from) {
      last.to = only.to;
      return;
    }
    runs.push(...free);
    runs.sort((a, b) => a.from - b.from);
  }

  /** The parts of `[from, to)` whose author is known. */
  within(client: number, from: number, to: number): Run[] {
    return (this.runs.get(client) ?? [])
      .filter((run) => run.to > from && run.from < to)
      .map((run) => ({ from: Math.max(run.from, from), to: Math.min(run.to, to), member: run.member }));
  }
}
