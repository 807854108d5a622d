/** Taking a step on a question: posted, undone, explained when refused, and kept when the line is down. */

import { isFacts, isReceipt, send } from "../lib/answers.js";
import { newKey } from "../lib/keys.js";
import { Outbox } from "../lib/outbox.js";
import { openMemory, openWebStorage, Store } from "../lib/store.js";
import { cardWithId } from "./cards.js";
import { explainIn, finish, showNewest } from "./dialogs.js";
import { expectLeaving } from "./focus-card.js";
import { notify } from "./notice.js";
import { showItems } from "./outbox-list.js";
import { facts, part, say, tabName } from "./page.js";

let lastTaken = null;
let refetch = () => {};
const outbox = makeOutbox();

/** @param parts.refetch fetches the live region again */
export function startSteps(parts) {
  refetch = parts.refetch;
  addEventListener("submit", (event) => {
    const handle = HANDLERS[event.target.dataset.action] ?? (event.target.matches("dialog[id^=step-] form") ? takeAsked : null);
    if (!handle || event.submitter?.formMethod === "dialog") return;
    event.preventDefault();
    if (event.target.getAttribute("aria-busy") !== "true") handle(event.target, event.submitter);
  });
  addEventListener("online", () => sendKept());
  showKept();
  sendKept();
}

/** Send again what was kept; called when the connection is back. */
export const sendKept = () => outbox.drain({ eager: true });

/** Undo the last step that was taken on this console. */
export async function undoLast() {
  if (!lastTaken) return notify(say("nothing_to_undo"));
  const { id, number } = lastTaken;
  const answer = await send(`${facts.steps}${id}/undo`);
  if (answer.outcome === "received") {
    lastTaken = null;
    notify(say("undone", { number }), "good");
    return refetch();
  }
  notify(answer.problem?.title ?? say("not_undone"), "warning");
}

const HANDLERS = {
  step: takeNow,
  pause: takeMeetingStep,
  view: takeMeetingStep,
  meeting: takeMeetingStep,
  entry: enter,
};

function takeNow(form, submitter) {
  const card = form.closest("[data-part=card]");
  return take({ form, submitter, card, id: card.dataset.id, step: form.dataset.step, version: card.dataset.version });
}

function takeAsked(form, submitter) {
  const id = form.dataset.for;
  const step = form.closest("dialog").id.replace("step-", "");
  return take({ form, submitter, card: cardWithId(id), id, step, version: form.dataset.version });
}

async function take({ form, submitter, card, id, step, version }) {
  const fields = { ...fieldsOf(form, submitter), version };
  const number = card?.dataset.number ?? id;
  const goOn = card ? expectLeaving(card) : () => {};
  const answer = await busy(form, () => send(form.action, { fields }));
  if (answer.outcome === "received") {
    seeVersion(card, answer.body.version);
    return taken(form, { id, number, step, goOn, state: answer.body.state });
  }
  if (answer.outcome === "again") return keepForLater(form, { url: form.action, fields, number, step });
  return refused(form, answer.problem, id);
}

// The next key may come before the card is drawn anew; one's own step is not a colleague's.
function seeVersion(card, version) {
  if (card && version > Number(card.dataset.version)) card.dataset.version = version;
}

function taken(form, { id, number, step, goOn, state }) {
  lastTaken = step === "undo" ? null : { id, number };
  if (form.closest("dialog")) finish(form);
  goOn(state);
  notify(say(step === "undo" ? "undone" : "step_taken", { number }), "good");
  refetch();
}

// Two moderators at once: the newest is shown, what was typed stays, and sending it again is a decision.
async function refused(form, problem, id) {
  const sentence = { title: problem.title, errors: problem.errors };
  if (problem.newest?.version !== undefined) form.dataset.version = problem.newest.version;
  if (form.closest("dialog")) explainIn(form, sentence);
  else notify([problem.title, ...Object.values(problem.errors ?? {})].join(" "), "warning");
  if (problem.status !== 409 && problem.status !== 404) return;
  await refetch();
  if (form.closest("dialog[open]")) showNewest(form, cardWithId(id));
}

async function takeMeetingStep(form, submitter) {
  const answer = await busy(form, () => send(form.action, { fields: fieldsOf(form, submitter) }));
  if (answer.outcome !== "received") notify(answer.problem?.title ?? say("not_done_offline"), "warning");
  form.closest("dialog")?.close();
  refetch();
}

async function enter(form, submitter) {
  const key = newKey();
  const fields = { ...fieldsOf(form, submitter), key };
  const answer = await busy(form, () => send(form.action, { fields, proves: isReceipt }));
  if (answer.outcome === "refused") return explainIn(form, answer.problem);
  if (answer.outcome === "again") await keepForLater(form, { key, url: form.action, fields, step: "entry" });
  else notify(say("entered", { number: answer.body.number }), "good");
  explainIn(form, {});
  for (const name of ["text", "name"]) form.elements.namedItem(name).value = "";
  refetch();
}

async function keepForLater(form, what) {
  await outbox.keep({ ...what, meeting: facts.meeting, label: labelOf(form) });
  if (form.closest("dialog[id^=step-]")) finish(form);
  notify(say("step_kept"), "warning");
  outbox.drain();
}

async function busy(form, work) {
  form.setAttribute("aria-busy", "true");
  try {
    return await work();
  } finally {
    form.removeAttribute("aria-busy");
  }
}

function fieldsOf(form, submitter) {
  const fields = Object.fromEntries(new FormData(form));
  if (submitter?.name) fields[submitter.name] = submitter.value;
  return fields;
}

// In the words of the button that was pressed.
function labelOf(form) {
  return (form.dataset.label ?? form.querySelector("[type=submit], button:not([type=button])")?.textContent ?? "").trim();
}

// Per tab: another moderator on this computer must not send this one's steps.
function makeOutbox() {
  const storage = reachable();
  const layers = [openWebStorage("vragenmuur-steps", storage), openMemory()].filter(Boolean);
  const proves = (item) => (item.step === "entry" ? isReceipt : isFacts);
  return new Outbox({
    store: new Store(layers),
    newKey,
    tab: tabName(newKey),
    send: (item) => send(item.url, { fields: item.fields, proves: proves(item) }),
    tell: heard,
  });
}

function heard({ what, item }) {
  showKept();
  if (what !== "received") return;
  notify(say("step_taken_late", { number: item.number ?? item.label }), "good");
  refetch();
}

async function showKept() {
  const items = await outbox.items();
  showItems({
    place: part("unsent"),
    items,
    words: (item) => [item.label, item.number && say("card_number", { number: item.number }), item.fields.text ?? item.fields.reason ?? item.fields.promise ?? ""].filter(Boolean).join(" · "),
    buttons: (item) => (item.shown === "refused" ? [["again", say("do_it_still"), () => sendNewest(item)], ["discard", say("discard"), () => outbox.discard(item.key)]] : []),
  });
}

// Without a version a step counts for the newest: the moderator has seen it and still wants it.
async function sendNewest(item) {
  const key = newKey();
  const { version: _, ...fields } = item.fields;
  if (fields.key) fields.key = key;
  await outbox.keep({ ...item, key, fields, problem: undefined });
  await outbox.discard(item.key);
  outbox.drain({ eager: true });
}

function reachable() {
  try {
    return globalThis.sessionStorage;
  } catch {
    return null;
  }
}
