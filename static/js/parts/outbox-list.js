/** What is not received yet, one line each, with what one can do about it: [data-part=outbox]. */

import { element, part, say } from "./page.js";

/**
 * Draw the items of an outbox; people's words go in as text.
 * @param {{place: Element|null, items: object[], words: (item: object) => string, buttons: (item: object) => [string, string, () => void][]}} list
 */
export function showItems({ place, items, words, buttons }) {
  if (!place) return;
  const rows = items.map((item) => row(item, words(item), buttons(item)));
  const focused = focusIn(place);
  place.replaceChildren(...rows);
  refocus(place, focused);
  const box = place.closest("[data-part=outbox-section], [data-part=unsent-section]") ?? place;
  box.hidden = items.length === 0;
}

function row(item, words, buttons) {
  return element("li", { "data-part": "unsent-item", "data-key": item.key, "data-state": item.shown, class: "unsent" },
    element("p", { class: "unsent-state", text: stateOf(item) }),
    element("p", { class: "unsent-text", text: words }),
    ...(buttons.length ? [element("p", { class: "button-row" }, ...buttons.map((button) => action(...button)))] : []),
  );
}

function stateOf(item) {
  if (item.shown === "refused") return [item.problem?.title, ...Object.values(item.problem?.errors ?? {})].filter(Boolean).join(" ");
  if (item.shown === "sending") return say("sending");
  return item.inMemory ? say("not_sent_in_memory") : say("not_sent");
}

function action(name, label, act) {
  const button = element("button", { type: "button", class: "button", "data-variant": "quiet", "data-action": name, text: label });
  button.addEventListener("click", act);
  return button;
}

function focusIn(place) {
  const button = document.activeElement?.closest?.("[data-action]");
  return button && place.contains(button) ? [button.closest("[data-key]").dataset.key, button.dataset.action] : null;
}

function refocus(place, focused) {
  if (!focused) return;
  place.querySelector(`[data-key="${focused[0]}"] [data-action="${focused[1]}"]`)?.focus({ preventScroll: true });
}

export const outboxPlace = () => part("outbox");
