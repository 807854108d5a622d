/** Turning what is on the page into what the server drew, keeping focus, what is typed and what is open. */

const ready = loadIdiomorph();

/** Wait for this before the first morph; when the file cannot be had, elements are replaced as a whole. */
export const morphReady = ready;

/** Morph one element into another; answers the element now on the page. */
export function morph(from, to) {
  if (!globalThis.Idiomorph) {
    from.replaceWith(to);
    return to;
  }
  const focused = document.activeElement;
  const card = focused.closest("[data-part=card]");
  // Of what has the focus Idiomorph would leave the whole inside alone: right for a field, wrong for a card or a button.
  const ignoreActiveValue = focused.matches("input, textarea, select");
  const [now] = globalThis.Idiomorph.morph(from, to, { morphStyle: "outerHTML", ignoreActiveValue, callbacks });
  // Idiomorph gives focus back to fields only; a card or button that was moved within the page loses it.
  const keeper = focused.isConnected ? focused : card;
  if (keeper?.isConnected && keeper !== document.activeElement) keeper.focus({ preventScroll: true });
  return now ?? from;
}

/** Make the element that a piece of the server's HTML describes. */
export function drawn(html) {
  const template = document.createElement("template");
  template.innerHTML = html.trim();
  return template.content.firstElementChild;
}

const callbacks = {
  beforeNodeMorphed: (from) => !isBeingUsed(from),
  beforeAttributeUpdated: (name, element) => !isOurs(name, element),
};

// What the reader has opened, and which card the Tab key reaches, the server does not know. Losing tabindex is losing focus.
function isOurs(name, element) {
  return (name === "open" && element.matches("details")) || (name === "tabindex" && element.dataset.part === "card");
}

function isBeingUsed(node) {
  if (!(node instanceof Element)) return false;
  if (node.matches("dialog[open]")) return true;
  if (node.matches("[type=checkbox], [type=radio]")) return node.checked !== node.defaultChecked;
  if (node.matches("select")) return node.selectedIndex !== Math.max(0, [...node.options].findIndex((option) => option.defaultSelected));
  return node.matches("textarea, input:not([type=hidden])") && node.value !== node.defaultValue;
}

// The published file is a classic script of a quarter of its module's size; it is loaded as one.
function loadIdiomorph() {
  return new Promise((resolve) => {
    const script = document.createElement("script");
    script.src = new URL("../../vendor/idiomorph.min.js", import.meta.url).href;
    script.onload = script.onerror = () => resolve();
    document.head.append(script);
  });
}
