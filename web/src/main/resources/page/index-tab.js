// The corpora this server has, its jobs, and what must not be shown.

import * as api from "./api.js";
import { byId, el } from "./dom.js";
import { counted, when } from "./format.js";
import { startJobs, leaveJobs, showJobs, start } from "./jobs.js";
import { askKey } from "./key.js";
import { nameOf } from "./names.js";

const GLANCE = 12;

const KINDS = { id: "Id", sha256: "SHA-256", phash: "Perceptual hash", url: "Address" };

let corporaNames = new Set();

const status = (text) => {
  byId("index-status").textContent = text;
};

// --- corpora ----------------------------------------------------------------------------------------

function card(corpus) {
  const facts = [
    ["updated", corpus.updated ? when(corpus.updated) : ""],
    ["folder", corpus.path],
    ["vectors", corpus.vector_format],
    ["format", corpus.format],
    ["made for model", corpus.fingerprint?.slice(0, 12)],
  ].filter(([, value]) => value !== undefined && value !== null && value !== "");
  const glance = el("div", { class: "glance", "aria-hidden": "true" });
  const node = el(
    "li",
    { class: "card corpus" },
    el(
      "div",
      { class: "title-line" },
      el("h3", {}, corpus.name),
      corpus.live ? el("span", { class: "label live" }, "Live") : null,
    ),
    el("p", { class: "big" }, counted(corpus.images, "picture", "pictures")),
    glance,
    el("dl", { class: "about" }, ...facts.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, String(value))])),
  );
  if (corpus.live) {
    lookInto(glance);
  }
  return node;
}

// A dozen pictures that differ from each other.
async function lookInto(box) {
  try {
    const { hits } = await api.search({ text: "a picture", diversity: 0.8, limit: GLANCE, ranking: { method: "vectors" } });
    box.append(...hits.map((hit) => el("img", { src: hit.url, alt: "", title: nameOf(hit).text, width: 64, height: 64, loading: "lazy" })));
  } catch {
    box.remove();
  }
}

async function showCorpora() {
  const list = byId("corpora");
  if (list.children.length === 0) {
    list.append(el("li", { class: "card waiting", "aria-hidden": "true" }));
  }
  try {
    const { corpora, indexing } = await api.corpora();
    byId("job-form").hidden = !indexing;
    byId("no-indexing").hidden = indexing;
    corporaNames = new Set(corpora.map(({ name }) => name));
    list.replaceChildren(...corpora.map(card));
    if (corpora.length === 0) {
      list.append(el("li", { class: "empty" }, "This server has no corpus."));
    }
    byId("index-names").replaceChildren(...corpora.map(({ name }) => el("option", { value: name })));
  } catch (fault) {
    list.replaceChildren(el("li", { class: "empty" }, fault.message));
  }
}

// --- the key ---------------------------------------------------------------------------------------------

async function showKey() {
  const line = byId("key-line");
  line.hidden = true;
  try {
    const { required, name, scope } = await api.keyState();
    if (!required) {
      return;
    }
    line.replaceChildren(
      name ? `Key “${name}” (${scope})` : "No key",
      el("button", { type: "button", class: "quiet", onclick: otherKey }, "Use another"),
    );
    line.hidden = false;
  } catch {
    // The corpora's list says that the server is gone.
  }
}

async function otherKey() {
  if (await askKey()) {
    showIndex();
  }
}

// --- forms -------------------------------------------------------------------------------------------------

function refuse(field, box, fault) {
  box.textContent = fault.code === "scope_missing" ? `${fault.message} “Use another” above takes another key.` : fault.message;
  box.hidden = false;
  field.setAttribute("aria-invalid", "true");
  field.focus();
}

// Nothing that is there may be replaced unawares.
function agrees(index, mode) {
  const known = corporaNames.has(index);
  return (
    !known ||
    !["new", "update"].includes(mode) ||
    window.confirm(`There is an index “${index}”. It will hold what is in this folder; pictures of it that are not there are removed.`)
  );
}

async function submitJob(event) {
  event.preventDefault();
  const source = byId("job-source");
  if (!agrees(byId("job-index").value.trim(), byId("job-mode").value)) {
    return;
  }
  byId("job-fault").hidden = true;
  source.removeAttribute("aria-invalid");
  try {
    await start({
      kind: "index",
      source: source.value.trim(),
      index: byId("job-index").value.trim(),
      mode: byId("job-mode").value,
    });
  } catch (fault) {
    refuse(source, byId("job-fault"), fault);
  }
}

async function submitTakedown(event) {
  event.preventDefault();
  const field = byId("takedown-values");
  const values = field.value.split("\n").map((it) => it.trim()).filter(Boolean);
  byId("takedown-fault").hidden = true;
  field.removeAttribute("aria-invalid");
  if (values.length === 0 || !window.confirm(`Take down ${counted(values.length, "entry", "entries")}? They do not come back.`)) {
    return;
  }
  try {
    const { removed } = await api.takeDown({ [byId("takedown-kind").value]: values });
    field.value = "";
    status(`Noted. ${counted(removed, "picture was", "pictures were")} taken out of the index.`);
    showTakedowns();
    showCorpora();
  } catch (fault) {
    refuse(field, byId("takedown-fault"), fault);
  }
}

async function showTakedowns() {
  const list = byId("takedown-list");
  if (!byId("takedowns").open) {
    return;
  }
  try {
    const { takedowns } = await api.takedowns();
    list.replaceChildren(
      ...takedowns.map(({ kind, value }) =>
        el("li", {}, el("span", { class: "facts" }, KINDS[kind] ?? kind), el("span", { class: "code" }, value)),
      ),
    );
    if (takedowns.length === 0) {
      list.append(el("li", { class: "empty" }, "Nothing."));
    }
  } catch (fault) {
    list.replaceChildren(el("li", { class: "empty" }, fault.message));
  }
}

// --- the tab -----------------------------------------------------------------------------------------------

let shown = false;

export function showIndex() {
  shown = true;
  status("");
  showKey();
  showCorpora();
  showTakedowns();
  showJobs();
}

export function leaveIndex() {
  if (shown) {
    shown = false;
    leaveJobs();
  }
}

export function startIndex() {
  startJobs(showCorpora);
  byId("job-form").addEventListener("submit", submitJob);
  // A new index is called as its folder is, until it is given another name.
  let named = "";
  byId("job-source").addEventListener("input", (event) => {
    const field = byId("job-index");
    if (field.value === named) {
      named = event.target.value.split(/[/\\]/).filter(Boolean).at(-1) ?? "";
      field.value = named;
    }
  });
  byId("takedown-form").addEventListener("submit", submitTakedown);
  byId("takedowns").addEventListener("toggle", showTakedowns);
}
