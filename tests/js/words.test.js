/** Characters, sentences, keys and searching, as people see them; and a catalogue without gaps. */

import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";
import { countGraphemes } from "../../static/js/lib/graphemes.js";
import { newKey } from "../../static/js/lib/keys.js";
import { matches, sharedWords } from "../../static/js/lib/matching.js";
import { speak, timeOfDay } from "../../static/js/lib/words.js";

for (const [text, count] of [["", 0], ["  wie?\n", 4], ["café", 4], ["cafe\u0301", 4], ["👨‍👩‍👧‍👦", 1], ["👍🏽!", 2], ["e\u0301\u0327", 1]]) {
  test(`${JSON.stringify(text)} has ${count} characters`, () => assert.equal(countGraphemes(text), count));
  test(`${JSON.stringify(text)} has ${count} characters in an old browser too`, () => assert.equal(countGraphemes(text, null), count));
}

test("blanks are filled, unknown ones stay, and a missing sentence shows its key", () => {
  const say = speak({ received: "Ontvangen, nr. {number}", odd: "{constructor} {x}" });

  assert.equal(say("received", { number: 17 }), "Ontvangen, nr. 17");
  assert.equal(say("odd", { y: 1 }).includes("{x}"), true);
  assert.equal(say("missing"), "missing");
});

test("what people type is no blank of ours", () => {
  assert.equal(speak({ about: "{text}, no. {number}" })("about", { text: "{number}", number: 3 }), "{number}, no. 3");
});

test("a time is written as the reader writes it", () => {
  const moment = new Date(2026, 11, 1, 20, 4);

  assert.equal(timeOfDay(moment, "nl"), "20.04");
  assert.equal(timeOfDay(moment, "en"), "20:04");
});

test("keys are UUIDs of version 4, on plain http too", () => {
  const plain = { getRandomValues: (bytes) => globalThis.crypto.getRandomValues(bytes) };
  const form = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

  assert.match(newKey(), form);
  assert.match(newKey(plain), form);
  assert.notEqual(newKey(plain), newKey(plain));
});

test("a search finds every word, without accents or capitals", () => {
  assert.equal(matches("veiligheid OP straat", "Hoe zit het op straat met de veiligheid?"), true);
  assert.equal(matches("cafe", "Het Café"), true);
  assert.equal(matches("17", "17 Waar komt het?"), true);
  assert.equal(matches("school", "Hoe zit het met de veiligheid?"), false);
});

test("likely doubles share more words", () => {
  const asked = "Hoeveel mensen komen er in de opvang?";

  assert.ok(sharedWords(asked, "Hoeveel mensen wonen er straks in de opvang?") > sharedWords(asked, "Wie betaalt dit?"));
});

test("every sentence the screens say is in the catalogue, and none is there for nothing", () => {
  const root = new URL("../../static/js/", import.meta.url);
  const files = readdirSync(root, { recursive: true }).filter((name) => name.endsWith(".js"));
  const code = files.map((name) => readFileSync(new URL(name, root), "utf8")).join("\n");
  const said = [...code.matchAll(/\bsay\(([^)]*?)[,)]/g)].flatMap(([, first]) => [...first.matchAll(/"([a-z_]+)"/g)].map(([, key]) => key));
  const known = Object.keys(JSON.parse(readFileSync(new URL("catalogue.json", root), "utf8")));

  assert.deepEqual([...new Set(said)].filter((key) => key !== "undo").sort(), known.sort());
});
