/** A small seeded generator (mulberry32): the same seed gives the same demo on every machine. */
export interface Random {
  /** Uniform in [0, 1). */
  next(): number;
  /** Whole number, both ends included. */
  whole(from: number, to: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  pick<T>(choices: readonly T[]): T;
  /** Normal with mean 0 and deviation 1. */
  normal(): number;
  /** Follows the values found at 5, 25, 50, 75 and 95 % of a population, straight between them. */
  quantiles(values: readonly [number, number, number, number, number]): number;
}

const PROBABILITIES = [0, 0.05, 0.25, 0.5, 0.75, 0.95, 1] as const;

export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const whole = (from: number, to: number): number => from + Math.floor(next() * (to - from + 1));
  return {
    next,
    whole,
    chance: (probability) => next() < probability,
    pick: (choices) => choices[whole(0, choices.length - 1)] as (typeof choices)[number],
    normal: () => Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next()),
    quantiles: (values) => {
      const [q5, q25, , q75, q95] = values;
      const points = [q5 - (q25 - q5) / 2, ...values, q95 + (q95 - q75) / 2];
      const p = next();
      for (let index = 1; index < points.length; index += 1) {
        const [from, to] = [PROBABILITIES[index - 1] ?? 0, PROBABILITIES[index] ?? 1];
        if (p <= to)
          return (
            (points[index - 1] ?? 0) + ((p - from) / (to - from)) * ((points[index] ?? 0) - (points[index - 1] ?? 0))
          );
      }
      return q95;
    },
  };
}
