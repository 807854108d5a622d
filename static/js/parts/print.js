/** Buttons that open the browser's print window: [data-action=print]. */

addEventListener("click", (event) => event.target.closest("[data-action=print]") && print());
