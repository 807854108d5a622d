/** Finding a card by its words or number: [data-part=search] hides all others while something is typed. */

import { matches } from "../lib/matching.js";
import { wordsOf } from "./cards.js";
import { part } from "./page.js";
import { filterCards } from "./shown.js";

export function startSearch() {
  const field = part("search");
  if (!field) return;
  const search = () => filterCards("search", field.value.trim() ? (card) => matches(field.value, `${card.dataset.number ?? ""} ${wordsOf(card)}`) : null);
  field.addEventListener("input", search);
  field.form?.addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    field.value = "";
    search();
    field.blur();
  });
  if (field.value) search();
}
