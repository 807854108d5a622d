/** Only the cards of one kind: select[data-part=kind-filter]. */

import { part } from "./page.js";
import { filterCards } from "./shown.js";

export function startKindFilter() {
  const select = part("kind-filter");
  select?.addEventListener("change", () => filterCards("kind", select.value ? (card) => card.dataset.kind === select.value : null));
}
