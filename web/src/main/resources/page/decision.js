// How well "the corpus has it" was judged, by what readers kept, switched or called wrong.

import * as api from "./api.js";
import { byId, download, el } from "./dom.js";
import { percent } from "./format.js";
import { threshold } from "./steer.js";

const PAGE = 1000;
const BINS = 5;
const SIZE = 300;
const EDGE = 44;
const SVG = "http://www.w3.org/2000/svg";

let labels = [];
let bins = [];

async function readAll() {
  const all = [];
  for (;;) {
    const { feedback } = await api.listFeedback(all.at(-1)?.id ?? 0, PAGE);
    all.push(...feedback);
    if (feedback.length < PAGE) {
      return all;
    }
  }
}

// Whether the corpus was right; undefined where neither picture was.
function corpusRight({ event, shown }) {
  return event === "wrong" ? undefined : (event === "kept") === (shown === "retrieved");
}

// Bins of equal width: how often the corpus was right where it was thought likely to be.
export function reliability(entries) {
  const bins = Array.from({ length: BINS }, () => ({ n: 0, right: 0, thought: 0 }));
  for (const { feedback } of entries) {
    const right = corpusRight(feedback);
    if (right !== undefined && feedback.p_retrieve !== undefined) {
      const bin = bins[Math.min(BINS - 1, Math.floor(feedback.p_retrieve * BINS))];
      bin.n += 1;
      bin.right += Number(right);
      bin.thought += feedback.p_retrieve;
    }
  }
  return bins.filter((bin) => bin.n > 0).map(({ n, right, thought }) => ({ n, right: right / n, thought: thought / n }));
}

export function calibrationError(bins) {
  const total = bins.reduce((sum, bin) => sum + bin.n, 0);
  return bins.reduce((sum, bin) => sum + (bin.n / total) * Math.abs(bin.right - bin.thought), 0);
}

function shape(name, attributes, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) {
    node.setAttribute(key, value);
  }
  node.append(...children);
  return node;
}

function plot(bins) {
  const x = (value) => EDGE + value * SIZE;
  const y = (value) => 12 + (1 - value) * SIZE;
  const most = Math.max(...bins.map((bin) => bin.n));
  const ticks = [0, 0.5, 1].flatMap((value) => [
    shape("text", { x: x(value), y: y(0) + 20, "text-anchor": "middle" }, percent(value)),
    shape("text", { x: EDGE - 8, y: y(value) + 5, "text-anchor": "end" }, percent(value)),
  ]);
  const dots = bins.map((bin) =>
    shape(
      "circle",
      { cx: x(bin.thought), cy: y(bin.right), r: 5 + 11 * Math.sqrt(bin.n / most) },
      shape("title", {}, `thought ${percent(bin.thought)}, was ${percent(bin.right)} of ${bin.n}`),
    ),
  );
  const label = bins.map((bin) => `where ${percent(bin.thought)} was thought, ${percent(bin.right)} of ${bin.n} were right`).join("; ");
  return shape(
    "svg",
    { viewBox: `0 0 ${SIZE + EDGE + 24} ${SIZE + 62}`, role: "img", "aria-label": `Reliability: ${label}` },
    shape("rect", { x: x(0), y: y(1), width: SIZE, height: SIZE, class: "frame" }),
    shape("line", { x1: x(0), y1: y(0), x2: x(1), y2: y(1), class: "ideal" }),
    ...cut(x, y),
    ...dots,
    ...ticks,
    shape("text", { x: x(0.5), y: y(0) + 42, "text-anchor": "middle" }, "thought: the corpus has it"),
    shape("text", { x: -y(0.5), y: 12, transform: "rotate(-90)", "text-anchor": "middle" }, "was: readers say so"),
  );
}

// The reader's threshold, where it cuts.
function cut(x, y) {
  const at = threshold();
  return at === null
    ? []
    : [
        shape("line", { x1: x(at), y1: y(0), x2: x(at), y2: y(1), class: "cut" }),
        shape("text", { x: x(at) + (at > 0.8 ? -6 : 6), y: y(1) + 14, "text-anchor": at > 0.8 ? "end" : "start" }, "threshold"),
      ];
}

// What a threshold would have chosen, on the answers that readers gave.
export function judged(entries, at) {
  const known = entries
    .map(({ feedback }) => ({ p: feedback.p_retrieve, corpus: corpusRight(feedback) }))
    .filter(({ p, corpus }) => p !== undefined && corpus !== undefined);
  return { n: known.length, right: known.filter(({ p, corpus }) => p >= at === corpus).length };
}

// With the same labels: a threshold has moved.
export function drawPlot() {
  const at = threshold();
  const { n, right } = at === null ? { n: 0 } : judged(labels, at);
  byId("threshold-note").textContent =
    at === null
      ? "Where both would do, it shows the corpus's picture and says so."
      : n === 0
        ? "Nobody has judged a picture yet, so this cannot be checked."
        : `With ${percent(at)}, ${right} of the ${n} pictures that readers judged below would have been the right kind.`;
  byId("decision-plot").replaceChildren(...(bins.length > 0 ? [plot(bins), table(bins)] : []));
}

function table(rows) {
  const row = (name, ...cells) => el("tr", {}, ...cells.map((cell) => el(name, name === "th" ? { scope: "col" } : {}, cell)));
  return el(
    "details",
    { class: "similar" },
    el("summary", {}, "As a table"),
    el(
      "table",
      {},
      el("thead", {}, row("th", "Thought", "Was", "Pictures")),
      el("tbody", {}, ...rows.map((bin) => row("td", percent(bin.thought), percent(bin.right), String(bin.n)))),
    ),
  );
}

export async function showDecision() {
  const status = byId("decision-status");
  status.textContent = "Reading…";
  byId("save-labels").hidden = true;
  try {
    labels = await readAll();
  } catch (fault) {
    labels = [];
    bins = [];
    status.textContent = fault.message;
    drawPlot();
    return;
  }
  byId("save-labels").hidden = labels.length === 0;
  bins = reliability(labels);
  const events = ["kept", "switched", "wrong"].map(
    (event) => `${labels.filter((label) => label.feedback.event === event).length} ${event}`,
  );
  if (labels.length === 0) {
    status.textContent = "Nobody has said anything yet: press Good, Wrong or “Show the other” below a picture.";
  } else if (bins.length === 0) {
    status.textContent = `${events.join(", ")}; none of a picture GILL chose by itself yet.`;
  } else {
    status.textContent = `${events.join(", ")}. Expected calibration error ${percent(calibrationError(bins))}; a dot on the line is right as often as was thought.`;
  }
  drawPlot();
}

function save() {
  download("labels.jsonl", "application/x-ndjson", `${labels.map((label) => JSON.stringify(label)).join("\n")}\n`);
}

export function startDecision() {
  byId("reload-labels").addEventListener("click", showDecision);
  byId("save-labels").addEventListener("click", save);
}
