/** Does a text hold what somebody is looking for? Every word, anywhere, without regard to capitals or accents. */

export function matches(wanted, text) {
  const plainText = plain(text);
  return plain(wanted).split(/\s+/).filter(Boolean).every((word) => plainText.includes(word));
}

/** How many words of four letters or more two texts share; for offering likely doubles first. */
export function sharedWords(a, b) {
  const inB = new Set(wordsOf(b));
  return new Set(wordsOf(a).filter((word) => inB.has(word))).size;
}

function wordsOf(text) {
  return plain(text).match(/[\p{L}\p{N}]{4,}/gu) ?? [];
}

function plain(text) {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
