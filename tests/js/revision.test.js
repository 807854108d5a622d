/** Which messages of the live channel count, and which tell that something was missed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { isOlder, onChanged, onPulse } from "../../static/js/lib/revision.js";

const known = { epoch: "a", revision: 12, supports: 40, state: "live", view: "wall" };
const live = { state: "live", view: "wall" };

for (const [situation, message, verdict] of [
  ["the next change", { epoch: "a", previous: 12, revision: 13, meeting: live }, "apply"],
  ["a change of several at once", { epoch: "a", previous: 12, revision: 15, meeting: live }, "apply"],
  ["a change we have", { epoch: "a", previous: 11, revision: 12, meeting: live }, "ignore"],
  ["a change after a gap", { epoch: "a", previous: 13, revision: 14, meeting: live }, "refetch"],
  ["a change that overlaps ours", { epoch: "a", previous: 11, revision: 13, meeting: live }, "refetch"],
  ["another epoch", { epoch: "b", previous: 12, revision: 13, meeting: live }, "refetch"],
  ["a meeting that paused", { epoch: "a", previous: 12, revision: 13, meeting: { ...live, state: "paused" } }, "refetch"],
  ["another view of the hall", { epoch: "a", previous: 12, revision: 13, meeting: { ...live, view: "stage" } }, "apply"],
]) {
  test(`${situation}: ${verdict}`, () => assert.equal(onChanged(known, message), verdict));
}

for (const [situation, pulse, verdict] of [
  ["the same", {}, "ignore"],
  ["a later revision", { revision: 13 }, "refetch"],
  ["an earlier revision, overtaken by a change", { revision: 11 }, "ignore"],
  ["more supports", { supports: 41 }, "refetch"],
  ["a new epoch, even with an earlier revision", { epoch: "b", revision: 2 }, "refetch"],
  ["a meeting that closed", { meeting: { state: "closed", view: "wall" } }, "refetch"],
]) {
  test(`a pulse with ${situation}: ${verdict}`, () => assert.equal(onPulse(known, { ...known, meeting: live, ...pulse }), verdict));
}

test("a region fetched before a change arrived is older; one of a new epoch is not", () => {
  assert.equal(isOlder({ ...known, revision: 11 }, known), true);
  assert.equal(isOlder(known, known), false);
  assert.equal(isOlder({ ...known, epoch: "b", revision: 1 }, known), false);
});
