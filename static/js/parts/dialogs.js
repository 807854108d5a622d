/** The forms that a step asks for, as dialogs: what was typed stays until the step was taken or another card is chosen. */

import { sharedWords } from "../lib/matching.js";
import { wordsOf } from "./cards.js";
import { element, facts, parts, say } from "./page.js";

let returnTo = null;

/** Open dialog#step-… for a card, with its number, its text and the version that was seen. */
export function openStep(step, card, opener) {
  const dialog = document.getElementById(`step-${step}`);
  if (!dialog) return;
  const form = dialog.querySelector("form");
  if (form.dataset.for !== card.dataset.id) prepare(form, step, card);
  form.elements.namedItem("version")?.setAttribute("value", card.dataset.version);
  form.dataset.version = card.dataset.version;
  explainIn(form, {});
  returnTo = opener;
  dialog.showModal();
}

/** Close it after the step was taken; only then is what was typed thrown away. */
export function finish(form) {
  form.reset();
  delete form.dataset.for;
  form.closest("dialog")?.close();
}

/** Show a refusal in the form: beside the field it is about, else above the buttons. */
export function explainIn(form, { title = "", errors = {} }) {
  const named = parts("problem", form).filter((place) => place.dataset.for);
  for (const place of named) show(place, errors[place.dataset.for] ?? "");
  const rest = Object.keys(errors).filter((name) => !named.some((place) => place.dataset.for === name)).map((name) => errors[name]);
  const place = parts("problem", form).find((other) => !other.dataset.for);
  if (place) show(place, [title, ...rest].filter(Boolean).join(" "));
  const first = Object.keys(errors).map((name) => form.elements.namedItem(name)).find((field) => field?.focus);
  first?.focus();
}

export function startDialogs() {
  addEventListener("click", (event) => {
    const button = event.target.closest("[data-action]");
    if (button?.dataset.action === "cancel") button.closest("dialog")?.close();
    if (button?.dataset.action === "suggest") suggest(button);
    if (button?.dataset.action === "open") openNamed(button);
  });
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

function prepare(form, step, card) {
  form.reset();
  form.dataset.for = card.dataset.id;
  form.action = `${facts.steps}${card.dataset.id}/${step}`;
  const text = wordsOf(card);
  for (const place of parts("about", form.closest("dialog"))) place.textContent = say("about_card", { number: card.dataset.number, text });
  if (step === "edit") prefill(form, card, text);
  if (step === "merge") offerTargets(form, card, text);
}

function prefill(form, card, text) {
  form.elements.namedItem("text").value = text;
  const topic = form.elements.namedItem("topic");
  if (topic) topic.value = card.dataset.topic ?? "";
}

// Likely doubles first; everything that is not this card can be chosen.
function offerTargets(form, card, text) {
  const others = parts("card").filter((other) => other !== card && other.dataset.id)
    .map((other) => ({ other, likeness: sharedWords(text, wordsOf(other)) }))
    .sort((a, b) => b.likeness - a.likeness);
  const field = form.elements.namedItem("into");
  field.replaceChildren(...others.map(({ other }) => element("option", { value: other.dataset.id, text: say("about_card", { number: other.dataset.number, text: wordsOf(other) }) })));
}

function suggest(button) {
  const field = button.form?.elements.namedItem(button.dataset.for) ?? button.closest("form").elements.namedItem(button.dataset.for);
  field.value = button.dataset.value ?? button.textContent.trim();
  field.focus();
}

function openNamed(button) {
  returnTo = button;
  document.getElementById(button.dataset.dialog)?.showModal();
}

function show(place, sentence) {
  Object.assign(place, { textContent: sentence, hidden: !sentence });
}
