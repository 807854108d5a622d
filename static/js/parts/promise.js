/** The procedural sentence of a deferral, written from owner and day until somebody changes it; and days by one click. */

import { element, facts, parts, say } from "./page.js";

const DAY = 24 * 60 * 60 * 1000;

export function startPromise() {
  addEventListener("click", ({ target }) => {
    const button = target.closest("[data-action=due]");
    if (!button) return;
    const due = button.form.elements.namedItem("due");
    due.value = dayAfter(Number(button.dataset.days));
    due.dispatchEvent(new Event("input", { bubbles: true }));
  });
  addEventListener("input", ({ target }) => {
    if (["owner", "due"].includes(target.name) && target.form?.elements.namedItem("promise")) write(target.form);
  });
}

/** Offer whoever was named on this screen before, beside those of the page: datalist[data-part=known][data-of]. */
export function offerKnown() {
  for (const list of parts("known")) {
    const offered = new Set([...list.options].map((option) => option.value));
    for (const place of parts(list.dataset.of)) {
      const name = place.textContent.trim();
      if (!offered.has(name)) list.append(element("option", { value: name }));
      offered.add(name);
    }
  }
}

function write(form) {
  const promise = form.elements.namedItem("promise");
  if (promise.value.trim() && promise.value !== form.dataset.promise) return;
  const owner = form.elements.namedItem("owner").value.trim();
  const due = form.elements.namedItem("due").value;
  promise.value = owner && due ? say("promise_sentence", { owner, day: sayDay(due) }) : "";
  form.dataset.promise = promise.value;
}

// The day in the moderator's own calendar, as the field wants it.
function dayAfter(days) {
  const day = new Date(Date.now() + days * DAY);
  return [day.getFullYear(), day.getMonth() + 1, day.getDate()].map((number) => String(number).padStart(2, "0")).join("-");
}

function sayDay(due) {
  return new Intl.DateTimeFormat(facts.lang === "nl" ? "nl-NL" : "en-GB", { day: "numeric", month: "long" }).format(new Date(`${due}T12:00:00`));
}
