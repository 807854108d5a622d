/** Only the cards of one topic: [data-part=topic-filter], a select or links with data-topic. Remembered in this tab. */

import { facts, part, tabMemory } from "./page.js";
import { filterCards } from "./shown.js";

const key = `vragenmuur:topic:${facts.meeting}`;

/** The control may stand in the live region and be drawn anew, so nothing is tied to the element itself. */
export function startTopicFilter() {
  addEventListener("change", ({ target }) => target.matches("select") && target.closest("[data-part=topic-filter]") && choose(target.value));
  addEventListener("click", (event) => {
    const link = event.target.closest("[data-part=topic-filter] [data-topic]");
    if (!link) return;
    event.preventDefault();
    choose(link.dataset.topic);
  });
  const topic = tabMemory.get(key);
  if (topic && isOffered(topic)) choose(topic);
}

/** Show which topic is chosen; run after the control was drawn anew. */
export function showTopic() {
  const topic = tabMemory.get(key) ?? "";
  for (const link of document.querySelectorAll("[data-part=topic-filter] [data-topic]")) {
    if (link.dataset.topic === topic) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
  const select = part("topic-filter")?.closest("select") ?? part("topic-filter")?.querySelector("select");
  if (select) select.value = topic;
}

function choose(topic) {
  tabMemory.set(key, topic);
  filterCards("topic", topic ? (card) => card.dataset.topic === topic : null);
  showTopic();
}

// A topic that the organiser took away since must not hide everything.
function isOffered(topic) {
  const control = part("topic-filter");
  const offered = control?.querySelector(`option[value="${CSS.escape(topic)}"], [data-topic="${CSS.escape(topic)}"]`);
  if (!offered) tabMemory.remove(key);
  return Boolean(offered);
}
