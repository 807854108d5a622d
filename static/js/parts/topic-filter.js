/** Only the cards of one topic: [data-part=topic-filter], a select or a list of links with data-topic. Remembered in this tab. */

import { facts, part, tabMemory } from "./page.js";
import { filterCards } from "./shown.js";

export function startTopicFilter() {
  const control = part("topic-filter");
  if (!control) return;
  const key = `vragenmuur:topic:${facts.meeting}`;
  const choose = (topic) => {
    tabMemory.set(key, topic);
    show(control, topic);
    filterCards("topic", topic ? (card) => card.dataset.topic === topic : null);
  };
  control.addEventListener("change", (event) => event.target.matches("select") && choose(event.target.value));
  control.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-topic], button[data-topic]");
    if (!link) return;
    event.preventDefault();
    choose(link.dataset.topic);
  });
  choose(remembered(control, tabMemory.get(key)));
}

// A topic that the organiser took away since must not hide everything.
function remembered(control, topic) {
  if (!topic) return selectIn(control)?.value ?? "";
  const exists = control.querySelector(`option[value="${CSS.escape(topic)}"], [data-topic="${CSS.escape(topic)}"]`);
  return exists ? topic : "";
}

function show(control, topic) {
  const select = selectIn(control);
  if (select) select.value = topic;
  for (const link of control.querySelectorAll("[data-topic]")) {
    if (link.dataset.topic === topic) link.setAttribute("aria-current", "true");
    else link.removeAttribute("aria-current");
  }
}

const selectIn = (control) => (control.matches("select") ? control : control.querySelector("select"));
