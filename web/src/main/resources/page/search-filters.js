// Which images: the counted values of a few fields, as boxes to tick.

import { byId, el } from "./dom.js";

const FIELDS = { source: "Source", style: "Style", group: "Group", colour: "Colour", licence: "Licence" };
const SHORT = 8;

let chosen = {};
let changed = () => {};

export const facetFields = () => Object.keys(FIELDS);
export const chosenValues = () => chosen;

// The filter as the API reads it; undefined = all.
export function filter() {
  const set = Object.entries(chosen).filter(([, values]) => values.length > 0);
  return set.length === 0 ? undefined : Object.fromEntries(set);
}

export function setFilter(values) {
  chosen = values;
}

function toggle(field, value, on) {
  const others = (chosen[field] ?? []).filter((it) => it !== value);
  chosen = { ...chosen, [field]: on ? [...others, value] : others };
  changed();
}

function row(field, { value, count }) {
  const on = (chosen[field] ?? []).includes(value);
  const box = el("input", { type: "checkbox", checked: on });
  box.addEventListener("change", () => toggle(field, value, box.checked));
  return el("li", {}, el("label", {}, box, el("span", { class: "value" }, value), el("span", { class: "count" }, String(count))));
}

// Ticked values stay in sight even when nothing has them any more.
function values(field, counted) {
  const missing = (chosen[field] ?? [])
    .filter((value) => !counted.some((it) => it.value === value))
    .map((value) => ({ value, count: 0 }));
  return [...missing, ...counted];
}

function group(field, counted) {
  const rows = values(field, counted).map((it) => row(field, it));
  const list = el("ul", {}, ...rows.slice(0, SHORT));
  const rest = rows.slice(SHORT);
  const more =
    rest.length === 0
      ? null
      : el("button", { type: "button", class: "quiet", onclick: () => (list.append(...rest), more.remove()) }, `${rest.length} more`);
  return el("fieldset", {}, el("legend", {}, FIELDS[field]), list, more);
}

export function showFacets(facets) {
  const shown = facetFields().filter((field) => values(field, facets[field] ?? []).length > 0);
  byId("facets").replaceChildren(...shown.map((field) => group(field, facets[field] ?? [])));
  byId("filters").hidden = shown.length === 0;
  byId("clear-filters").hidden = filter() === undefined;
}

export function startFilters(onChange) {
  changed = onChange;
  byId("filters").open = matchMedia("(min-width: 56rem)").matches;
  byId("clear-filters").addEventListener("click", () => {
    chosen = {};
    onChange();
  });
}
