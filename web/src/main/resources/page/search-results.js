// The pictures found: a grid that grows as it is scrolled, and their list as a file.

import { byId, download, el } from "./dom.js";
import { credit, percent } from "./picture.js";

let found = [];

export const results = () => found;

function match(hit) {
  if (hit.p_match === undefined) {
    return el("span", { class: "facts" }, `score ${hit.score.toFixed(3)}`);
  }
  const fill = el("i");
  fill.style.width = `${Math.round(hit.p_match * 100)}%`;
  return el(
    "span",
    { class: "facts", title: `How likely it shows what you look for. Score ${hit.score.toFixed(3)}.` },
    `match ${percent(hit.p_match)}`,
    el("span", { class: "meter", "aria-hidden": "true" }, fill),
  );
}

const number = (value) => (typeof value === "number" ? String(Number(value.toFixed(3))).replace("-", "−") : String(value));

function facts(name, value) {
  if (Array.isArray(value)) {
    return [[name, value.map(number).join(" + ")]];
  }
  if (value !== null && typeof value === "object") {
    return Object.entries(value).flatMap(([key, inner]) => facts(`${name} ${key}`, inner));
  }
  return value === 0 ? [] : [[name.replaceAll("_", " "), number(value)]];
}

function explanation(hit) {
  if (!hit.explanation) {
    return null;
  }
  const rows = Object.entries(hit.explanation).flatMap(([name, value]) => facts(name, value));
  return el("dl", { class: "why-list" }, ...rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}

function tile(hit, { like, unlike }) {
  const button = (label, text, action) =>
    el("button", { type: "button", class: "quiet more", title: label, "aria-label": `${label}: ${hit.caption}`, onclick: action }, text);
  return el(
    "li",
    { class: hit.source === "generated" ? "generated" : null },
    el(
      "a",
      { href: hit.url, target: "_blank", rel: "noopener" },
      el("img", { src: hit.url, alt: hit.caption, width: 128, height: 128, loading: "lazy", decoding: "async" }),
    ),
    el("span", { class: "caption" }, hit.caption),
    credit(hit),
    match(hit),
    explanation(hit),
    el(
      "span",
      { class: "tile-actions" },
      button("More like this", "More like this", () => like(hit)),
      button("Less like this", "Less", () => unlike(hit)),
      el("a", { class: "quiet more", href: `${hit.url}?download`, download: true, "aria-label": `Download ${hit.caption}` }, "↓"),
    ),
  );
}

export function clear() {
  found = [];
  byId("grid").replaceChildren();
  byId("save-results").hidden = true;
}

export function append(hits, actions) {
  found.push(...hits);
  byId("grid").append(...hits.map((hit) => tile(hit, actions)));
  byId("save-results").hidden = found.length === 0;
}

const quoted = (value) => `"${String(value ?? "").replaceAll('"', '""')}"`;

function csv() {
  const columns = ["id", "caption", "score", "p_match", "source", "author", "licence", "url"];
  const row = (hit) => columns.map((name) => quoted(name === "url" ? new URL(hit.url, location.href) : hit[name])).join(",");
  return [columns.join(","), ...found.map(row)].join("\r\n");
}

// Arrow keys move between the tiles of the grid.
function move(event) {
  const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns(), ArrowUp: -columns() }[event.key];
  const tiles = [...byId("grid").children];
  const at = tiles.findIndex((it) => it.contains(event.target));
  const next = tiles[at + (step ?? 0)];
  if (step && next && event.target.closest("li > a")) {
    event.preventDefault();
    next.querySelector("a").focus();
  }
}

const columns = () => getComputedStyle(byId("grid")).gridTemplateColumns.split(" ").length;

// `onEnd` is called when the last tile comes into sight.
export function startResults(onEnd) {
  new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) {
      onEnd();
    }
  }).observe(byId("grid-end"));
  byId("grid").addEventListener("keydown", move);
  byId("save-json").addEventListener("click", () =>
    download("results.json", "application/json", JSON.stringify(found, null, 2)),
  );
  byId("save-csv").addEventListener("click", () => download("results.csv", "text/csv", csv()));
}
