/** The live channel: the only file that knows Socket.IO. It says how the connection is, and passes on what the server tells. */

import { between } from "./lib/backoff.js";

const HANDSHAKE = 10_000;
const OPENING = 8_000;
// A connection that breaks sooner than this counts as a failure, else a server that turns us away is asked without end.
const STABLE = 5_000;
// The server is heard every 8 seconds. A line that is silent for longer is dead, whatever the browser thinks of it.
const SILENT = 12_000;
const FAILURES_BEFORE_POLLING = 2;
const POLL = [3_000, 5_000];
// How long to wait before the next try at a WebSocket, by how often it failed in a row.
const RETRIES = [[2_000, 5_000], [2_000, 5_000], [20_000, 30_000]];

/**
 * Stay in touch with a meeting until the page goes.
 * @param {object} parts
 * @param parts.facts    {meeting, screen, lang}
 * @param parts.on       {changed, counted, mine, pulse}: what to do with each message
 * @param parts.refetch  fetch again all that may have been missed; answers whether the server was heard
 * @param parts.onState  called with {state: "live"|"polling"|"offline", since}: since when nothing was heard
 */
export function connect({ facts, on, refetch, onState }) {
  return new Channel({ facts, on, refetch, onState });
}

class Channel {
  #facts; #on; #refetch; #onState;
  #socket = null; #failures = 0; #heard = Date.now(); #state = null; #liveSince = null; #missed = false;
  #retry = null; #poll = null; #handshake = null; #silence = null;

  constructor({ facts, on, refetch, onState }) {
    this.#facts = facts;
    this.#on = on;
    this.#refetch = refetch;
    this.#onState = onState;
    this.#listenToPage();
    this.#open();
  }

  get isLive() {
    return this.#socket?.connected === true;
  }

  /** When the server was last heard, by either way; its pings count, an open socket alone does not. */
  get heard() {
    return this.#heard;
  }

  async #open() {
    try {
      this.#socket ??= await this.#makeSocket();
      this.#attempt();
    } catch {
      this.#failed(); // the library itself could not be fetched
    }
  }

  async #makeSocket() {
    const { io } = await import("../vendor/socket.io.esm.min.js");
    const { meeting, screen, lang } = this.#facts;
    // When to try again is decided here: the library's own way knows no polling in between.
    const socket = io({ transports: ["websocket"], auth: { meeting, screen, lang }, reconnection: false, autoConnect: false, timeout: OPENING });
    socket.on("connect", () => this.#connected());
    socket.on("disconnect", () => this.#lost());
    socket.on("connect_error", () => this.#failed());
    socket.on("bye", () => this.#leave());
    socket.io.on("ping", () => this.#hear());
    socket.onAny(() => this.#hear());
    for (const [name, handle] of Object.entries(this.#on)) socket.on(name, handle);
    return socket;
  }

  #attempt() {
    clearTimeout(this.#retry);
    clearTimeout(this.#handshake);
    if (this.isLive) return;
    this.#socket.connect();
    // Some proxies let the connection through and then swallow what is said over it.
    this.#handshake = setTimeout(() => this.#giveUp(), HANDSHAKE);
  }

  #giveUp() {
    if (this.isLive) return;
    this.#socket.disconnect();
    this.#failed();
  }

  #connected() {
    clearTimeout(this.#handshake);
    clearTimeout(this.#poll);
    this.#poll = null;
    this.#liveSince = Date.now();
    this.#hear();
    this.#become("live");
    if (this.#missed) this.#fetchMissed();
    this.#missed = true;
  }

  #lost() {
    const lived = this.#liveSince === null ? 0 : Date.now() - this.#liveSince;
    this.#liveSince = null;
    if (lived < STABLE) return this.#failed();
    this.#failures = 0;
    this.#become("offline");
    this.#tryLater(RETRIES[0]);
  }

  #failed() {
    clearTimeout(this.#handshake);
    this.#failures += 1;
    this.#missed = true;
    if (this.#state !== "polling") this.#become("offline");
    this.#tryLater(RETRIES[Math.min(this.#failures, RETRIES.length - 1)]);
    if (this.#failures >= FAILURES_BEFORE_POLLING) this.#startPolling();
  }

  // The server says it is going away: leave quietly, and do not all come back in the same second.
  #leave() {
    this.#failures = 0;
    this.#socket.disconnect();
    this.#tryLater(RETRIES[1]);
  }

  #tryLater([least, most]) {
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#open(), between(least, most));
  }

  #startPolling() {
    if (this.#poll !== null) return;
    this.#planPoll(0);
  }

  #planPoll(wait = between(...POLL)) {
    this.#poll = setTimeout(async () => {
      if (!document.hidden) await this.#fetchMissed();
      if (!this.isLive && this.#poll !== null) this.#planPoll();
    }, wait);
  }

  async #fetchMissed() {
    const isHeard = await this.#refetch();
    if (isHeard) this.#hear();
    if (!this.isLive) this.#become(isHeard ? "polling" : "offline");
  }

  #hear() {
    this.#heard = Date.now();
    clearTimeout(this.#silence);
    if (this.isLive) this.#silence = setTimeout(() => this.#socket.disconnect(), SILENT);
  }

  #become(state) {
    const isNew = state !== this.#state;
    this.#state = state;
    if (isNew) this.#onState({ state, since: this.#heard });
  }

  #listenToPage() {
    const back = () => {
      this.#fetchMissed();
      if (!this.isLive && this.#socket) this.#open();
    };
    addEventListener("online", back);
    addEventListener("pageshow", (event) => event.persisted && back());
    document.addEventListener("visibilitychange", () => !document.hidden && back());
  }
}
