/** Where a card goes. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { compare, laneFor, placeOf } from "../../static/js/lib/order.js";

const card = (id, order) => ({ id, order });
const wall = [card(3, 1), card(1, 2), card(2, 2), card(9, 5)];

for (const [situation, one, newestFirst, place] of [
  ["the first", card(4, 0), false, 0],
  ["the last", card(4, 9), false, 4],
  ["one between", card(4, 3), false, 3],
  ["the same order: by id", card(4, 2), false, 3],
  ["a card that is there already, unchanged", card(1, 2), false, 2],
  ["a card that is there already and goes up", card(9, 0), false, 0],
]) {
  test(`${situation} goes to place ${place}`, () => assert.equal(placeOf(one, wall, newestFirst), place));
}

test("in a lane with the newest first the same cards stand the other way round", () => {
  const done = [...wall].reverse();

  assert.equal(placeOf(card(4, 9), done, true), 0);
  assert.equal(placeOf(card(4, 0), done, true), 4);
});

test("putting cards in one by one, in any order, gives the sorted list", () => {
  for (const newestFirst of [false, true]) {
    for (let round = 0; round < 200; round += 1) {
      const cards = Array.from({ length: 12 }, (_, id) => card(id, Math.floor(Math.random() * 6)));
      const placed = [];
      for (const one of [...cards].sort(() => Math.random() - 0.5)) placed.splice(placeOf(one, placed, newestFirst), 0, one);

      assert.deepEqual(placed, [...cards].sort((a, b) => compare(a, b, newestFirst)));
    }
  }
});

test("a card belongs to the lane that has its state, or to none", () => {
  const lanes = [{ states: ["waiting"] }, { states: ["answered", "deferred"] }];

  assert.equal(laneFor("deferred", lanes), lanes[1]);
  assert.equal(laneFor("declined", lanes), undefined);
});
