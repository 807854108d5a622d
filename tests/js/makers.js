/** Makers for the tests of the browser's logic: a clock, a web storage, answers of a server. */

/** A web storage in memory; `full` makes it refuse, as a full or blocked one does. */
export function aStorage({ full = false } = {}) {
  const entries = new Map();
  return {
    get length() { return entries.size; },
    key: (place) => [...entries.keys()][place] ?? null,
    getItem: (key) => entries.get(key) ?? null,
    removeItem: (key) => entries.delete(key),
    setItem: (key, value) => {
      if (full) throw new Error("QuotaExceededError");
      entries.set(key, value);
    },
  };
}

export function json(status, body, headers = {}) {
  const type = status < 400 ? "application/json" : "application/problem+json";
  return new Response(JSON.stringify(body), { status, headers: { "Content-Type": type, ...headers } });
}

export function html(status, headers = {}) {
  return new Response("<h1>Welcome to our Wi-Fi</h1>", { status, headers: { "Content-Type": "text/html", ...headers } });
}

export function aProblem(name, status, more = {}) {
  return json(status, { type: `urn:problem:${name}`, title: `This is ${name}.`, status, ...more });
}
