/** Where the outbox keeps things, and what it does when a place refuses. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Store, openMemory, openStore, openWebStorage } from "../../static/js/lib/store.js";
import { aStorage } from "./makers.js";

const anItem = (key = "a", at = 1) => ({ key, at, text: "Waarom hier?" });

test("without IndexedDB web storage is used, and without that memory; the store says which", async () => {
  const web = await openStore("outbox", { storage: aStorage() });
  const memory = await openStore("outbox", { storage: aStorage({ full: true }) });

  assert.equal(web.kind, "web");
  assert.equal(memory.kind, "memory");
});

test("a database that never answers does not keep the resident waiting", { timeout: 5000 }, async () => {
  const store = await openStore("outbox", { indexedDB: { open: () => ({}) }, storage: aStorage() });

  assert.equal(store.kind, "web");
});

test("an item that the strongest place refuses goes to the next", async () => {
  const full = { kind: "indexeddb", all: async () => [], change: async () => { throw new Error("full"); } };
  const store = new Store([full, openMemory()]);

  await store.put(anItem());

  assert.equal(store.kind, "memory");
  assert.deepEqual((await store.all()).map((item) => item.key), ["a"]);
  assert.equal(await store.change("a", () => null), null);
  assert.deepEqual(await store.all(), []);
});

test("items come oldest first, from every place", async () => {
  const [strong, weak] = [openMemory(), openMemory()];
  await strong.change("late", () => anItem("late", 9));
  await weak.change("early", () => anItem("early", 2));

  const all = await new Store([strong, weak]).all();

  assert.deepEqual(all.map((item) => item.key), ["early", "late"]);
});

test("an item that is nowhere is not made by a change", async () => {
  const store = new Store([openMemory()]);

  assert.equal(await store.change("gone", (item) => ({ ...item })), undefined);
  assert.deepEqual(await store.all(), []);
});

test("web storage leaves the entries of others alone", async () => {
  const storage = aStorage();
  storage.setItem("theirs", "not json");
  const layer = openWebStorage("outbox", storage);

  await layer.change("a", () => anItem());

  assert.deepEqual((await layer.all()).map((item) => item.key), ["a"]);
  assert.equal(storage.getItem("theirs"), "not json");
});
