/** One measured thing beside its reference in the same run. */
export interface Figure {
  name: string;
  /** What was measured, and of what it is made. */
  value: number;
  unit: string;
  /** The same work done barely, in the same run; null where the goal is absolute. */
  reference: { name: string; value: number } | null;
  /** value / reference; null without a reference. */
  ratio: number | null;
  goal: { max: number; of: 'ratio' | 'value' };
  met: boolean;
}

const round = (value: number): number => Number(value.toPrecision(3));

/** A figure judged by its ratio to a reference. */
export function compared(
  name: string,
  value: number,
  unit: string,
  reference: { name: string; value: number },
  max: number,
): Figure {
  const ratio = value / reference.value;
  return {
    name,
    value: round(value),
    unit,
    reference: { ...reference, value: round(reference.value) },
    ratio: round(ratio),
    goal: { max, of: 'ratio' },
    met: ratio <= max,
  };
}

/** A figure judged by itself; a reference says how much of it is the machine's. */
export function absolute(
  name: string,
  value: number,
  unit: string,
  max: number,
  reference: Figure['reference'] = null,
): Figure {
  return {
    name,
    value: round(value),
    unit,
    reference: reference && { ...reference, value: round(reference.value) },
    ratio: reference && round(value / reference.value),
    goal: { max, of: 'value' },
    met: value <= max,
  };
}

/** The value below which `part` of the values lie. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);

/** Milliseconds that a piece of work took. */
export async function timed(work: () => unknown): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}
