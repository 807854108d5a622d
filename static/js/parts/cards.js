/** Cards in their lanes: put, take away, count; the same list that a reload would show. */

import { laneFor, placeOf } from "../lib/order.js";
import { drawn, morph } from "./morph.js";
import { part, parts } from "./page.js";

/**
 * May a card be moved or taken now? A screen may ask to leave a card where it is (somebody works on it);
 * what should happen to it is then done by `settle`.
 */
let mayMove = () => true;
export const holdCardsUnless = (test) => { mayMove = test; };

const held = new Map();

/** Put one card of a `changed` message in its place, or take it away when there is nothing to show. */
export function applyCard(change) {
  const here = cardWithId(change.id);
  const lane = change.html === null ? undefined : laneFor(change.state, lanes());
  if (!lane) return here && leave(here, change);
  const card = here ? morph(here, drawn(change.html)) : drawn(change.html);
  card.dataset.order = change.order;
  arrive(card, lane);
}

/** Set counts that others raised: absolute numbers by question. */
export function applyCounts(counts) {
  for (const [id, count] of Object.entries(counts)) {
    for (const card of document.querySelectorAll(`[data-part=card][data-id="${id}"], [data-part=mine-card][data-id="${id}"]`)) {
      for (const place of parts("support-count", card)) place.textContent = count;
      if ("count" in card.dataset) card.dataset.count = count;
    }
  }
}

/** Do what was put off for a card while somebody worked on it. */
export function settle(card) {
  const change = held.get(card);
  if (!held.delete(card) || !card.isConnected) return;
  part("moved", card)?.remove();
  if (change.gone) card.remove();
  else insert(card, lanes().find((lane) => lane.element === change.lane) ?? laneFor(card.dataset.state, lanes()));
  tidyLanes();
}

export const heldCards = () => [...held.keys()];

/** Keep the count and the empty text of every lane right. */
export function tidyLanes() {
  for (const { element, list } of lanes()) {
    const count = cardsIn(list).length;
    for (const place of parts("lane-count", element)) place.textContent = count;
    for (const place of parts("empty", element)) place.hidden = count > 0;
  }
}

export const cardWithId = (id) => document.querySelector(`[data-part=card][data-id="${id}"]`);
/** The words of the question itself, without those of its buttons. */
export function wordsOf(card) {
  const words = part("text", card) ?? document.getElementById(card.getAttribute("aria-labelledby"));
  return words?.textContent.trim() ?? "";
}

export const cardsIn = (list) => parts("card", list);
export const placeFactsOf = (card) => ({ id: Number(card.dataset.id), order: Number(card.dataset.order) });

/** Put an element in a sorted list; one that is in its place already is not touched. */
export function insertSorted(card, list, siblings, newestFirst = false) {
  const others = siblings.filter((other) => other !== card);
  const place = placeOf(placeFactsOf(card), others.map(placeFactsOf), newestFirst);
  const next = others[place] ?? null;
  if (card.parentElement === list && following(card, others) === next) return;
  move(card, list, next);
}

function lanes() {
  return parts("lane").map((element) => ({
    element,
    list: part("cards", element),
    states: (element.dataset.states ?? "").split(/\s+/),
    newestFirst: element.dataset.newest === "first",
  })).filter((lane) => lane.list);
}

function arrive(card, lane) {
  if (card.isConnected && !lane.element.contains(card) && !mayMove(card)) {
    held.set(card, { lane: lane.element });
    return;
  }
  held.delete(card);
  insert(card, lane);
}

function leave(card, change) {
  if (mayMove(card)) {
    held.delete(card);
    card.remove();
    return;
  }
  card.dataset.state = change.state ?? card.dataset.state;
  held.set(card, { gone: true });
}

function insert(card, lane) {
  if (lane) insertSorted(card, lane.list, cardsIn(lane.list), lane.newestFirst);
}

function following(card, others) {
  return others.find((other) => card.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING) ?? null;
}

// Moving an element takes its focus away; a card keeps it.
function move(card, list, next) {
  const focused = card.contains(document.activeElement) ? document.activeElement : null;
  list.insertBefore(card, next);
  focused?.focus({ preventScroll: true });
}
