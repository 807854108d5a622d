/** What a page brings along: its facts, its sentences, and its parts by name. */

import { speak } from "../lib/words.js";

export const facts = readJson("facts");
export const say = speak(readJson("words"));

export const part = (name, root = document) => root.querySelector(`[data-part="${name}"]`);
export const parts = (name, root = document) => [...root.querySelectorAll(`[data-part="${name}"]`)];

/** Storage of this tab, or of this browser, that never throws: a blocked or full one forgets. */
export const tabMemory = memoryIn("sessionStorage");
export const browserMemory = memoryIn("localStorage");

/** A name for this tab that survives its reload. */
export function tabName(make) {
  const name = tabMemory.get("vragenmuur:tab") ?? make();
  tabMemory.set("vragenmuur:tab", name);
  return name;
}

/** Make an element with text and attributes; people's words only ever go in as text. */
export function element(tag, { text, ...attributes } = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  if (text !== undefined) made.textContent = text;
  made.append(...children);
  return made;
}

function readJson(id) {
  return JSON.parse(document.getElementById(id)?.textContent || "{}");
}

function memoryIn(name) {
  const attempt = (work) => {
    try {
      return work(globalThis[name]);
    } catch {
      return null;
    }
  };
  return {
    get: (key) => attempt((storage) => storage.getItem(key)),
    set: (key, value) => attempt((storage) => storage.setItem(key, value)),
    remove: (key) => attempt((storage) => storage.removeItem(key)),
  };
}
