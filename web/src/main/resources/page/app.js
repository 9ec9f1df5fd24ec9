// Tabs, the address bar, dropped and pasted pictures.

import { announce, byId } from "./dom.js";
import { attach, currentSession, openSession, startChat } from "./chat.js";
import { filesOf } from "./attachments.js";
import { searchAddress, searchPicture, startSearch } from "./search.js";
import { drawPlot, showDecision, startDecision } from "./decision.js";
import { leaveIndex, showIndex, startIndex } from "./index-tab.js";
import { startSteering } from "./steer.js";
import { startTakedownDialog } from "./takedown-dialog.js";
import { startHistory } from "./history.js";
import { startKey } from "./key.js";

const TABS = ["chat", "search", "index", "decision"];
const FIRST_FIELD = { chat: "prompt", search: "query", index: "takedown-kind", decision: "threshold" };
let current = "chat";

function show(name) {
  current = name;
  for (const tab of TABS) {
    const selected = tab === name;
    byId(tab).hidden = !selected;
    byId(`tab-${tab}`).setAttribute("aria-selected", String(selected));
    byId(`tab-${tab}`).tabIndex = selected ? 0 : -1;
  }
  document.body.dataset.tab = name;
  if (name === "index") {
    showIndex();
  } else {
    leaveIndex();
  }
}

// The address holds the tab and the search, so that it can be kept and shared.
function followAddress() {
  const [name, query] = location.hash.slice(1).split("?", 2);
  show(TABS.includes(name) ? name : "chat");
  if (name === "search") {
    searchAddress(query ?? "");
  } else if (name === "chat") {
    const id = new URLSearchParams(query ?? "").get("s");
    if (id && id !== currentSession()) {
      openSession(id).catch((fault) => announce(fault.message));
    }
  } else if (name === "decision") {
    showDecision();
  }
}

function openTab(name) {
  history.pushState(null, "", `#${name}`);
  show(name);
  if (name === "chat" || name === "search") {
    byId(FIRST_FIELD[name]).focus();
  }
  if (name === "decision") {
    showDecision();
  }
}

function take(files) {
  if (files.length === 0) {
    return;
  }
  if (current === "search") {
    searchPicture(files[0]);
  } else {
    attach(files);
  }
}

for (const name of TABS) {
  const tab = byId(`tab-${name}`);
  tab.addEventListener("click", () => openTab(name));
  tab.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (step) {
      const next = TABS[(TABS.indexOf(name) + step + TABS.length) % TABS.length];
      show(next);
      byId(`tab-${next}`).focus();
    }
  });
}

byId("skip").addEventListener("click", () => byId(FIRST_FIELD[current]).focus());

startKey();
startSteering(drawPlot);
startTakedownDialog();
startChat();
startSearch();
startDecision();
startIndex();
startHistory();
window.addEventListener("popstate", followAddress);
followAddress();

document.addEventListener("paste", (event) => {
  const files = filesOf(event.clipboardData);
  if (files.length > 0) {
    event.preventDefault();
    take(files);
  }
});

let depth = 0;
const carriesFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
document.addEventListener("dragenter", (event) => {
  if (carriesFiles(event)) {
    depth += 1;
    byId("dropzone").hidden = false;
  }
});
document.addEventListener("dragleave", (event) => {
  if (carriesFiles(event)) {
    depth = Math.max(0, depth - 1);
    byId("dropzone").hidden = depth > 0 ? false : true;
  }
});
document.addEventListener("dragover", (event) => {
  if (carriesFiles(event)) {
    event.preventDefault();
  }
});
document.addEventListener("drop", (event) => {
  if (carriesFiles(event)) {
    event.preventDefault();
    depth = 0;
    byId("dropzone").hidden = true;
    take(filesOf(event.dataTransfer));
  }
});
