/** One card has the keyboard's focus; the arrows go from card to card, and nobody but the moderator moves it. */

import { cardsIn, holdCardsUnless, settle } from "./cards.js";
import { element, part, parts, say } from "./page.js";
import { keepPlace } from "./stillness.js";

let current = null;
// Cards that this moderator has sent away: for those the focus may go to the neighbour.
const leaving = new Map();

export function startFocusCard() {
  holdCardsUnless(mayMove);
  addEventListener("focusin", ({ target }) => {
    const card = target.closest("[data-part=card]");
    if (card && card !== current) choose(card);
  });
  addEventListener("focusout", ({ target, relatedTarget }) => {
    const card = target.closest?.("[data-part=card]");
    if (card && !card.contains(relatedTarget)) setTimeout(() => leave(card));
  });
  keepOneTabStop();
}

/** The card that keys act upon: the one with focus, else none. */
export const focusedCard = () => document.activeElement?.closest("[data-part=card]") ?? null;

/** Exactly one card can be reached by Tab; run after cards were drawn. */
export function keepOneTabStop() {
  if (!current?.isConnected || current.hidden) current = focusedCard() ?? visibleCards(document)[0] ?? null;
  for (const card of parts("card")) card.tabIndex = card === current ? 0 : -1;
}

/** Go to the next or previous card of the lane, or to the lane beside it. */
export function goBy({ cards = 0, lanes = 0 }) {
  const from = focusedCard() ?? (current?.isConnected ? current : null);
  if (!from || !from.contains(document.activeElement)) return (from ?? visibleCards(document)[0])?.focus();
  const target = lanes ? besideLane(from, lanes) : neighbour(from, cards);
  target?.focus();
}

/**
 * Remember that the moderator sends this card away himself, so that the focus may go to its neighbour.
 * Answers what to call once the step was taken, with the card's new state.
 */
export function expectLeaving(card) {
  const before = card.dataset.state;
  const next = neighbour(card, 1) ?? neighbour(card, -1);
  leaving.set(card.dataset.id, Date.now());
  return (state) => {
    if (state !== before && next?.isConnected && isFocusFree(card)) next.focus();
    else leaving.delete(card.dataset.id);
  };
}

function mayMove(card) {
  if (!card.contains(document.activeElement)) return true;
  if (!hasSentAway(card)) {
    tell(card);
    return false;
  }
  leaving.delete(card.dataset.id);
  const next = neighbour(card, 1) ?? neighbour(card, -1);
  if (next) next.focus({ preventScroll: false });
  else document.activeElement.blur();
  return true;
}

// Wherever else the moderator has gone meanwhile, he stays.
function isFocusFree(card) {
  const active = document.activeElement;
  return !active || active === document.body || card.contains(active);
}

function hasSentAway(card) {
  return Date.now() - (leaving.get(card.dataset.id) ?? 0) < 10_000;
}

function tell(card) {
  if (part("moved", card)) return;
  card.append(element("p", { "data-part": "moved", class: "card-moved", role: "status", text: say("card_moved") }));
}

function choose(card) {
  current = card;
  keepOneTabStop();
}

function leave(card) {
  if (!card.contains(document.activeElement)) keepPlace(() => settle(card));
}

function neighbour(card, by) {
  const cards = visibleCards(card.closest("[data-part=lane]") ?? document);
  return cards[cards.indexOf(card) + by] ?? null;
}

function besideLane(card, by) {
  const lanes = parts("lane").filter((lane) => visibleCards(lane).length > 0);
  const lane = lanes[lanes.indexOf(card.closest("[data-part=lane]")) + by];
  return lane ? visibleCards(lane)[0] : null;
}

function visibleCards(root) {
  return cardsIn(root).filter((card) => !card.hidden && card.offsetParent !== null);
}
