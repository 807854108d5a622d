/** What counts as received, as refused, and as not now. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { classify, isFacts, isReceipt, send } from "../../static/js/lib/answers.js";
import { aProblem, html, json } from "./makers.js";

const opaque = { type: "opaqueredirect", status: 0, ok: false, headers: new Headers() };
const broken = new Response('{"number": 1', { status: 201, headers: { "Content-Type": "application/json" } });
const gateway = new Response("<h1>502</h1>", { status: 502, headers: { "Content-Type": "text/html" } });

for (const [situation, response, outcome] of [
  ["a new question", () => json(201, { id: 17, number: 17 }), "received"],
  ["the same question again", () => json(200, { id: 17, number: 17 }), "received"],
  ["a captive portal's page", () => html(200), "again"],
  ["a captive portal's JSON", () => json(200, { portal: "please sign in" }), "again"],
  ["JSON cut off half way", () => broken, "again"],
  ["a redirect to somewhere else", () => opaque, "again"],
  ["a text that is too long", () => aProblem("invalid", 422), "refused"],
  ["a meeting that takes no more questions", () => aProblem("not-open", 409), "refused"],
  ["a key used for another text", () => aProblem("key-taken", 409), "refused"],
  ["a request from a foreign page", () => aProblem("foreign", 403), "refused"],
  ["a body that is too large", () => aProblem("too-large", 413), "refused"],
  ["a meeting that is gone", () => aProblem("not-found", 404), "refused"],
  ["a proxy's 404", () => html(404), "again"],
  ["a proxy's 403", () => html(403), "again"],
  ["a stranger's problem", () => json(422, { type: "about:blank", title: "No" }), "again"],
  ["too many at once", () => aProblem("too-many", 429), "again"],
  ["a request that took too long", () => html(408), "again"],
  ["a server that is busy", () => aProblem("unavailable", 503), "again"],
  ["a gateway without a server", () => gateway, "again"],
  ["a server that broke", () => html(500), "again"],
]) {
  test(`${situation} is "${outcome}"`, async () => assert.equal((await classify(response(), isReceipt)).outcome, outcome));
}

test("a refusal brings its sentence along", async () => {
  const answer = await classify(aProblem("invalid", 422, { errors: { text: "Too long." } }), isReceipt);

  assert.equal(answer.problem.title, "This is invalid.");
  assert.deepEqual(answer.problem.errors, { text: "Too long." });
});

test("Retry-After is passed on", async () => {
  const answer = await classify(aProblem("too-many", 429, {}), isReceipt);
  const later = await classify(json(503, {}, { "Retry-After": "12" }), isReceipt);

  assert.equal(answer.after, 0);
  assert.equal(later.after, 12_000);
});

test("a line that is down is no error of the page", async () => {
  const answer = await send("/x", { fetch: async () => { throw new TypeError("Failed to fetch"); } });

  assert.deepEqual([answer.outcome, answer.reason], ["again", "offline"]);
});

test("a server that never answers is given up", async () => {
  const never = (url, { signal }) => new Promise((resolve, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));

  assert.equal((await send("/x", { fetch: never, timeout: 20 })).outcome, "again");
});

test("fields go as a form, empty ones of no value are left out, and redirects are not followed", async () => {
  let asked;
  await send("/x", { fields: { text: "Waarom?", name: undefined }, proves: isFacts, fetch: async (url, request) => { asked = request; return json(200, {}); } });

  assert.equal(asked.body.toString(), "text=Waarom%3F");
  assert.equal(asked.redirect, "manual");
  assert.equal(asked.headers.Accept, "application/json");
});
