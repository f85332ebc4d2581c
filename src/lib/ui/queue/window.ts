/** Which rows of a long list are drawn. */
export interface RowWindow {
  /** First row drawn. */
  from: number;
  /** One past the last row drawn. */
  to: number;
  /** Room above and below, in px. */
  above: number;
  below: number;
}

/**
 * The rows of equal height that the viewport shows, and some more on both sides.
 * @param scrollTop px hidden above; @param viewport px shown; @param row height of one, px; @param spare rows drawn beyond each edge
 */
export function windowOf(count: number, scrollTop: number, viewport: number, row: number, spare = 12): RowWindow {
  const first = Math.max(0, Math.min(count, Math.floor(Math.max(0, scrollTop) / row)));
  const from = Math.max(0, first - spare);
  const to = Math.min(count, first + Math.ceil(viewport / row) + 1 + spare);
  return { from, to, above: from * row, below: (count - to) * row };
}

/** The scroll position that brings a row wholly into view, or null when it is there already. */
export function scrollToShow(
  index: number,
  scrollTop: number,
  viewport: number,
  row: number,
  margin: number,
): number | null {
  const top = index * row;
  if (top - margin < scrollTop) return Math.max(0, top - margin);
  if (top + row + margin > scrollTop + viewport) return top + row + margin - viewport;
  return null;
}
