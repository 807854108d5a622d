/** Counters of what is on the screen: [data-part=tally] holds the number of cards in its data-states. */

import { parts } from "./page.js";

export function tally() {
  const states = parts("card").map((card) => card.dataset.state);
  for (const place of parts("tally")) {
    const counted = place.dataset.states.split(" ");
    place.textContent = states.filter((state) => counted.includes(state)).length;
  }
}
