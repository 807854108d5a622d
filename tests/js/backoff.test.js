/** How long the phone waits before it tries again. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { LONGEST_WAIT, between, retryAfter, waitFor } from "../../static/js/lib/backoff.js";

test("a wait is spread over the whole span, which doubles up to thirty seconds", () => {
  const longest = [0, 1, 2, 3, 4, 5, 6, 50].map((attempt) => waitFor(attempt, () => 1));

  assert.deepEqual(longest, [1000, 2000, 4000, 8000, 16000, LONGEST_WAIT, LONGEST_WAIT, LONGEST_WAIT]);
});

test("no wait is so short that it becomes a loop", () => {
  for (let attempt = 0; attempt < 20; attempt += 1) assert.ok(waitFor(attempt, () => 0) >= 200);
});

test("random waits stay within their bounds", () => {
  for (let round = 0; round < 500; round += 1) {
    const wait = waitFor(round % 12);

    assert.ok(wait >= 200 && wait <= LONGEST_WAIT, String(wait));
  }
});

const now = Date.parse("2026-12-01T19:30:00Z");
for (const [header, milliseconds] of [
  ["7", 7000],
  [" 120 ", 120_000],
  ["Tue, 01 Dec 2026 19:30:09 GMT", 9000],
  ["Tue, 01 Dec 2026 19:00:00 GMT", 0],
  ["999999999", 600_000],
  ["soon", 0],
  ["-5", 0],
  [null, 0],
]) {
  test(`Retry-After ${header} asks for ${milliseconds} ms`, () => assert.equal(retryAfter(header, now), milliseconds));
}

test("a moment between two is between them", () => {
  assert.equal(between(20, 30, () => 0), 20);
  assert.equal(between(20, 30, () => 1), 30);
});
