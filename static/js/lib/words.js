/** The sentences of a page in its own language, with their blanks filled in. */

/** Answers `say(key, values)`; a missing sentence shows its key, so that a test and an eye can see it. */
export function speak(sentences) {
  return (key, values = {}) => fill(sentences[key] ?? key, values);
}

/** Fill "{number}" from values; an unknown blank is left as it is. */
export function fill(sentence, values) {
  return sentence.replace(/\{(\w+)\}/g, (blank, name) => (name in values ? String(values[name]) : blank));
}

/** A time of day as it is written in the reader's language: 20.14 in Dutch, 20:14 in English. */
export function timeOfDay(moment, lang) {
  const time = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" }).format(moment);
  return lang.startsWith("nl") ? time.replace(":", ".") : time;
}
