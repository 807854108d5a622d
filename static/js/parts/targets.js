/** The questions that one can be merged into: [data-part=targets], likely doubles first, found by typing. */

import { matches, sharedWords } from "../lib/matching.js";
import { wordsOf } from "./cards.js";
import { element, part, parts } from "./page.js";

/** Offer every question that is public, but not this card. */
export function offerTargets(form, card) {
  const text = wordsOf(card);
  const list = part("targets", form);
  const states = list.dataset.states.split(/\s+/);
  const others = parts("card").filter((other) => other !== card && states.includes(other.dataset.state))
    .map((other) => ({ other, likeness: sharedWords(text, wordsOf(other)) }))
    .sort((a, b) => b.likeness - a.likeness);
  list.replaceChildren(...others.map(({ other }) => choice(other)));
  part("no-targets", form).hidden = others.length > 0;
}

export function startTargets() {
  const field = part("find-target");
  const found = () => [...part("targets", field.form).children].filter((label) => !label.hidden);
  field?.addEventListener("input", () => {
    for (const label of part("targets", field.form).children) label.hidden = !matches(field.value, label.textContent);
    part("no-targets", field.form).hidden = found().length > 0;
  });
  // Enter in the search takes the first that was found; merging itself stays a second decision.
  field?.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    const radio = found()[0]?.querySelector("input");
    if (radio) radio.checked = true;
    radio?.focus();
  });
}

function choice(card) {
  return element("label", { class: "choice" },
    element("input", { type: "radio", name: "into", value: card.dataset.id, required: "" }),
    element("span", { dir: "auto", text: `${card.dataset.number} · ${wordsOf(card)}` }));
}
