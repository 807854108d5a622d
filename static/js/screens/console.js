/** The console: lanes of cards, one under the keyboard's focus, every step by button or by key. */

import { connect } from "../live.js";
import { showConnection } from "../parts/connection-sign.js";
import { openStep, startDialogs } from "../parts/dialogs.js";
import { focusedCard, goBy, keepOneTabStop, startFocusCard } from "../parts/focus-card.js";
import { startKeys } from "../parts/hotkeys.js";
import { startKindFilter } from "../parts/kind-filter.js";
import { showNext } from "../parts/next.js";
import { facts, part } from "../parts/page.js";
import { offerKnown, startPromise } from "../parts/promise.js";
import { Region } from "../parts/region.js";
import { startSearch } from "../parts/search.js";
import { applyFilters } from "../parts/shown.js";
import { watchPointer } from "../parts/stillness.js";
import { sendKept, startSteps, undoLast } from "../parts/steps.js";
import { tally } from "../parts/tally.js";
import { startTargets } from "../parts/targets.js";
import { showTopic, startTopicFilter } from "../parts/topic-filter.js";
import { showWhen } from "../parts/when.js";

startFocusCard();
startDialogs();
startSearch();
startTopicFilter();
startKindFilter();
startTargets();
startPromise();
watchPointer();

const region = new Region({ url: facts.live, after: redrawn });
startSteps({ refetch: () => region.refetch({ spread: 0 }) });
connect({
  facts,
  on: { changed: (message) => region.changed(message), counted: (message) => region.counted(message), pulse: (message) => region.pulse(message) },
  refetch: () => region.refetch(),
  onState: (connection) => {
    showConnection(connection);
    if (connection.state !== "offline") sendKept();
  },
});

addEventListener("click", (event) => {
  const button = event.target.closest("[data-action=ask]");
  if (!button || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  openStep(button.dataset.step, button.closest("[data-part=card]"), button);
});

startKeys({
  j: () => goBy({ cards: 1 }),
  k: () => goBy({ cards: -1 }),
  h: () => goBy({ lanes: -1 }),
  l: () => goBy({ lanes: 1 }),
  ArrowDown: arrow({ cards: 1 }),
  ArrowUp: arrow({ cards: -1 }),
  ArrowLeft: arrow({ lanes: -1 }),
  ArrowRight: arrow({ lanes: 1 }),
  "?": () => document.getElementById("keys")?.showModal(),
  "/": (event) => { event.preventDefault(); part("search")?.focus(); },
  z: () => undoLast(),
  n: (event) => { event.preventDefault(); openEntry(); },
  p: () => visible("form[data-action=pause]")?.requestSubmit(),
}, pressOnCard);

function redrawn(known) {
  keepOneTabStop();
  applyFilters();
  showTopic();
  showNext();
  tally();
  offerKnown();
  showWhen(known);
}

// Arrows scroll the page, as everywhere, until a card has the focus.
function arrow(by) {
  return (event) => {
    if (!focusedCard()) return;
    event.preventDefault();
    goBy(by);
  };
}

function openEntry() {
  const form = part("entry");
  const dialog = form?.closest("dialog");
  if (dialog && !dialog.open) dialog.showModal();
  form?.closest("details")?.setAttribute("open", "");
  form?.elements.namedItem("text").focus();
}

// Each button names its own key; only those of the focused card listen.
function pressOnCard(key, event) {
  const button = focusedCard()?.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
}

function visible(selector) {
  return [...document.querySelectorAll(selector)].find((element) => element.offsetParent !== null);
}
