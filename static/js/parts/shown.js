/** Which cards are in sight: every filter of the page may hide a card, none may show what another hides. */

import { part, parts } from "./page.js";

const tests = new Map();

/** Let a filter decide about cards; null takes it away. */
export function filterCards(name, test) {
  if (test) tests.set(name, test);
  else tests.delete(name);
  applyFilters();
}

/** Apply the filters again, after cards were drawn. */
export function applyFilters() {
  let hidden = 0;
  for (const card of parts("card")) {
    card.hidden = ![...tests.values()].every((test) => test(card));
    hidden += card.hidden;
  }
  const sign = part("all-hidden");
  if (sign) sign.hidden = hidden === 0 || hidden < parts("card").length;
}
