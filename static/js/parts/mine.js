/** This phone's own questions: [data-part=mine], which no broadcast holds. */

import { insertSorted } from "./cards.js";
import { drawn, morph, morphReady } from "./morph.js";
import { facts, part, parts } from "./page.js";
import { fetchPage } from "./region.js";
import { keepPlace, whenStill } from "./stillness.js";

let fetching = null;
let wantedAgain = false;
let after = () => {};

export function startMine({ changed = () => {} } = {}) {
  after = changed;
  tidy();
}

export const hasMine = () => parts("mine-card").length > 0;

/** Put the cards of a `mine` message in their place. */
export function applyMine({ cards }) {
  if (fetching) wantedAgain = true; // what is under way was drawn before this, and would undo it
  whenStill(() => keepPlace(() => {
    cards.forEach(applyOne);
    tidy();
  }));
}

/** Fetch the list again, one at a time; answers whether the server was heard. */
export function refetchMine() {
  if (fetching) {
    wantedAgain = true;
    return fetching;
  }
  fetching = fetchMine().catch(() => false).finally(() => {
    fetching = null;
    if (wantedAgain) {
      wantedAgain = false;
      refetchMine();
    }
  });
  return fetching;
}

/** Say on the wall which questions are this phone's own. */
export function markOwn() {
  const own = new Set(parts("mine-card").map((card) => card.dataset.id));
  for (const card of parts("card")) card.toggleAttribute("data-own", own.has(card.dataset.id));
}

async function fetchMine() {
  await morphReady;
  const response = await fetchPage(facts.mine);
  if (!response.ok) return false;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = part("mine", page) ?? part("mine").cloneNode();
  if (!part("mine", page)) fresh.append(...page.body.children);
  whenStill(() => keepPlace(() => {
    morph(part("mine"), fresh);
    tidy();
  }));
  return true;
}

function applyOne({ id, html, order }) {
  const here = document.querySelector(`[data-part=mine-card][data-id="${id}"]`);
  if (html === null) return here?.remove();
  const card = here ? morph(here, drawn(html)) : drawn(html);
  card.dataset.order = order;
  const list = part("mine");
  insertSorted(card, list, parts("mine-card", list), list.dataset.newest === "first");
}

function tidy() {
  const count = parts("mine-card").length;
  for (const empty of parts("mine-empty")) empty.hidden = count > 0;
  for (const section of parts("mine-section")) section.hidden = count === 0;
  markOwn();
  after();
}
