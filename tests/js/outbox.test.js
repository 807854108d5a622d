/** The promise of the phone: nothing sent is lost, nothing is sent twice for nothing, and a refusal gives the text back. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { classify, isReceipt } from "../../static/js/lib/answers.js";
import { newKey } from "../../static/js/lib/keys.js";
import { Outbox } from "../../static/js/lib/outbox.js";
import { Store, openMemory, openWebStorage } from "../../static/js/lib/store.js";
import { aProblem, aStorage, html, json } from "./makers.js";

const question = { meeting: "K7PM2Q", url: "/m/K7PM2Q/questions", fields: { kind: "question", text: "Wie beslist hierover?" } };

/** A hall: one clock, one store that all tabs share, and a server that answers as told and remembers by key. */
function aHall({ layer = openMemory() } = {}) {
  const hall = { now: 10_000_000, sent: [], told: [], timers: [], received: new Map(), answer: null };
  const store = new Store([layer]);
  hall.store = store;
  hall.serve = async (item) => {
    hall.sent.push(item.key);
    const answer = await hall.answer?.(item);
    return classify(answer ?? receive(hall, item), isReceipt, hall.now);
  };
  hall.tab = (name = "one") => new Outbox({
    store,
    newKey,
    tab: name,
    send: (item) => hall.serve(item).catch(() => ({ outcome: "again", reason: "offline", after: 0, everywhere: true })),
    tell: ({ what, receipt }) => hall.told.push(receipt ? `${what} ${receipt.number}` : what),
    now: () => hall.now,
    random: () => 1,
    later: (work, wait) => { hall.timers = [{ work, wait }]; return () => { hall.timers = []; }; },
  });
  return hall;
}

function receive(hall, item) {
  const isNew = !hall.received.has(item.key);
  if (isNew) hall.received.set(item.key, hall.received.size + 1);
  return json(isNew ? 201 : 200, { id: 1, number: hall.received.get(item.key) });
}

test("a question is kept, sent, received and let go, in that order", async () => {
  const hall = aHall();
  const outbox = hall.tab();

  await outbox.keep(question);
  await outbox.drain();

  assert.deepEqual(hall.told, ["kept", "sending", "received 1"]);
  assert.deepEqual(await outbox.items(), []);
  assert.deepEqual(hall.timers, []);
});

test("an answer that got lost is asked for again under the same key, and counts once", async () => {
  const hall = aHall();
  const outbox = hall.tab();
  hall.answer = async (item) => { receive(hall, item); throw new TypeError("network"); };

  await outbox.keep(question);
  await outbox.drain();
  hall.answer = null;
  await outbox.drain({ eager: true });

  assert.equal(hall.received.size, 1);
  assert.equal(new Set(hall.sent).size, 1);
  assert.equal(hall.told.at(-1), "received 1");
});

test("control: with a new key at each try the lost answer would make two", async () => {
  const hall = aHall();
  const outbox = hall.tab();
  hall.answer = async (item) => { receive(hall, { ...item, key: newKey() }); throw new TypeError("network"); };

  await outbox.keep(question);
  await outbox.drain();
  await outbox.drain({ eager: true });

  assert.equal(hall.received.size, 2);
});

test("a page reloaded while sending sends again at once, for it is the same tab", async () => {
  const hall = aHall();
  const before = hall.tab("one");
  hall.answer = () => new Promise(() => {});
  const item = await before.keep(question);
  before.drain();
  await settled();

  hall.answer = null;
  await hall.tab("one").drain();

  assert.equal(hall.received.size, 1);
  assert.deepEqual(hall.sent, [item.key, item.key]);
});

test("a tab that was closed while sending is followed up by another after its lease", async () => {
  const hall = aHall();
  hall.answer = () => new Promise(() => {});
  const closed = hall.tab("one");
  await closed.keep(question);
  closed.drain();
  await settled();

  hall.answer = null;
  const other = hall.tab("two");
  await other.drain({ eager: true });
  const during = hall.received.size;
  hall.now += hall.timers[0].wait;
  await hall.timers[0].work();

  assert.equal(during, 0);
  assert.equal(hall.received.size, 1);
});

test("two tabs drain once", async () => {
  const hall = aHall();
  const [one, two] = [hall.tab("one"), hall.tab("two")];
  for (let number = 0; number < 20; number += 1) await one.keep(question);

  await Promise.all([one.drain(), two.drain(), two.drain({ eager: true })]);
  await settled();

  assert.equal(hall.sent.length, 20);
  assert.equal(new Set(hall.sent).size, 20);
});

test("an answer that comes after the lease does not bring a received question back", async () => {
  const hall = aHall();
  let fail;
  hall.answer = () => new Promise((resolve, reject) => { fail = reject; });
  const slow = hall.tab("one");
  await slow.keep(question);
  const draining = slow.drain();
  await settled();
  hall.now += 25_000;
  hall.answer = null;
  await hall.tab("two").drain();

  fail(new TypeError("network"));
  await draining;

  assert.deepEqual(await slow.items(), []);
});

test("a captive portal is being offline: the question stays, and is sent later", async () => {
  const hall = aHall();
  const outbox = hall.tab();
  hall.answer = () => html(200);

  await outbox.keep(question);
  await outbox.drain();

  assert.deepEqual((await outbox.items()).map((item) => item.shown), ["kept"]);
  assert.equal(hall.timers[0].wait, 1000);
});

test("offline, the other questions are not tried one by one", async () => {
  const hall = aHall();
  const outbox = hall.tab();
  hall.answer = () => { throw new TypeError("network"); };
  for (let number = 0; number < 5; number += 1) await outbox.keep(question);

  await outbox.drain();

  assert.equal(hall.sent.length, 1);
});

test("one question on which the server breaks does not hold up the rest", async () => {
  const hall = aHall();
  const outbox = hall.tab();
  const poison = await outbox.keep(question);
  await outbox.keep(question);
  hall.answer = (item) => (item.key === poison.key ? html(500) : null);

  await outbox.drain();

  assert.equal(hall.received.size, 1);
  assert.deepEqual((await outbox.items()).map((item) => item.key), [poison.key]);
});

test("Retry-After is honoured, even when the phone comes back online meanwhile", async () => {
  const hall = aHall();
  const outbox = hall.tab();
  hall.answer = () => json(429, { type: "urn:problem:too-many", title: "Slowly." }, { "Retry-After": "60" });
  await outbox.keep(question);
  await outbox.drain();

  hall.answer = null;
  await outbox.drain({ eager: true });
  const tooSoon = hall.received.size;
  hall.now += 60_000;
  await outbox.drain();

  assert.equal(tooSoon, 0);
  assert.equal(hall.received.size, 1);
});

test("our own backoff is overruled by coming back online", async () => {
  const hall = aHall();
  const outbox = hall.tab();
  hall.answer = () => html(502);
  await outbox.keep(question);
  await outbox.drain();
  hall.answer = null;

  await outbox.drain();
  const waiting = hall.received.size;
  await outbox.drain({ eager: true });

  assert.equal(waiting, 0);
  assert.equal(hall.received.size, 1);
});

test("waits grow to thirty seconds and no further", async () => {
  const hall = aHall();
  const outbox = hall.tab();
  hall.answer = () => html(503);
  await outbox.keep(question);
  const waits = [];

  for (let attempt = 0; attempt < 8; attempt += 1) {
    await outbox.drain({ eager: true });
    waits.push(hall.timers[0].wait);
  }

  assert.deepEqual(waits, [1000, 2000, 4000, 8000, 16000, 30000, 30000, 30000]);
});

test("a refused question keeps its text and sentence until it is taken back, and is not sent again", async () => {
  const hall = aHall();
  const outbox = hall.tab();
  hall.answer = () => aProblem("invalid", 422, { errors: { text: "Too long." } });
  const { key } = await outbox.keep(question);
  await outbox.drain();
  await outbox.drain({ eager: true });

  const [item] = await outbox.items();

  assert.equal(hall.sent.length, 1);
  assert.equal(item.shown, "refused");
  assert.equal(item.fields.text, question.fields.text);
  assert.equal(item.problem.errors.text, "Too long.");
  assert.equal(await outbox.discard(key), true);
  assert.deepEqual(await outbox.items(), []);
});

test("what is not refused cannot be thrown away: it may have been received", async () => {
  const hall = aHall();
  const outbox = hall.tab();
  const { key } = await outbox.keep(question);

  assert.equal(await outbox.discard(key), false);
  assert.equal((await outbox.items()).length, 1);
});

test("a question that cannot be kept anywhere is not accepted, so the field keeps it", async () => {
  const full = { kind: "web", all: async () => [], change: async () => { throw new Error("full"); } };

  await assert.rejects(aHall({ layer: full }).tab().keep(question));
});

test("a clock set back does not keep a lease for ever", async () => {
  const hall = aHall();
  const closed = hall.tab("one");
  hall.answer = () => new Promise(() => {});
  await closed.keep(question);
  closed.drain();
  await settled();
  hall.now -= 3_600_000;
  hall.answer = null;

  await hall.tab("two").drain();

  assert.equal(hall.received.size, 1);
});

test("the outbox survives in web storage, where the page is loaded anew", async () => {
  const storage = aStorage();
  await aHall({ layer: openWebStorage("outbox", storage) }).tab().keep(question);

  const reloaded = aHall({ layer: openWebStorage("outbox", storage) });
  await reloaded.tab().drain();

  assert.equal(reloaded.received.size, 1);
  assert.equal(storage.length, 0);
});

const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
