/** The register: a chosen filter works at once, without its button; keys walk the list; it prints. */

import "../parts/print.js";
import { startDialogs } from "../parts/dialogs.js";
import { startKeys } from "../parts/hotkeys.js";
import { part } from "../parts/page.js";
import { rowKeys, startTicks } from "../parts/rows.js";

const filter = part("filter");
filter?.addEventListener("change", (event) => event.target.matches("select, input[type=checkbox], input[type=radio], input[type=date]") && filter.requestSubmit());

if (part("row")) {
  startKeys({ ...rowKeys, "/": toSearch, "?": () => document.getElementById("keys")?.showModal() });
  startDialogs();
  startTicks();
}

function toSearch(event) {
  event.preventDefault();
  part("search")?.focus();
}
