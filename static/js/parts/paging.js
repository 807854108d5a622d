/** A long wall on the hall's screen turns its pages by itself, slowly; with reduced motion by the arrow keys only. */

import { pagesOf } from "../lib/fit.js";
import { cardsIn } from "./cards.js";
import { part, parts, say } from "./page.js";

const EVERY = 12_000;
const PAUSE_AFTER_KEY = 60_000;
const reduced = matchMedia("(prefers-reduced-motion: reduce)");
// By list: the card that the page in sight begins with, so that a redrawn list stays on its page.
const firsts = new WeakMap();
let turnedByHand = -Infinity;

/** Lists with data-pages are cut into pages as tall as their box; [data-part=page] says which one this is. */
export function startPaging() {
  setInterval(() => {
    if (!reduced.matches && !document.hidden && Date.now() - turnedByHand > PAUSE_AFTER_KEY) turn(1);
  }, EVERY);
  addEventListener("keydown", ({ key }) => {
    const by = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 }[key];
    if (!by) return;
    turnedByHand = Date.now();
    turn(by);
  });
  addEventListener("resize", repage);
}

/** Cut the pages again, after cards were drawn; what is being read stays in sight. */
export const repage = () => turn(0);

function turn(by) {
  for (const list of parts("cards").filter((each) => each.hasAttribute("data-pages") && each.clientHeight > 0)) turnList(list, by);
}

function turnList(list, by) {
  const cards = cardsIn(list);
  for (const card of cards) card.hidden = false;
  const pages = pagesOf(cards.map(boxOf), list.clientHeight);
  if (pages.length === 0) return showPage(list, 0, 0);
  const now = Math.max(0, pages.findIndex((page) => page.includes(firsts.get(list))));
  const next = (now + by + pages.length) % pages.length;
  if (by || !pages.some((page) => page.includes(firsts.get(list)))) firsts.set(list, pages[next][0]);
  const shown = new Set(pages[next]);
  for (const card of cards) card.hidden = !shown.has(card.dataset.id);
  showPage(list, next + 1, pages.length);
}

function boxOf(card) {
  const { top, bottom } = card.getBoundingClientRect();
  return { id: card.dataset.id, start: top, end: bottom };
}

function showPage(list, number, count) {
  const sign = part("page", list.closest("[data-part=lane], section") ?? document);
  if (!sign) return;
  sign.hidden = count < 2;
  sign.textContent = count < 2 ? "" : say("page", { number, count });
}
