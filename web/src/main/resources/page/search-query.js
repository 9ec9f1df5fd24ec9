// What is searched for: the words in the field, and chips of further words, pictures and stored
// images, each for (positive weight) or against (negative).

import { byId, el } from "./dom.js";

const STEP = 0.25;
const MOST = 4;

let parts = [];
let changed = () => {};

export const queryText = () => byId("query").value.trim();

// The parts as the API reads them.
export function queryParts() {
  const text = queryText();
  return [
    ...(text ? [{ text }] : []),
    ...parts.map(({ kind, value, weight }) => ({ [kind]: value, weight })),
  ];
}

export const hasPositive = () => queryText() !== "" || parts.some((part) => part.weight > 0);

export function queryName() {
  const names = parts.map((part) => `${part.weight > 0 ? "with" : "without"} ${part.name}`);
  return [...(queryText() ? [`“${queryText()}”`] : []), ...names].join(", ");
}

export function addPart(kind, value, name, weight) {
  parts = [...parts.filter((part) => part.kind !== kind || part.value !== value), { kind, value, name, weight }];
  draw();
}

export function setQuery(text, chips) {
  byId("query").value = text;
  parts = chips;
  draw();
}

// Chips that fit an address; an uploaded picture does not.
export const chipsForAddress = () => parts.filter((part) => part.kind !== "image" || part.value.startsWith("/"));

function change(part, weight) {
  const bounded = Math.max(-MOST, Math.min(MOST, weight));
  if (bounded === 0) {
    parts = parts.filter((it) => it !== part);
  } else {
    part.weight = bounded;
  }
  draw();
  changed();
}

function press(label, text, action) {
  return el("button", { type: "button", "aria-label": label, title: label, onclick: action }, text);
}

function chip(part) {
  const against = part.weight < 0;
  const size = Math.abs(part.weight);
  const sign = Math.sign(part.weight);
  const picture =
    part.kind === "text" ? null : el("img", { src: part.kind === "id" ? `/v1/images/${part.value}` : part.value, alt: "" });
  return el(
    "li",
    { class: against ? "chip against" : "chip" },
    picture,
    el("span", { class: "chip-name" }, `${against ? "not " : ""}${part.name}`),
    press(`Weigh ${part.name} less`, "−", () => change(part, sign * Math.max(STEP, size - STEP))),
    el("span", { class: "chip-weight", title: "weight" }, `×${size}`),
    press(`Weigh ${part.name} more`, "+", () => change(part, sign * (size + STEP))),
    press(against ? `Look for ${part.name}` : `Keep away from ${part.name}`, "±", () => change(part, -part.weight)),
    press(`Remove ${part.name}`, "×", () => change(part, 0)),
  );
}

function draw() {
  byId("chips").replaceChildren(...parts.map(chip));
}

// `onChange` is called when a chip changes, `onAdd` when words become a chip.
export function startQuery(onChange) {
  changed = onChange;
  const more = (weight) => () => {
    const text = byId("more-words").value.trim();
    if (text) {
      addPart("text", text, text, weight);
      byId("more-words").value = "";
      onChange();
    }
    byId("more-words").focus();
  };
  byId("add-words").addEventListener("click", more(1));
  byId("avoid-words").addEventListener("click", more(-0.5));
  byId("more-words").addEventListener("keydown", (event) => {
    if (event.key === "Enter") {
      event.preventDefault();
      more(event.shiftKey ? -0.5 : 1)();
    }
  });
}
