/** The house rules of the browser's code: who may know what, and vendored files as they were published. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { test } from "node:test";

const root = new URL("../../static/", import.meta.url);
const files = readdirSync(new URL("js/", root), { recursive: true }).filter((name) => name.endsWith(".js"));
const codeOf = (name) => readFileSync(new URL(`js/${name}`, root), "utf8");

test("only live.js knows Socket.IO", () => {
  assert.deepEqual(files.filter((name) => /socket\.io/i.test(codeOf(name))), ["live.js"]);
});

test("lib never touches the page", () => {
  const guilty = files.filter((name) => name.startsWith("lib/") && /\b(document|window|navigator|location)\b\s*\./.test(codeOf(name)));

  assert.deepEqual(guilty, []);
});

test("HTML is only ever made from what the server drew", () => {
  const makers = files.filter((name) => /innerHTML|insertAdjacentHTML|outerHTML\s*=|document\.write|parseFromString/.test(codeOf(name)));

  assert.deepEqual(makers.sort(), ["parts/mine.js", "parts/morph.js", "parts/region.js", "screens/receipt.js"]);
});

test("code is hooked on data-part and data-action, never on classes", () => {
  const guilty = files.filter((name) => /(querySelector(All)?|closest|matches)\(\s*["'`][^"'`]*\.[a-z]|getElementsByClassName|classList/.test(codeOf(name)));

  assert.deepEqual(guilty, []);
});

test("every module opens with what it is for", () => {
  assert.deepEqual(files.filter((name) => !codeOf(name).startsWith("/** ")), []);
});

test("vendored files are as they were published", () => {
  const lines = readFileSync(new URL("vendor/checksums.txt", root), "utf8").trim().split("\n");

  for (const [sum, name] of lines.map((line) => line.split(/\s+/))) {
    assert.equal(createHash("sha256").update(readFileSync(new URL(`vendor/${name}`, root))).digest("hex"), sum, name);
  }
  assert.ok(lines.length >= 4);
});
