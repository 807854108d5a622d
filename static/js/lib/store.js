/** Where things to be sent are kept: IndexedDB, else web storage, else memory; it says which. */

const OPEN_TIMEOUT = 2_000;

/**
 * A layer keeps items by their `key`. `change` is atomic over tabs: `edit(current)` answers the new item,
 * null to remove it, or undefined to leave it; the layer answers what `edit` did.
 * @typedef {{kind: string, all(): Promise<object[]>, change(key: string, edit: (item?: object) => object|null|undefined): Promise<object|null|undefined>}} Layer
 */

/** Open the strongest layers this browser has, strongest first. */
export async function openStore(name, { indexedDB, storage } = browserStores()) {
  const layers = [await openDatabase(name, indexedDB), openWebStorage(name, storage), openMemory()];
  return new Store(layers.filter(Boolean));
}

/** Layers in order of strength; what a stronger one refuses (full, private mode) goes to the next. */
export class Store {
  #layers;

  constructor(layers) {
    this.#layers = layers;
    /** Where the newest item went: "indexeddb", "web" or "memory". */
    this.kind = layers[0].kind;
  }

  async all() {
    const found = new Map();
    for (const layer of this.#layers) {
      for (const item of await layer.all().catch(() => [])) found.set(item.key, item);
    }
    return [...found.values()].sort((a, b) => a.at - b.at);
  }

  async put(item) {
    for (const layer of this.#layers) {
      try {
        await layer.change(item.key, () => item);
        this.kind = layer.kind;
        return;
      } catch {
        continue;
      }
    }
    throw new Error("nothing keeps this item");
  }

  /** Edit an item where it lies; answers undefined when it is nowhere, or was left as it was. */
  async change(key, edit) {
    for (const layer of this.#layers) {
      const done = await layer.change(key, (item) => item && edit(item)).catch(() => undefined);
      if (done !== undefined) return done;
    }
    return undefined;
  }
}

/** @returns {Layer} */
export function openMemory() {
  const items = new Map();
  return {
    kind: "memory",
    all: async () => [...items.values()],
    change: async (key, edit) => {
      const next = edit(items.get(key));
      if (next === null) items.delete(key);
      else if (next !== undefined) items.set(key, next);
      return next;
    },
  };
}

/** One entry per item, so that two tabs never write over each other's list. @returns {Layer|null} */
export function openWebStorage(name, storage) {
  if (!storage || !canWrite(storage, `${name}:try`)) return null;
  const entry = (key) => `${name}:${key}`;
  return {
    kind: "web",
    all: async () => entries(storage, `${name}:`).map((text) => JSON.parse(text)),
    change: async (key, edit) => {
      const text = storage.getItem(entry(key));
      const next = edit(text === null ? undefined : JSON.parse(text));
      if (next === null) storage.removeItem(entry(key));
      else if (next !== undefined) storage.setItem(entry(key), JSON.stringify(next));
      return next;
    },
  };
}

function canWrite(storage, key) {
  try {
    storage.setItem(key, "1");
    storage.removeItem(key);
    return true;
  } catch {
    return false;
  }
}

function entries(storage, prefix) {
  const keys = Array.from({ length: storage.length }, (_, place) => storage.key(place));
  return keys.filter((key) => key.startsWith(prefix)).map((key) => storage.getItem(key));
}

/** @returns {Promise<Layer|null>} */
async function openDatabase(name, indexedDB) {
  if (!indexedDB) return null;
  let database = await opened(name, indexedDB).catch(() => null);
  // Phones close a database of a page in the background; it is opened anew, or what it holds would be out of sight.
  const use = (mode, work) => inTransaction(database, mode, work).catch(async (error) => {
    if (error.name !== "InvalidStateError") throw error;
    database = await opened(name, indexedDB);
    return inTransaction(database, mode, work);
  });
  return database && {
    kind: "indexeddb",
    all: () => use("readonly", (items, answer) => {
      items.getAll().onsuccess = ({ target }) => answer(target.result);
    }),
    change: (key, edit) => use("readwrite", (items, answer) => {
      items.get(key).onsuccess = ({ target }) => {
        const next = edit(target.result);
        if (next === null) items.delete(key);
        else if (next !== undefined) items.put(next);
        answer(next);
      };
    }),
  };
}

function opened(name, indexedDB) {
  return new Promise((resolve, reject) => {
    // Some browsers never answer in private windows.
    setTimeout(() => reject(new Error("no answer")), OPEN_TIMEOUT);
    const request = indexedDB.open(name, 1);
    request.onupgradeneeded = () => request.result.createObjectStore("items", { keyPath: "key" });
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
}

// Answers at `complete`, not at the request's success: only then is it on the disk.
function inTransaction(database, mode, work) {
  return new Promise((resolve, reject) => {
    const transaction = database.transaction("items", mode, { durability: "strict" });
    let result;
    transaction.oncomplete = () => resolve(result);
    transaction.onabort = transaction.onerror = () => reject(transaction.error ?? new Error("aborted"));
    work(transaction.objectStore("items"), (answer) => { result = answer; });
  });
}

function browserStores() {
  const reach = (name) => {
    try {
      return globalThis[name];
    } catch {
      return undefined; // blocked by the browser's settings
    }
  };
  return { indexedDB: reach("indexedDB"), storage: reach("localStorage") };
}
