/** A list walked by keys: j and k move the focus, x ticks, Enter opens; the number of ticked ones is said. */

import { part, parts, say } from "./page.js";

export const rowKeys = {
  j: () => walk(1),
  k: () => walk(-1),
  x: () => tickOf(focused())?.click(),
  Enter: (event) => event.target === focused() && focused().querySelector("a[href]")?.click(),
};

/** Keep the line that says how many are ticked. */
export function startTicks() {
  const place = part("ticked");
  if (!place) return;
  const count = () => {
    const ticked = parts("tick").filter((box) => box.checked).length;
    place.textContent = ticked ? say("ticked", { count: ticked }) : "";
  };
  addEventListener("change", (event) => event.target.matches("[data-part=tick]") && count());
  addEventListener("pageshow", count);
  count();
}

function walk(by) {
  const rows = parts("row");
  const at = rows.indexOf(focused());
  const next = at < 0 ? rows[by > 0 ? 0 : rows.length - 1] : rows[at + by];
  next?.focus();
}

const focused = () => document.activeElement?.closest("[data-part=row]") ?? null;
const tickOf = (row) => row && part("tick", row);
