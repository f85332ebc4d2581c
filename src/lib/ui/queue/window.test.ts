import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { scrollToShow, windowOf } from './window.ts';

describe('windowOf', () => {
  it('[SCR-3] draws every visible row, within the list, and keeps its whole height', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 100_000 }),
        fc.integer({ min: -50, max: 5_000_000 }),
        fc.integer({ min: 1, max: 2_000 }),
        fc.integer({ min: 20, max: 120 }),
        (count, scrollTop, viewport, row) => {
          const shown = windowOf(count, scrollTop, viewport, row);
          expect(shown.above + (shown.to - shown.from) * row + shown.below).toBe(count * row);
          expect(shown.from).toBeGreaterThanOrEqual(0);
          expect(shown.to).toBeLessThanOrEqual(count);
          const last = Math.min(count, Math.ceil((Math.max(0, scrollTop) + viewport) / row));
          if (scrollTop >= 0 && scrollTop < count * row) {
            expect(shown.from * row).toBeLessThanOrEqual(scrollTop);
            expect(shown.to).toBeGreaterThanOrEqual(last);
          }
        },
      ),
    );
  });
});

describe('scrollToShow', () => {
  it.each([
    [0, 0, 400, 40, 0, null],
    [20, 0, 400, 40, 0, 440],
    [2, 400, 400, 40, 0, 80],
    [10, 400, 400, 40, 0, null],
    [0, 400, 400, 40, 40, 0],
  ])('[SCR-3] row %i at %i of %i: %o', (index, top, viewport, row, margin, expected) => {
    expect(scrollToShow(index, top, viewport, row, margin)).toBe(expected);
  });
});
