/** The phone: ask, see it arrive, and see what becomes of it. */

import { isReceipt, send } from "../lib/answers.js";
import { newKey } from "../lib/keys.js";
import { Outbox } from "../lib/outbox.js";
import { openStore } from "../lib/store.js";
import { connect } from "../live.js";
import { AskForm } from "../parts/ask.js";
import { showConnection } from "../parts/connection-sign.js";
import { applyMine, hasMine, markOwn, refetchMine, startMine } from "../parts/mine.js";
import { notify } from "../parts/notice.js";
import { outboxPlace, showItems } from "../parts/outbox-list.js";
import { facts, part, say, tabName } from "../parts/page.js";
import { Region } from "../parts/region.js";
import { applyFilters } from "../parts/shown.js";
import { watchPointer } from "../parts/stillness.js";
import { markSupported, startSupport } from "../parts/support.js";
import { showTopic, startTopicFilter } from "../parts/topic-filter.js";
import { showWhen } from "../parts/when.js";

let store;
let outbox;
const tabs = globalThis.BroadcastChannel ? new BroadcastChannel("vragenmuur-outbox") : null;
const ready = startOutbox();
const ask = part("ask") ? new AskForm({ keep }) : null;

startSupport();
startTopicFilter();
watchPointer();
startMine({ changed: () => markSupported(part("mine") ?? document) });
if (document.getElementById("live")) startLive();

async function keep(fields) {
  await ready;
  await outbox.keep({ meeting: facts.meeting, url: facts.post, fields });
  notify(say("kept"));
  outbox.drain({ eager: true });
}

async function tell({ what, item, receipt }) {
  tabs?.postMessage(what);
  if (what === "received" && item.meeting === facts.meeting) {
    notify(say("received", { number: receipt.number }), "good");
    await refetchMine();
  }
  await showOutbox();
}

async function showOutbox() {
  const items = (await outbox.items()).filter((item) => item.meeting === facts.meeting);
  showItems({
    place: outboxPlace(),
    items: items.map((item) => ({ ...item, inMemory: store.kind === "memory" })),
    words: (item) => item.fields.text,
    buttons: (item) => (item.shown === "refused" ? [["edit", say("edit_again"), () => editAgain(item)], ["discard", say("discard"), () => outbox.discard(item.key)]] : []),
  });
}

// The text is in the field and in the draft before the outbox lets go of it.
async function editAgain(item) {
  if (!ask) return;
  if (!ask.isEmpty) return notify(say("field_in_use"), "warning");
  ask.fill(item.fields);
  ask.explain(Object.values(item.problem?.errors ?? {})[0] ?? item.problem?.title ?? "");
  await outbox.discard(item.key);
  ask.focus();
}

async function startOutbox() {
  store = await openStore("vragenmuur-outbox");
  outbox = new Outbox({ store, newKey, tab: tabName(newKey), tell, send: (item) => send(item.url, { fields: { ...item.fields, key: item.key }, proves: isReceipt }) });
  const drain = () => outbox.drain({ eager: true });
  addEventListener("online", drain);
  addEventListener("pageshow", drain);
  document.addEventListener("visibilitychange", () => !document.hidden && drain());
  if (tabs) tabs.onmessage = ({ data }) => hearOtherTab(data);
  await showOutbox();
  drain();
}

async function hearOtherTab(what) {
  if (what === "received") await refetchMine();
  await showOutbox();
}

function startLive() {
  const region = new Region({
    url: facts.live,
    missed: () => hasMine() && refetchMine(),
    after: (known) => {
      markSupported();
      markOwn();
      applyFilters();
      showTopic();
      showWhen(known);
    },
  });
  connect({
    facts,
    on: { changed: (message) => region.changed(message), counted: (message) => region.counted(message), pulse: (message) => region.pulse(message), mine: applyMine },
    refetch: async () => (await Promise.all([region.refetch(), hasMine() && refetchMine()]))[0],
    onState: (connection) => {
      showConnection(connection);
      if (connection.state === "offline") return;
      outbox?.drain({ eager: true });
      if (hasMine()) refetchMine();
    },
  });
}
