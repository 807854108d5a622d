/** Elements outside the live region that belong to some states of the meeting, or some views of the hall, only. */

/** Show [data-when~=state] and press the button of the view that the hall shows: button[name=view][value]. */
export function showWhen({ state, view }) {
  for (const element of document.querySelectorAll("[data-when]")) {
    element.hidden = !element.dataset.when.split(/\s+/).includes(state);
  }
  for (const button of document.querySelectorAll('button[name="view"]')) {
    button.setAttribute("aria-pressed", String(button.value === view));
  }
}
