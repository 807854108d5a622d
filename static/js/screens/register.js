/** The register: a chosen filter works at once, without its button, and it prints. */

import "../parts/print.js";
import { part } from "../parts/page.js";

const filter = part("filter");
filter?.addEventListener("change", (event) => event.target.matches("select, input[type=checkbox], input[type=radio], input[type=date]") && filter.requestSubmit());
