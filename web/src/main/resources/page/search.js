// The corpus, by words or by a picture.

import * as api from "./api.js";
import { byId, el } from "./dom.js";
import { read } from "./attachments.js";
import { credit } from "./picture.js";

const LIMIT = 48;
let controller = null;

function result(hit) {
  const more = el(
    "button",
    { type: "button", class: "quiet more", onclick: () => run({ image: hit.url }, `more like “${hit.caption}”`) },
    "More like this",
  );
  return el(
    "li",
    {},
    el(
      "a",
      { href: hit.url, target: "_blank", rel: "noopener" },
      el("img", { src: hit.url, alt: hit.caption, width: 128, height: 128, loading: "lazy", decoding: "async" }),
    ),
    el("span", { class: "caption" }, hit.caption),
    credit(hit),
    el("span", { class: "facts" }, `score ${hit.score.toFixed(3)}`),
    more,
  );
}

async function run(query, name) {
  controller?.abort();
  controller = new AbortController();
  const mine = controller;
  byId("search-status").textContent = `Searching for ${name}…`;
  try {
    const { hits } = await api.search({ ...query, limit: LIMIT }, mine.signal);
    byId("grid").replaceChildren(...hits.map(result));
    byId("search-status").textContent =
      hits.length === 0 ? `Nothing found for ${name}.` : `${hits.length} pictures for ${name}, best first.`;
  } catch (fault) {
    if (fault.name !== "AbortError") {
      byId("grid").replaceChildren();
      byId("search-status").textContent = fault.message;
    }
  }
}

export function searchText(text) {
  byId("query").value = text;
  run({ text }, `“${text}”`);
}

export async function searchPicture(file) {
  try {
    const picture = await read(file);
    await run({ image: picture.url }, `the picture ${picture.name}`);
  } catch (fault) {
    byId("search-status").textContent = fault.message;
  }
}

export function startSearch(onQuery) {
  byId("search-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const text = byId("query").value.trim();
    if (text) {
      onQuery(text);
    }
  });
  byId("query-image").addEventListener("click", () => byId("query-file").click());
  byId("query-file").addEventListener("change", (event) => {
    const [file] = event.target.files;
    if (file) {
      searchPicture(file);
    }
    event.target.value = "";
  });
}
