/** Letters for the tenth row, and pages of a long wall. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { largestFit, pagesOf } from "../../static/js/lib/fit.js";

test("the largest size that fits is found, wherever it lies", () => {
  for (let limit = 40; limit <= 180; limit += 1) {
    assert.equal(largestFit({ least: 40, most: 180, fits: (size) => size <= limit }), limit);
  }
});

test("a text that never fits gets the least size, which may be read at least", () => {
  assert.equal(largestFit({ least: 43, most: 180, fits: () => false }), 43);
});

test("a screen too small for the least size keeps it", () => {
  assert.equal(largestFit({ least: 50, most: 20, fits: () => true }), 50);
});

test("few measurements are needed", () => {
  let measured = 0;
  largestFit({ least: 40, most: 200, fits: (size) => { measured += 1; return size < 77; } });

  assert.ok(measured <= 8, String(measured));
});

const box = (id, start, end) => ({ id, start, end });

test("cards that fit together share a page; one that is too tall has its own", () => {
  const boxes = [box("a", 0, 40), box("b", 40, 90), box("c", 90, 300), box("d", 300, 320), box("e", 320, 390)];

  assert.deepEqual(pagesOf(boxes, 100), [["a", "b"], ["c"], ["d", "e"]]);
});

test("cards side by side stay on one page", () => {
  assert.deepEqual(pagesOf([box("a", 0, 50), box("b", 0, 60), box("c", 60, 110), box("d", 60, 120)], 100), [["a", "b"], ["c", "d"]]);
});

test("an empty wall has no page", () => assert.deepEqual(pagesOf([], 100), []));
