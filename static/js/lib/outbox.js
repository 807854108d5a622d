/** The promise of the phone: what was sent is kept until it is received, or refused for what it says. */

import { LONGEST_RETRY_AFTER, LONGEST_WAIT, waitFor } from "./backoff.js";

// Longer than a request may take, so that two tabs never send the same item at once.
const LEASE = 20_000;

/**
 * @typedef {{key: string, meeting: string, url: string, fields: object, at: number, state: "kept"|"refused",
 *   attempts: number, retryAt: number, notBefore: number, lease: {tab: string, until: number}|null, problem?: object}} Item
 * `retryAt` is our own backoff, which being back online overrules; `notBefore` is the server's word, which nothing overrules.
 */
export class Outbox {
  #store; #send; #newKey; #tab; #tell; #now; #random; #later;
  #draining = null;
  #wanted = false;
  #timer = null;

  /**
   * @param {object} parts
   * @param parts.send  item → Answer (see answers.js)
   * @param parts.tell  called with {what: "kept"|"sending"|"received"|"refused"|"again"|"discarded", item, receipt?, answer?}
   * @param parts.tab   a name of this tab that survives its reload, so that its own lease does not stop it
   */
  constructor({ store, send, newKey, tab, tell = () => {}, now = Date.now, random = Math.random, later = laterBy() }) {
    this.#store = store;
    this.#send = send;
    this.#newKey = newKey;
    this.#tab = tab;
    this.#tell = tell;
    this.#now = now;
    this.#random = random;
    this.#later = later;
  }

  /** Keep {meeting, url, fields, …} under a new key, or the one it was tried under already; only when this has resolved may the field be cleared. Nothing is sent yet: see `drain`. */
  async keep({ key = this.#newKey(), ...what }) {
    const item = { ...what, key, at: this.#now(), ...fresh() };
    await this.#store.put(item);
    this.#tell({ what: "kept", item });
    return item;
  }

  /** What is kept, oldest first, each with the state to show: kept, sending or refused. */
  async items() {
    const now = this.#now();
    return (await this.#store.all()).map((item) => ({ ...item, shown: isLeased(item, now) ? "sending" : item.state }));
  }

  /** Send what is due; `eager` (back online, page shown) does not wait for our own backoff. One drain at a time. */
  drain({ eager = false } = {}) {
    if (this.#draining) {
      this.#wanted ||= eager;
      return this.#draining;
    }
    this.#draining = this.#pass(eager).finally(() => {
      this.#draining = null;
      if (this.#wanted) {
        this.#wanted = false;
        this.drain({ eager: true });
      }
    });
    return this.#draining;
  }

  /** Let go of a refused item, after its text was given back or thrown away on purpose. */
  async discard(key) {
    const done = await this.#store.change(key, (item) => (item.state === "refused" ? null : undefined));
    if (done === null) this.#tell({ what: "discarded", item: { key } });
    return done === null;
  }

  async #pass(eager) {
    for (const item of await this.#store.all()) {
      if (!isDue(item, this.#now(), eager)) continue;
      const answer = await this.#try(item.key);
      if (answer?.outcome === "again" && answer.everywhere) break;
    }
    await this.#plan();
  }

  async #try(key) {
    const item = await this.#store.change(key, (found) => this.#claim(found));
    if (!item) return undefined; // another tab sends it, or has sent it
    this.#tell({ what: "sending", item });
    const answer = await this.#send(item);
    const settled = await this.#store.change(key, (found) => this.#settle(found, answer));
    this.#report(answer, item, settled);
    return answer;
  }

  #claim(item) {
    const now = this.#now();
    if (item.state !== "kept" || (isLeased(item, now) && item.lease.tab !== this.#tab)) return undefined;
    return { ...item, lease: { tab: this.#tab, until: now + LEASE } };
  }

  #settle(item, answer) {
    if (answer.outcome === "received") return null;
    if (item.lease?.tab !== this.#tab) return undefined;
    const free = { ...item, lease: null };
    if (answer.outcome === "refused") return { ...free, state: "refused", problem: answer.problem };
    const now = this.#now();
    return { ...free, attempts: item.attempts + 1, retryAt: now + waitFor(item.attempts, this.#random), notBefore: answer.after ? now + answer.after : 0 };
  }

  #report(answer, item, settled) {
    if (answer.outcome === "received") this.#tell({ what: "received", item, receipt: answer.body });
    else this.#tell({ what: answer.outcome, item: settled ?? item, answer });
  }

  async #plan() {
    const now = this.#now();
    const moments = (await this.#store.all()).filter((item) => item.state === "kept").map((item) => nextMoment(item, now));
    this.#timer?.();
    this.#timer = moments.length ? this.#later(() => this.drain(), Math.min(LONGEST_WAIT, Math.max(100, Math.min(...moments) - now))) : null;
  }
}

function fresh() {
  return { state: "kept", attempts: 0, retryAt: 0, notBefore: 0, lease: null };
}

function isLeased(item, now) {
  return item.lease !== null && isAhead(item.lease.until, now, LEASE);
}

function isDue(item, now, eager) {
  const mayNot = isAhead(item.notBefore, now, LONGEST_RETRY_AFTER);
  return item.state === "kept" && !mayNot && (eager || !isAhead(item.retryAt, now, LONGEST_WAIT));
}

function nextMoment(item, now) {
  return Math.max(item.retryAt, item.notBefore, item.lease?.until ?? 0, now);
}

// A moment further ahead than we ever set one means that the clock was set back.
function isAhead(moment, now, longest) {
  return moment > now && moment <= now + longest;
}

function laterBy() {
  return (work, wait) => {
    const timer = setTimeout(work, wait);
    return () => clearTimeout(timer);
  };
}
