/** One calm line in which the page says what happened: [data-part=notice], role=status. */

import { part } from "./page.js";

const SHOWN_FOR = 12_000;
let timer;

export function notify(sentence, tone = "calm") {
  const place = part("notice");
  if (!place) return;
  clearTimeout(timer);
  Object.assign(place, { hidden: !sentence, textContent: sentence });
  place.dataset.tone = tone;
  timer = setTimeout(() => { place.hidden = true; place.textContent = ""; }, SHOWN_FOR);
}
