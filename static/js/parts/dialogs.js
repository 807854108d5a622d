/** The forms that a step asks for, as dialogs: what was typed stays until the step was taken or another card is chosen. */

import { wordsOf } from "./cards.js";
import { facts, part, parts, say } from "./page.js";
import { offerTargets } from "./targets.js";

let returnTo = null;

/** Open dialog#step-… for a card, with its number, its text and the version that was seen. */
export function openStep(step, card, opener) {
  const dialog = document.getElementById(`step-${step}`);
  if (!dialog) return;
  const form = dialog.querySelector("form");
  if (!isTypedFor(form, card)) prepare(form, step, card);
  explainIn(form, {});
  returnTo = opener;
  dialog.showModal();
}

/** Close it after the step was taken; only then is what was typed thrown away. */
export function finish(form) {
  form.reset();
  delete form.dataset.for;
  delete form.dataset.typed;
  form.closest("dialog")?.close();
}

/** Show a refusal in the form: beside the field it is about, else above the buttons. */
export function explainIn(form, { title = "", errors = {} }) {
  const named = parts("problem", form).filter((place) => place.dataset.for);
  for (const place of named) show(place, errors[place.dataset.for] ?? "");
  const rest = Object.keys(errors).filter((name) => !named.some((place) => place.dataset.for === name)).map((name) => errors[name]);
  const place = parts("problem", form).find((other) => !other.dataset.for);
  const isSaidBeside = Object.keys(errors).length > rest.length;
  if (place) show(place, [isSaidBeside ? "" : title, ...rest.filter((sentence) => sentence !== title)].filter(Boolean).join(" "));
  showNewest(form, null);
  markFields(form, errors)?.focus();
}

/** Say in the form how its question stands now, after a colleague was first. */
export function showNewest(form, card) {
  const place = part("newest", form);
  if (place) show(place, card ? say("newest", { state: part("state", card)?.textContent.trim() ?? "", text: wordsOf(card) }) : "");
}

export function startDialogs() {
  addEventListener("click", (event) => {
    const button = event.target.closest("[data-action]");
    if (button?.dataset.action === "cancel") button.closest("dialog")?.close();
    if (button?.dataset.action === "suggest") suggest(button);
    if (button?.dataset.action === "open") openNamed(button, event);
  });
  addEventListener("input", ({ target }) => { if (target.form?.dataset.for) target.form.dataset.typed = "yes"; });
  for (const dialog of document.querySelectorAll("dialog")) {
    dialog.addEventListener("close", () => giveFocusBack());
  }
}

// The browser gives focus back to what had it, which the live region may have replaced since.
function giveFocusBack() {
  if (returnTo && !returnTo.isConnected) returnTo = null;
  if (returnTo && (document.activeElement === document.body || document.activeElement === null)) returnTo.focus({ preventScroll: true });
  returnTo = null;
}

// What somebody typed stays with the version that he saw: when a colleague was first, the server says so.
function isTypedFor(form, card) {
  return form.dataset.for === card.dataset.id && form.dataset.typed === "yes";
}

function prepare(form, step, card) {
  form.reset();
  delete form.dataset.typed;
  Object.assign(form.dataset, { for: card.dataset.id, version: card.dataset.version });
  form.action = `${facts.steps}${card.dataset.id}/${step}`;
  const text = wordsOf(card);
  for (const place of parts("about", form.closest("dialog"))) place.textContent = say("about_card", { number: card.dataset.number, text });
  if (step === "edit") prefill(form, card, text);
  if (step === "merge") offerTargets(form, card);
}

function prefill(form, card, text) {
  form.elements.namedItem("text").value = text;
  form.elements.namedItem("kind").value = card.dataset.kind;
  const topic = form.elements.namedItem("topic");
  if (topic) topic.value = card.dataset.topic || "0";
}

function suggest(button) {
  const field = button.form?.elements.namedItem(button.dataset.for) ?? button.closest("form").elements.namedItem(button.dataset.for);
  field.value = button.dataset.value ?? button.textContent.trim();
  field.dispatchEvent(new Event("input", { bubbles: true }));
  field.focus();
}

function openNamed(button, event) {
  event.preventDefault();
  returnTo = button;
  document.getElementById(button.dataset.dialog)?.showModal();
}

// Answers the first field that something is wrong with.
function markFields(form, errors) {
  for (const field of form.querySelectorAll("[aria-invalid]")) field.removeAttribute("aria-invalid");
  const fields = Object.keys(errors).map((name) => form.elements.namedItem(name)).map((field) => (field instanceof RadioNodeList ? field[0] : field)).filter(Boolean);
  for (const field of fields) field.setAttribute("aria-invalid", "true");
  return fields[0];
}

function show(place, sentence) {
  Object.assign(place, { textContent: sentence, hidden: !sentence });
}
