/** Single keys that do something, silent while somebody types, and to be switched off by who cannot use them. */

import { browserMemory, part } from "./page.js";

const OFF = "vragenmuur:keys-off";

/**
 * @param {Record<string, (event: KeyboardEvent) => void>} keys by `event.key`, lower case
 * @param {(key: string, event: KeyboardEvent) => void} otherwise
 */
export function startKeys(keys, otherwise = () => {}) {
  startSwitch();
  addEventListener("keydown", (event) => {
    if (isForSomethingElse(event)) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const act = keys[key] ?? (() => otherwise(key, event));
    act(event);
  });
}

function isForSomethingElse(event) {
  if (event.defaultPrevented || event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return true;
  if (browserMemory.get(OFF) && event.key.length === 1) return true;
  if (document.querySelector("dialog[open]")) return true;
  return event.target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]") !== null;
}

function startSwitch() {
  const box = part("keys-off");
  if (!box) return;
  box.checked = browserMemory.get(OFF) !== null;
  box.addEventListener("change", () => (box.checked ? browserMemory.set(OFF, "1") : browserMemory.remove(OFF)));
}
