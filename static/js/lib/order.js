/** Where a card goes: which lane, and which place in it. */

/** @typedef {{id: number, order: number}} Place */

/** Sort by order, then by id; a lane with the newest first is the same list read backwards. */
export function compare(a, b, newestFirst = false) {
  const difference = a.order - b.order || a.id - b.id;
  return newestFirst ? -difference : difference;
}

/** The place in `cards` before which `card` belongs; `cards.length` means at the end. The card itself is left out of account. */
export function placeOf(card, cards, newestFirst = false) {
  const next = cards.findIndex((other) => other.id !== card.id && compare(card, other, newestFirst) < 0);
  return next === -1 ? cards.length : next;
}

/** The first lane whose states hold this one; undefined when this screen does not show such cards. */
export function laneFor(state, lanes) {
  return lanes.find((lane) => lane.states.includes(state));
}
