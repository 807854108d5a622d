/** "I have this question too": shown at once, sent as a state, taken back with a sentence when it is refused. */

import { send } from "../lib/answers.js";
import { waitFor } from "../lib/backoff.js";
import { notify } from "./notice.js";
import { facts, parts, say } from "./page.js";

const TRIES = 4;
const supported = new Set((facts.supported ?? []).map(Number));
// What this phone wants, by question, while the server has not said yes to it.
const wanted = new Map();

export function startSupport() {
  addEventListener("submit", (event) => {
    if (!event.target.matches("form[data-action=support]")) return;
    event.preventDefault();
    toggle(event.target);
  });
  markSupported();
}

/** Mark what this phone supports, on cards that were drawn the same for everybody. */
export function markSupported(root = document) {
  for (const form of root.querySelectorAll("form[data-action=support]")) mark(form, isSupported(idOf(form)));
}

function toggle(form) {
  const id = idOf(form);
  const value = !isSupported(id);
  const isSending = wanted.has(id);
  wanted.set(id, value);
  show(id, value ? 1 : -1);
  if (!isSending) sendWanted(id, form.action);
}

// Taps while one is under way change what is wanted; the last one counts.
async function sendWanted(id, url, tries = 0) {
  const value = wanted.get(id);
  const answer = await send(url, { method: "PUT", fields: { supported: value }, proves: (body) => typeof body?.supported === "boolean" });
  if (answer.outcome === "again" && tries < TRIES) {
    const wait = Math.max(answer.after, waitFor(tries));
    setTimeout(() => sendWanted(id, url, tries + 1), wait);
    return;
  }
  if (answer.outcome !== "received") return takeBack(id, answer);
  remember(id, value);
  if (wanted.get(id) !== value) return sendWanted(id, url);
  wanted.delete(id);
  setCount(id, answer.body.count);
}

function takeBack(id, answer) {
  const undone = isSupported(id);
  wanted.delete(id);
  if (undone !== isSupported(id)) show(id, undone ? -1 : 1);
  notify(answer.problem?.title ?? say("support_failed"), "warning");
}

function remember(id, value) {
  if (value) supported.add(id);
  else supported.delete(id);
}

function show(id, difference) {
  for (const form of formsOf(id)) {
    mark(form, isSupported(id));
    for (const place of countsOf(form)) place.textContent = Math.max(0, Number(place.textContent) + difference);
  }
}

function setCount(id, count) {
  if (!Number.isInteger(count)) return;
  for (const form of formsOf(id)) countsOf(form).forEach((place) => { place.textContent = count; });
}

function mark(form, value) {
  form.querySelector("button")?.setAttribute("aria-pressed", String(value));
  const field = form.querySelector("input[name=supported]");
  if (field) field.value = String(!value);
}

const isSupported = (id) => wanted.get(id) ?? supported.has(id);
const idOf = (form) => Number(new URL(form.action).pathname.split("/").slice(-2)[0]);
const formsOf = (id) => [...document.querySelectorAll("form[data-action=support]")].filter((form) => idOf(form) === id);
const countsOf = (form) => parts("support-count", form.closest("[data-part=card], [data-part=mine-card]") ?? form);
