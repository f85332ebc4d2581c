import fc from 'fast-check';
import { expect, test } from 'vitest';
import { messageWindow, topOf } from './message-window.ts';

const sum = (heights: readonly number[]): number => heights.reduce((a, b) => a + b, 0);

test('what the viewport shows is drawn, and the rest keeps its room', () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 20, max: 900 }), { maxLength: 300 }),
      fc.integer({ min: 0, max: 120_000 }),
      fc.integer({ min: 1, max: 2_000 }),
      fc.integer({ min: 0, max: 1_500 }),
      (heights, scrollTop, viewport, spare) => {
        const { from, to, above, below } = messageWindow(heights, scrollTop, viewport, spare);
        expect(above + sum(heights.slice(from, to)) + below).toBe(sum(heights));
        expect(above).toBe(topOf(heights, from));
        heights.forEach((height, i) => {
          const top = topOf(heights, i);
          const shown = top < scrollTop + viewport && top + height > scrollTop;
          if (shown) expect(i >= from && i < to).toBe(true);
        });
      },
    ),
  );
});

test('few of a thousand are drawn', () => {
  const heights = Array.from({ length: 1_000 }, () => 80);
  const { from, to } = messageWindow(heights, 40_000, 700, 800);
  expect(to - from).toBeLessThan(40);
});

test('past the end, the last one is drawn', () => {
  expect(messageWindow([50, 50], 9_000, 100, 0)).toEqual({ from: 1, to: 2, above: 50, below: 0 });
});
