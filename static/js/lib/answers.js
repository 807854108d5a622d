/** What an answer over HTTP means for something that must not be lost: received, refused for what it says, or try again. */

import { retryAfter } from "./backoff.js";

const OURS = "urn:problem:";
// These say "not now", whatever is in their body.
const NOT_NOW = new Set([408, 425, 429]);
const TIMEOUT = 15_000;

/**
 * @typedef {{outcome: "received", body: object}
 *   | {outcome: "refused", problem: {type: string, title: string, status: number, errors?: object, newest?: object}}
 *   | {outcome: "again", reason: string, after: number, everywhere: boolean}} Answer
 * `everywhere`: the line or the server as a whole is not there, so other things need not be tried now.
 */

/**
 * Read one answer. Only JSON that `proves` itself counts as received: a captive portal answers 200 too.
 * @returns {Promise<Answer>}
 */
export async function classify(response, proves, now = Date.now()) {
  if (response.type === "opaqueredirect" || response.redirected || response.status === 0) return again("elsewhere");
  const body = await readJson(response);
  if (response.ok && proves(body)) return { outcome: "received", body };
  if (isRefusal(response.status, body)) return { outcome: "refused", problem: { ...body, status: response.status } };
  return notNow(response, body, now);
}

/**
 * Send form fields and classify what comes back; never throws.
 * @returns {Promise<Answer>}
 */
export async function send(url, { fields = {}, method = "POST", proves = isFacts, fetch = globalThis.fetch, timeout = TIMEOUT } = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), timeout);
  try {
    return await classify(await fetch(url, request(method, fields, stop.signal)), proves);
  } catch {
    return again("offline");
  } finally {
    clearTimeout(timer);
  }
}

/** A question is received once it has a number. */
export const isReceipt = (body) => Number.isInteger(body?.number);

/** Any other command answers with facts. */
export const isFacts = (body) => typeof body === "object" && body !== null && !Array.isArray(body);

function request(method, fields, signal) {
  return {
    method,
    signal,
    body: new URLSearchParams(Object.entries(fields).filter(([, value]) => value !== undefined && value !== null)),
    headers: { Accept: "application/json" },
    credentials: "same-origin",
    cache: "no-store",
    redirect: "manual",
    keepalive: true,
  };
}

async function readJson(response) {
  if (!/[/+]json\b/i.test(response.headers.get("Content-Type") ?? "")) return null;
  try {
    return await response.json();
  } catch {
    return null;
  }
}

// A proxy's own 404 or 403 is no answer to the question; ours carries our name.
function isRefusal(status, body) {
  return status >= 400 && status < 500 && !NOT_NOW.has(status) && String(body?.type ?? "").startsWith(OURS);
}

function notNow(response, body, now) {
  const after = retryAfter(response.headers.get("Retry-After"), now);
  const ours = String(body?.type ?? "").startsWith(OURS);
  return { ...again(ours ? "busy" : "offline", after), everywhere: response.status < 500 || after > 0, title: ours ? body.title : undefined };
}

function again(reason, after = 0) {
  return { outcome: "again", reason, after, everywhere: true };
}
