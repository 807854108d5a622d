/** The receipt: keeps an asker's own page fresh while it is being looked at. */

import { between } from "../lib/backoff.js";
import { morph, morphReady } from "../parts/morph.js";
import { part } from "../parts/page.js";
import { fetchPage } from "../parts/region.js";
import { keepPlace, watchPointer, whenStill } from "../parts/stillness.js";

const EVERY = [9_000, 11_000];
let etag = null;

watchPointer();
plan();
document.addEventListener("visibilitychange", () => !document.hidden && refresh().catch(() => {}));

function plan() {
  setTimeout(async () => {
    if (!document.hidden) await refresh().catch(() => {}); // offline: the next round tries again
    plan();
  }, between(...EVERY));
}

async function refresh() {
  await morphReady;
  const response = await fetchPage(location.pathname + location.search, etag);
  if (!response.ok) return;
  const fresh = part("receipt", new DOMParser().parseFromString(await response.text(), "text/html"));
  if (!fresh) return;
  etag = response.headers.get("ETag");
  whenStill(() => keepPlace(() => morph(part("receipt"), fresh)));
}
