/** The form in which a resident asks: characters left, a draft that survives a reload, and nothing cleared before it is kept. */

import { countGraphemes } from "../lib/graphemes.js";
import { browserMemory, facts, part, say } from "./page.js";

const DRAFT_EVERY = 300;
const LOW = 50;

export class AskForm {
  #form; #keep; #isKeeping = false; #timer;

  /** @param {{keep: (fields: object) => Promise<void>}} parts `keep` resolves once the question is stored */
  constructor({ keep }) {
    this.#form = part("ask");
    this.#keep = keep;
    this.#form.noValidate = true;
    this.#form.addEventListener("submit", (event) => this.#submit(event));
    this.#form.addEventListener("input", () => this.#typed());
    this.#form.addEventListener("keydown", (event) => this.#sendByKeys(event));
    addEventListener("pagehide", () => this.#saveDraft());
    this.#restoreDraft();
    this.#countLeft();
  }

  get isEmpty() {
    return this.#field("text").value.trim() === "";
  }

  /** Give a text back to be changed; it is in the draft before this returns. */
  fill({ kind, text, name }) {
    this.#field("text").value = text ?? "";
    if (this.#field("name") && name) this.#field("name").value = name;
    const choice = this.#form.querySelector(`input[name=kind][value="${CSS.escape(kind ?? "")}"]`);
    if (choice) choice.checked = true;
    this.#saveDraft();
    this.#countLeft();
  }

  focus() {
    this.#field("text").focus();
  }

  explain(sentence) {
    const place = part("problem", this.#form);
    if (place) Object.assign(place, { textContent: sentence, hidden: !sentence });
    if (sentence) this.#field("text").setAttribute("aria-invalid", "true");
    else this.#field("text").removeAttribute("aria-invalid");
  }

  async #submit(event) {
    event.preventDefault();
    if (this.#isKeeping) return;
    const problem = this.#problem();
    this.explain(problem);
    if (problem) return this.focus();
    this.#isKeeping = true;
    try {
      await this.#keep(this.#fields());
      this.#clear();
    } catch {
      this.explain(say("not_kept"));
    } finally {
      this.#isKeeping = false;
    }
  }

  #fields() {
    const { kind, text, name } = Object.fromEntries(new FormData(this.#form));
    return { kind, text, ...(name?.trim() && { name }) };
  }

  #problem() {
    if (this.isEmpty) return say("text_empty");
    return this.#left() < 0 ? say("text_too_long", { count: -this.#left() }) : "";
  }

  // The name stays: who asks again is the same person.
  #clear() {
    this.#field("text").value = "";
    this.#saveDraft();
    this.#countLeft();
  }

  #typed() {
    this.explain("");
    this.#countLeft();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#saveDraft(), DRAFT_EVERY);
  }

  #sendByKeys(event) {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    this.#form.requestSubmit();
  }

  #countLeft() {
    const place = part("left", this.#form);
    if (!place) return;
    const left = this.#left();
    place.textContent = left < 0 ? say("characters_over", { count: -left }) : say("characters_left", { count: left });
    place.dataset.state = left < 0 ? "over" : left <= LOW ? "low" : "fine";
  }

  #left() {
    const limit = Number(part("left", this.#form)?.dataset.limit) || Infinity;
    return limit - countGraphemes(this.#field("text").value);
  }

  #saveDraft() {
    clearTimeout(this.#timer);
    const fields = this.#fields();
    if (fields.text || fields.name) browserMemory.set(this.#draftKey, JSON.stringify(fields));
    else browserMemory.remove(this.#draftKey);
  }

  // A text that the server gave back after a refusal is newer than the draft.
  #restoreDraft() {
    const draft = this.#readDraft();
    if (draft && this.isEmpty) this.fill(draft);
  }

  // A draft that cannot be read must not take the whole form with it.
  #readDraft() {
    try {
      return JSON.parse(browserMemory.get(this.#draftKey));
    } catch {
      return null;
    }
  }

  get #draftKey() {
    return `vragenmuur:draft:${facts.meeting}`;
  }

  #field(name) {
    return this.#form.elements.namedItem(name);
  }
}
