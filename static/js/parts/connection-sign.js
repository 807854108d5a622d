/** How the connection is, in one calm line: [data-part=connection], role=status. A short gap is not worth a word. */

import { timeOfDay } from "../lib/words.js";
import { facts, part, say } from "./page.js";

const PATIENCE = 4_000;
let timer;

/** @param {{state: "live"|"polling"|"offline", since: number}} connection */
export function showConnection({ state, since }) {
  clearTimeout(timer);
  if (state === "live") return show(state, "");
  const sentence = state === "polling" ? say("connection_polling") : say("connection_offline", { time: timeOfDay(since, facts.lang) });
  timer = setTimeout(() => show(state, sentence), PATIENCE);
}

function show(state, sentence) {
  const sign = part("connection");
  if (!sign) return;
  sign.dataset.state = state;
  // Inside it the words may have a place of their own, beside an icon.
  (part("connection-words", sign) ?? sign).textContent = sentence;
  sign.hidden = sentence === "";
}
