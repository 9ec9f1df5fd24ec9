// How the chat's pictures are chosen: from where, from which probability on, how well they must
// match. Kept in this browser; the chat's own field for the mode is the same setting.

import { byId } from "./dom.js";
import { percent } from "./format.js";

const KEY = "gill.steer";
const MODES = ["auto", "retrieve", "generate", "none"];
const USUAL = { mode: "auto", threshold: null, least: 0 };

let state = { ...USUAL };
let changed = () => {};

// The fields of a chat request.
export const steering = () => ({
  image_mode: state.mode,
  decision_threshold: state.threshold ?? undefined,
  min_p_match: state.least || undefined,
});

// null = the model's own.
export const threshold = () => state.threshold;

function stored() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY)) ?? {};
    return {
      mode: MODES.includes(kept.mode) ? kept.mode : USUAL.mode,
      threshold: kept.threshold >= 0 && kept.threshold <= 1 ? kept.threshold : USUAL.threshold,
      least: kept.least > 0 && kept.least <= 1 ? kept.least : USUAL.least,
    };
  } catch {
    return { ...USUAL };
  }
}

function set(values) {
  state = { ...state, ...values };
  try {
    localStorage.setItem(KEY, JSON.stringify(state));
  } catch {
    // A browser that keeps nothing: it holds until the page is left.
  }
  show();
  changed();
}

function show() {
  byId("mode").value = state.mode;
  for (const radio of document.querySelectorAll("input[name=steer-mode]")) {
    radio.checked = radio.value === state.mode;
  }
  byId("steer").classList.toggle("forced", state.mode !== "auto");
  byId("threshold").disabled = state.mode !== "auto";
  byId("usual-threshold").hidden = state.threshold === null;
  byId("threshold-now").textContent = state.threshold === null ? "the model's own threshold" : percent(state.threshold);
  byId("threshold").value = Math.round((state.threshold ?? 0.5) * 100);
  byId("threshold").setAttribute("aria-valuetext", byId("threshold-now").textContent);
  byId("steer-least").value = String(state.least);
  chip();
}

// Beside the chat's field: what is not as usual.
function chip() {
  const words = [
    state.mode === "auto" && state.threshold !== null ? `corpus from ${percent(state.threshold)}` : "",
    state.least > 0 ? `match ≥ ${percent(state.least)}` : "",
  ].filter(Boolean);
  byId("steered").hidden = words.length === 0;
  byId("steered").textContent = words.join(", ");
}

// `onChange` is called whenever a setting changes.
export function startSteering(onChange) {
  changed = onChange;
  state = stored();
  byId("mode").addEventListener("change", (event) => set({ mode: event.target.value }));
  for (const radio of document.querySelectorAll("input[name=steer-mode]")) {
    radio.addEventListener("change", () => set({ mode: radio.value }));
  }
  byId("threshold").addEventListener("input", (event) => set({ threshold: Number(event.target.value) / 100 }));
  byId("usual-threshold").addEventListener("click", () => {
    set({ threshold: null });
    byId("threshold").focus();
  });
  byId("steer-least").addEventListener("change", (event) => set({ least: Number(event.target.value) }));
  byId("steer").addEventListener("submit", (event) => event.preventDefault());
  byId("steered").addEventListener("click", () => {
    location.hash = "decision";
  });
  show();
}
