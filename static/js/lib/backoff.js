/** How long to wait before trying again: full jitter, and never sooner than the server asked. */

export const LONGEST_WAIT = 30_000;
const FIRST_WAIT = 1_000;
const SHORTEST_WAIT = 200;
export const LONGEST_RETRY_AFTER = 600_000;

/** Milliseconds until try number `attempt` + 1, at random over the whole span so that a hall does not come back at once. */
export function waitFor(attempt, random = Math.random) {
  const span = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** Math.min(attempt, 10));
  return Math.max(SHORTEST_WAIT, Math.round(random() * span));
}

/** Milliseconds asked for by a Retry-After header (seconds or a date); 0 when there is none or it makes no sense. */
export function retryAfter(header, now = Date.now()) {
  const asked = /^\s*\d+\s*$/.test(header ?? "") ? Number(header) * 1000 : Date.parse(header ?? "") - now;
  return Number.isFinite(asked) ? Math.min(LONGEST_RETRY_AFTER, Math.max(0, asked)) : 0;
}

/** A moment at random between two, in milliseconds. */
export function between(least, most, random = Math.random) {
  return Math.round(least + random() * (most - least));
}
