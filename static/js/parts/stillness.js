/** Nothing moves under a finger: changes wait while a pointer is down, and what is being read keeps its place. */

const LONGEST_HOLD = 3_000;
// The click comes just after the pointer is up, and must land on what was pressed.
const AFTER_UP = 60;

let downSince = 0;
let waiting = [];
let timer;

/** Run a change now, or as soon as the pointer is up. Changes keep their order. */
export function whenStill(change) {
  if (!downSince) return change();
  waiting.push(change);
}

export function watchPointer() {
  addEventListener("pointerdown", () => hold(), { capture: true, passive: true });
  for (const up of ["pointerup", "pointercancel"]) addEventListener(up, () => settle(AFTER_UP), { capture: true, passive: true });
}

/** Make a change so that what is read now stays where it is, in the page and in every lane that scrolls by itself. */
export function keepPlace(change) {
  const anchors = scrollersOf().map(anchorIn).filter(Boolean);
  const result = change();
  for (const { scroller, element, top } of anchors) {
    if (!element.isConnected) continue;
    const moved = topIn(scroller, element) - top;
    if (Math.abs(moved) > 0.5) scroller.scrollBy({ top: moved, behavior: "instant" });
  }
  return result;
}

function hold() {
  downSince = Date.now();
  settle(LONGEST_HOLD);
}

function settle(wait) {
  clearTimeout(timer);
  timer = setTimeout(() => {
    downSince = 0;
    const changes = waiting;
    waiting = [];
    changes.forEach((change) => change());
  }, wait);
}

// Lanes first: correcting one may move it within the page.
function scrollersOf() {
  const lanes = [...document.querySelectorAll("[data-part=cards]")].map(scrollerOf).filter((scroller) => scroller !== document.scrollingElement);
  return [...new Set(lanes), document.scrollingElement].filter(Boolean);
}

function scrollerOf(element) {
  for (let box = element; box && box !== document.body; box = box.parentElement) {
    if (box.scrollHeight > box.clientHeight && /auto|scroll/.test(getComputedStyle(box).overflowY)) return box;
  }
  return document.scrollingElement;
}

// What is typed in or focused is the anchor; else what lies on the middle line; else the first thing in sight.
function anchorIn(scroller) {
  const within = scroller === document.scrollingElement ? { top: 0, bottom: innerHeight } : scroller.getBoundingClientRect();
  const seen = [...scroller.querySelectorAll("[data-part=card], [data-part=mine-card], form")]
    .map((element) => ({ element, box: element.getBoundingClientRect() }))
    .filter(({ box }) => box.height > 0 && box.bottom > within.top && box.top < within.bottom);
  const middle = (within.top + within.bottom) / 2;
  const chosen = last(seen, ({ element }) => element.contains(document.activeElement))
    ?? last(seen, ({ box }) => box.top <= middle && box.bottom >= middle) ?? seen[0];
  return chosen && { scroller, element: chosen.element, top: topIn(scroller, chosen.element) };
}

// A lane that is itself pushed down takes its cards along.
function topIn(scroller, element) {
  const top = element.getBoundingClientRect().top;
  return scroller === document.scrollingElement ? top : top - scroller.getBoundingClientRect().top;
}

// Array.findLast is younger than the oldest phones in the hall.
function last(list, test) {
  return [...list].reverse().find(test);
}
