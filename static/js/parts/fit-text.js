/** Letters as large as their box allows: [data-part=fit] within [data-fits]; elsewhere the same card keeps its own size. */

import { largestFit } from "../lib/fit.js";
import { parts } from "./page.js";

export function fitTexts() {
  for (const lane of document.querySelectorAll("[data-fits]")) parts("fit", lane).forEach(fit);
}

export function startFitting() {
  if (globalThis.ResizeObserver) new ResizeObserver(() => fitTexts()).observe(document.documentElement);
  document.fonts?.ready.then(fitTexts);
}

function fit(box) {
  if (box.clientHeight === 0) return; // another view is shown
  const text = box.firstElementChild ?? box;
  const least = Math.round(innerHeight / 25);
  const most = Math.round(innerHeight / 6);
  const fits = (size) => {
    text.style.fontSize = `${size}px`;
    return text.scrollHeight <= box.clientHeight + 1 && text.scrollWidth <= box.clientWidth + 1;
  };
  text.style.fontSize = `${largestFit({ least, most, fits })}px`;
}
