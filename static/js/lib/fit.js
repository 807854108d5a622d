/** The largest size at which something fits, for whoever can measure it. */

/**
 * Search the whole sizes from `least` to `most`; answers `least` when nothing fits.
 * @param {{least: number, most: number, fits: (size: number) => boolean}} search
 */
export function largestFit({ least, most, fits }) {
  let low = least;
  let high = Math.max(least, most);
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Cut a list of boxes into pages no taller than `height`; a box taller than a page gets one of its own. */
export function pagesOf(boxes, height) {
  const pages = [];
  let top = null;
  for (const { id, start, end } of boxes) {
    if (top === null || end - top > height) {
      pages.push([]);
      top = start;
    }
    pages.at(-1).push(id);
  }
  return pages;
}
