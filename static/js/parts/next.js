/** What comes after the question on stage: [data-part=next], the first of the wall, so that nobody has to keep it by hand. */

import { wordsOf } from "./cards.js";
import { element, part, parts } from "./page.js";

const SHOWN = 3;

export function showNext() {
  const list = part("next");
  if (!list) return;
  const wall = parts("card").filter((card) => card.dataset.state === "on_wall").slice(0, Number(list.dataset.limit) || SHOWN);
  list.replaceChildren(...wall.map((card) => element("li", {},
    element("span", { class: "card-number", text: card.dataset.number }),
    element("span", { dir: "auto", text: wordsOf(card) }))));
}
