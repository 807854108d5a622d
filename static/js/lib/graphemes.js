/** Counting characters as people see them: a family emoji is one, an é of two parts is one. */

const MARKS = /[\p{M}\u200d\ufe0e\ufe0f\u{1f3fb}-\u{1f3ff}]/u;

/** Characters in a text as the server counts them: without the white space around it. */
export function countGraphemes(text, Segmenter = globalThis.Intl?.Segmenter) {
  const clean = text.normalize("NFC").trim();
  return Segmenter ? segmented(clean, Segmenter) : approximated(clean);
}

function segmented(text, Segmenter) {
  let count = 0;
  for (const _ of new Segmenter("nl", { granularity: "grapheme" }).segment(text)) count += 1;
  return count;
}

// Old browsers: marks, joiners and skin tones belong to the character before them.
function approximated(text) {
  let count = 0;
  let joined = false;
  for (const character of text.replaceAll("\r\n", "\n")) {
    if (!joined && !MARKS.test(character)) count += 1;
    joined = character === "\u200d";
  }
  return count;
}
