/** Which messages of a long list are drawn; their heights differ and are known once they were drawn. */
export interface MessageWindow {
  from: number;
  /** One past the last drawn. */
  to: number;
  /** Room above and below, in px. */
  above: number;
  below: number;
}

/**
 * The rows that the viewport shows and `spare` px beyond both edges.
 *
 * @param heights px of each row, in order; measured, or supposed
 * @param scrollTop px hidden above the viewport; @param viewport px shown
 */
export function messageWindow(
  heights: readonly number[],
  scrollTop: number,
  viewport: number,
  spare: number,
): MessageWindow {
  const start = Math.max(0, scrollTop - spare);
  const end = scrollTop + viewport + spare;
  let from = 0;
  let above = 0;
  while (from < heights.length && above + (heights[from] ?? 0) <= start) above += heights[from++] ?? 0;
  let to = from;
  let bottom = above;
  while (to < heights.length && bottom < end) bottom += heights[to++] ?? 0;
  // scrolled past the end: the last ones are drawn
  if (from === to && from > 0) above -= heights[--from] ?? 0;
  let below = 0;
  for (let i = to; i < heights.length; i += 1) below += heights[i] ?? 0;
  return { from, to, above, below };
}

/** Where a row begins, in px from the top. */
export function topOf(heights: readonly number[], index: number): number {
  let top = 0;
  for (let i = 0; i < index; i += 1) top += heights[i] ?? 0;
  return top;
}
