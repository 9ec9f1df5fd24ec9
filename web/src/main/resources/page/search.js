// The corpus, by words, pictures and stored images, for and against. The address holds the search.

import * as api from "./api.js";
import { byId } from "./dom.js";
import { read } from "./attachments.js";
import { addPart, chipsForAddress, hasPositive, queryName, queryParts, queryText, setQuery, startQuery } from "./search-query.js";
import { chosenValues, facetFields, filter, setFilter, showFacets, startFilters } from "./search-filters.js";
import { append, clear, results, startResults } from "./search-results.js";

const LIMIT = 48;
const WINDOW = 1000;
const ALIKE = 0.97;
const SWITCHES = ["collapse", "explain"];

let controller = null;
let request = null;
let next = "";
let loading = false;

const status = (text) => {
  byId("search-status").textContent = text;
};

// --- the address ---------------------------------------------------------------------------------

function address() {
  const fields = new URLSearchParams();
  if (queryText()) {
    fields.set("q", queryText());
  }
  for (const { kind, value, weight } of chipsForAddress()) {
    fields.append("with", `${kind}:${weight}:${value}`);
  }
  for (const [field, values] of Object.entries(chosenValues())) {
    for (const value of values) {
      fields.append("in", `${field}:${value}`);
    }
  }
  if (byId("rank").value) {
    fields.set("rank", byId("rank").value);
  }
  if (byId("least").value !== "0") {
    fields.set("least", byId("least").value);
  }
  for (const id of SWITCHES) {
    if (byId(id).checked) {
      fields.set(id, "1");
    }
  }
  const text = fields.toString();
  return text ? `#search?${text}` : "#search";
}

function chipOf(text) {
  const [kind, weight, ...value] = text.split(":");
  const whole = value.join(":");
  return { kind, value: whole, name: whole, weight: Number(weight) || 1 };
}

const choose = (id, value) => {
  const known = [...byId(id).options].some((option) => option.value === value);
  byId(id).value = known ? value : byId(id).options[0].value;
};

// Shows the search that an address holds.
export function searchAddress(text) {
  const fields = new URLSearchParams(text);
  const values = {};
  for (const pair of fields.getAll("in")) {
    const at = pair.indexOf(":");
    (values[pair.slice(0, at)] ??= []).push(pair.slice(at + 1));
  }
  setFilter(values);
  setQuery(fields.get("q") ?? "", fields.getAll("with").map(chipOf).filter((it) => ["text", "id", "image"].includes(it.kind)));
  choose("rank", fields.get("rank") ?? "");
  choose("least", fields.get("least") ?? "0");
  for (const id of SWITCHES) {
    byId(id).checked = fields.get(id) === "1";
  }
  if (["rank", "least", ...SWITCHES].some((name) => fields.has(name))) {
    byId("refine").open = true;
  }
  if (hasPositive()) {
    run();
  } else {
    clear();
    showFacets({});
  }
}

// --- searching -------------------------------------------------------------------------------------

function body() {
  const ranking = byId("rank").value;
  const least = Number(byId("least").value);
  return {
    query: queryParts(),
    filter: filter(),
    ranking: ranking ? { method: ranking } : undefined,
    min_p_match: least > 0 ? least : undefined,
    explain: byId("explain").checked || undefined,
    collapse: byId("collapse").checked ? ALIKE : undefined,
    facets: facetFields(),
    limit: LIMIT,
    window: WINDOW,
  };
}

async function run() {
  if (!hasPositive()) {
    status("Say what to look for: words or a picture. What to keep away from comes on top.");
    return;
  }
  controller?.abort();
  controller = new AbortController();
  const mine = controller;
  const name = queryName();
  request = body();
  next = "";
  loading = true;
  byId("grid").ariaBusy = "true";
  status(`Searching for ${name}…`);
  try {
    const answer = await api.search(request, mine.signal);
    clear();
    append(answer.hits, actions);
    byId("least-box").hidden = request.min_p_match === undefined && answer.hits.every((hit) => hit.p_match === undefined);
    showFacets(answer.facets ?? {});
    next = answer.next ?? "";
    report(name);
  } catch (fault) {
    if (fault.name !== "AbortError") {
      clear();
      status(fault.message);
    }
  } finally {
    if (mine === controller) {
      loading = false;
      byId("grid").ariaBusy = "false";
    }
  }
}

function report(name) {
  const count = results().length;
  status(count === 0 ? `Nothing found for ${name}.` : `${count}${next ? " and more" : ""} pictures for ${name}, best first.`);
}

async function more() {
  if (loading || !next || !request) {
    return;
  }
  loading = true;
  const mine = controller;
  try {
    const answer = await api.search({ ...request, facets: undefined, cursor: next }, mine.signal);
    if (mine === controller) {
      append(answer.hits, actions);
      next = answer.next ?? "";
      report(queryName());
    }
  } catch (fault) {
    if (fault.name !== "AbortError") {
      next = "";
      status(fault.message);
    }
  } finally {
    if (mine === controller) {
      loading = false;
    }
  }
}

// A changed search is a new page of the browser's history.
function changed() {
  history.pushState(null, "", address());
  run();
}

const actions = {
  like: (hit) => {
    setQuery("", []);
    addPart("id", hit.id, hit.caption, 1);
    changed();
    byId("query").focus();
  },
  unlike: (hit) => {
    addPart("id", hit.id, hit.caption, -0.5);
    changed();
  },
};

export async function searchPicture(file) {
  try {
    const picture = await read(file);
    addPart("image", picture.url, picture.name, 1);
    changed();
  } catch (fault) {
    status(fault.message);
  }
}

export function startSearch() {
  byId("refine").open = matchMedia("(min-width: 56rem)").matches;
  startQuery(changed);
  startFilters(changed);
  startResults(more);
  byId("search-form").addEventListener("submit", (event) => {
    event.preventDefault();
    changed();
  });
  for (const id of ["rank", "least", ...SWITCHES]) {
    byId(id).addEventListener("change", changed);
  }
  byId("query-image").addEventListener("click", () => byId("query-file").click());
  byId("query-file").addEventListener("change", (event) => {
    const [file] = event.target.files;
    if (file) {
      searchPicture(file);
    }
    event.target.value = "";
  });
}
