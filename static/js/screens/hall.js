/** The hall's screen: read-only, calm, and honest about its age. */

import { timeOfDay } from "../lib/words.js";
import { connect } from "../live.js";
import { fitTexts, startFitting } from "../parts/fit-text.js";
import { browserMemory, facts, part, say } from "../parts/page.js";
import { repage, startPaging } from "../parts/paging.js";
import { Region } from "../parts/region.js";
import { tally } from "../parts/tally.js";

const SHADE = "vragenmuur:shade";

const OLD_AFTER = 15_000;

const region = new Region({ url: facts.live, after: redrawn });
const channel = connect({
  facts,
  on: { changed: (message) => region.changed(message), counted: (message) => region.counted(message), pulse: (message) => region.pulse(message) },
  refetch: () => region.refetch(),
  onState: showAge,
});

showShade(browserMemory.get(SHADE));
startFitting();
startPaging();
setInterval(showAge, 1_000);
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (["b", "B", "."].includes(event.key) || (event.key === "Escape" && !document.fullscreenElement)) blank();
  if (["f", "F"].includes(event.key)) toggleFullscreen();
  if (["l", "L"].includes(event.key)) toggleShade();
});
part("blank")?.addEventListener("click", blank);

function redrawn() {
  tally();
  fitTexts();
  repage();
}

// Needs nothing of the server: it must work when everything else fails.
function blank() {
  const cover = part("blank");
  if (!cover) return;
  cover.hidden = !cover.hidden;
  if (!cover.textContent.trim()) cover.textContent = say("blank_help");
  document.documentElement.toggleAttribute("data-blank", !cover.hidden);
}

function toggleFullscreen() {
  const change = document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen?.();
  change?.catch(() => {}); // the browser may refuse; nothing is lost
}

// Dark for a dim hall, light for one with the lights on.
function toggleShade() {
  const shade = document.documentElement.dataset.shade === "light" ? "dark" : "light";
  browserMemory.set(SHADE, shade);
  showShade(shade);
}

function showShade(shade) {
  document.documentElement.dataset.shade = shade ?? "dark";
}

function showAge() {
  const sign = part("age");
  if (!sign || !channel) return;
  const isOld = Date.now() - channel.heard > OLD_AFTER;
  sign.hidden = !isOld;
  sign.textContent = isOld ? say("age", { time: timeOfDay(channel.heard, facts.lang) }) : "";
}
