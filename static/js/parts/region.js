/** The live region of a page: what it shows now, how changes are applied, and how it is fetched again when something was missed. */

import { between } from "../lib/backoff.js";
import { isOlder, onChanged, onPulse } from "../lib/revision.js";
import { applyCard, applyCounts, heldCards, settle, tidyLanes } from "./cards.js";
import { morph, morphReady } from "./morph.js";
import { keepPlace, whenStill } from "./stillness.js";

// After an outage a whole hall comes back at once; spread over this many milliseconds.
const SPREAD = 800;
const TIMEOUT = 12_000;

export class Region {
  #url; #after; #missed; #etag = null; #fetching = null; #again = false;
  // Counts newer than what a fetched region may hold, by question.
  #counted = new Map();

  /**
   * @param {object} parts
   * @param parts.after   runs after every change of the region
   * @param parts.missed  runs when a message tells that others were missed
   */
  constructor({ url, after = () => {}, missed = () => {} }) {
    this.#url = url;
    this.#after = after;
    this.#missed = missed;
    this.#changed();
  }

  get element() {
    return document.getElementById("live");
  }

  /** @returns {import("../lib/revision.js").Known} */
  get known() {
    return knownBy(this.element);
  }

  changed(message) {
    whenStill(() => {
      this.#setView(message.meeting?.view);
      const verdict = onChanged(this.known, message);
      if (verdict === "refetch") this.#catchUp();
      if (verdict !== "apply") return;
      keepPlace(() => {
        message.cards.forEach(applyCard);
        this.element.dataset.revision = message.revision;
        this.#changed();
      });
    });
  }

  // Counts wait their turn too: a card that was drawn before them must not overwrite them.
  counted({ supports, counts }) {
    whenStill(() => {
      // Not `<=`: two gathered messages may carry the same counter, each with the counts of its own questions.
      if (supports < this.known.supports) return;
      for (const [id, count] of Object.entries(counts)) this.#counted.set(id, { count, supports });
      this.element.dataset.supports = supports;
      applyCounts(counts);
    });
  }

  pulse(message) {
    whenStill(() => {
      this.#setView(message.meeting?.view);
      if (onPulse(this.known, message) === "refetch") this.#catchUp();
    });
  }

  /** Fetch the region again, one at a time; answers whether the server was heard. */
  refetch({ spread = SPREAD } = {}) {
    if (this.#fetching) {
      this.#again = true;
      return this.#fetching;
    }
    this.#fetching = this.#fetch(spread).catch(() => false).finally(() => {
      this.#fetching = null;
      if (this.#again) {
        this.#again = false;
        this.refetch();
      }
    });
    return this.#fetching;
  }

  #catchUp() {
    this.#missed();
    this.refetch();
  }

  async #fetch(spread) {
    await new Promise((resolve) => setTimeout(resolve, between(0, spread)));
    await morphReady;
    this.#again = false; // what was asked for while waiting is answered by this request
    const response = await fetchPage(this.#url, this.#etag);
    if (response.status === 304) return true;
    const fresh = response.ok && parse(await response.text(), "live");
    if (!fresh) return false;
    whenStill(() => this.#become(fresh, response.headers.get("ETag")));
    return true;
  }

  #become(fresh, etag) {
    const known = this.known;
    if (isOlder(knownBy(fresh), known)) return;
    this.#etag = etag;
    heldCards().forEach(settle);
    keepPlace(() => {
      morph(this.element, fresh);
      this.#keepNewerCounts(known);
      this.#changed();
    });
  }

  // The answer may have been drawn before counts that were shown already.
  #keepNewerCounts(before) {
    const { epoch, supports } = this.known;
    if (epoch !== before.epoch) this.#counted.clear();
    for (const [id, newest] of this.#counted) {
      if (newest.supports > supports) applyCounts({ [id]: newest.count });
      else this.#counted.delete(id);
    }
    if (epoch === before.epoch && before.supports > supports) this.element.dataset.supports = before.supports;
  }

  #changed() {
    tidyLanes();
    this.#after(this.known);
  }

  #setView(view) {
    if (!view || view === this.element.dataset.view) return;
    this.element.dataset.view = view;
    this.#after(this.known);
  }
}

/** Fetch HTML of our own; a sign-in page or portal that was redirected to is an error. */
export async function fetchPage(url, etag = null) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TIMEOUT);
  try {
    const headers = { Accept: "text/html", ...(etag && { "If-None-Match": etag }) };
    const response = await fetch(url, { headers, signal: stop.signal, credentials: "same-origin", cache: "no-store", redirect: "manual" });
    // Read whole within the time allowed, so that a stalled body counts as no answer.
    const text = response.ok ? await response.text() : "";
    return { ok: response.ok, status: response.status, headers: response.headers, text: async () => text };
  } finally {
    clearTimeout(timer);
  }
}

/** The element with this id in a piece of HTML, or null. */
export function parse(html, id) {
  return new DOMParser().parseFromString(html, "text/html").getElementById(id);
}

function knownBy({ dataset }) {
  const { epoch, revision, supports, state, view } = dataset;
  return { epoch, revision: Number(revision), supports: Number(supports), state, view };
}
