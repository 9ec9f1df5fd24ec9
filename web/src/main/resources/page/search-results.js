// The pictures found: a grid that grows as it is scrolled, and their list as a file.

import { byId, download, el } from "./dom.js";
import { percent, place as ordinal } from "./format.js";
import { nameOf } from "./names.js";
import { caption, credit } from "./picture.js";
import { askTakedown } from "./takedown-dialog.js";

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

const number = (value, digits) => value.toFixed(digits).replace("-", "−");

function row(name, value, share) {
  const fill = el("i");
  fill.style.width = `${Math.round(Math.max(0, Math.min(1, share)) * 100)}%`;
  return el("div", {}, el("dt", {}, name), el("dd", {}, value), el("dd", { class: "meter", "aria-hidden": "true" }, fill));
}

// What made the score: how alike it looks, and which words named it.
function explanation({ explanation: it }) {
  if (!it) {
    return null;
  }
  const rank = (place) => (place > 0 ? `, ${ordinal(place)}` : "");
  const parts = it.parts?.length > 1 ? it.parts.map((part, i) => row(`part ${i + 1}`, number(part, 2), part)) : [];
  const fields = Object.entries(it.fields ?? {});
  return el(
    "dl",
    { class: "why-list" },
    row("looks", `${number(it.cosine, 2)}${rank(it.vector_rank)}`, it.cosine),
    ...parts,
    it.z ? row("above usual", `${number(it.z, 1)} σ`, it.z / 8) : "",
    row("words", `${number(it.words, 1)}${rank(it.word_rank)}`, it.words / 12),
    ...fields.map(([name, value]) => row(`in ${name.replaceAll("_", " ")}`, number(value, 1), value / 12)),
  );
}

function tile(hit, { like, unlike }) {
  const button = (label, text, action) =>
    el("button", { type: "button", class: "quiet more", title: label, "aria-label": `${label}: ${hit.caption}`, onclick: action }, text);
  const { text, lang } = nameOf(hit);
  const whole = el(
    "li",
    { class: hit.source === "generated" ? "generated" : null },
    el(
      "a",
      { class: "shown-picture", href: hit.url, target: "_blank", rel: "noopener" },
      el("img", { src: hit.url, alt: text, lang, width: 128, height: 128, loading: "lazy", decoding: "async" }),
    ),
    caption(hit),
    credit(hit),
    match(hit),
    explanation(hit),
    el(
      "span",
      { class: "tile-actions" },
      button("More like this", "More like this", () => like(hit)),
      button("Less like this", "Less", () => unlike(hit)),
      el("a", { class: "quiet more", href: `${hit.url}?download`, download: true, "aria-label": `Download ${hit.caption}` }, "↓"),
      button("Take down", "⋯", () => askTakedown(hit, () => whole.remove())),
    ),
  );
  return whole;
}

export function clear() {
  found = [];
  byId("grid").replaceChildren();
  byId("save-results").hidden = true;
}

export function append(hits, actions) {
  found.push(...hits);
  const tiles = hits.map((hit) => tile(hit, actions));
  byId("grid").append(...tiles);
  for (const it of tiles) {
    for (const control of it.querySelectorAll("a, button")) {
      control.tabIndex = it === byId("grid").firstElementChild ? 0 : -1;
    }
  }
  byId("save-results").hidden = found.length === 0;
}

// A text that a spreadsheet would take for a formula is marked as text.
const plain = (value) => (typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value ?? ""));
const quoted = (value) => `"${plain(value).replaceAll('"', '""')}"`;

function csv() {
  const columns = ["id", "name", "caption", "score", "p_match", "source", "author", "licence", "url"];
  const row = (hit) => {
    const values = { ...hit, name: nameOf(hit).text, url: String(new URL(hit.url, location.href)) };
    return columns.map((column) => quoted(values[column])).join(",");
  };
  return [columns.join(","), ...found.map(row)].join("\r\n");
}

// The keyboard stops at one tile of the grid; arrows, Home and End move to others.
function reach(tile) {
  for (const it of byId("grid").children) {
    for (const control of it.querySelectorAll("a, button")) {
      control.tabIndex = it === tile ? 0 : -1;
    }
  }
}

function move(event) {
  const tiles = [...byId("grid").children];
  const at = tiles.findIndex((it) => it.contains(event.target));
  const to = {
    ArrowRight: at + 1,
    ArrowLeft: at - 1,
    ArrowDown: at + columns(),
    ArrowUp: at - columns(),
    Home: 0,
    End: tiles.length - 1,
  }[event.key];
  const next = tiles[to];
  if (next && at >= 0 && !event.altKey && !event.ctrlKey && !event.metaKey) {
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
  byId("grid").addEventListener("focusin", (event) => reach(event.target.closest("#grid > li")));
  byId("save-json").addEventListener("click", () =>
    download("results.json", "application/json", JSON.stringify(found, null, 2)),
  );
  byId("save-csv").addEventListener("click", () => download("results.csv", "text/csv", csv()));
}
