// The jobs of the server as they go on: a card each, fed by the job's own events while it works.

import * as api from "./api.js";
import { announce, byId, el } from "./dom.js";
import { JobCard, nameOfIndex } from "./job-card.js";

const STEP = 5;
const MOST = 200;
const POLL_MILLIS = 4000;
// A browser opens six connections to a server; the page needs some for itself.
const MOST_STREAMS = 2;
const OVER = ["done", "failed", "cancelled"];

const cards = new Map();
const streams = new Map();
let limit = STEP;
let timer = null;
let shown = false;
let finished = () => {};

const isOver = (job) => OVER.includes(job.state);

function take(job) {
  const card = cards.get(job.id);
  const was = card?.job.state;
  if (card) {
    card.update(job);
  } else {
    cards.set(job.id, new JobCard(job, { cancel, again }));
  }
  if (was && was !== job.state && isOver(job)) {
    announceEnd(job);
  }
}

function announceEnd(job) {
  byId("index-status").textContent = cards.get(job.id).summary();
  finished();
}

// --- live -------------------------------------------------------------------------------------------

function listen(job) {
  if (streams.has(job.id) || streams.size >= MOST_STREAMS || isOver(job)) {
    return;
  }
  const source = api.jobEvents(job.id);
  streams.set(job.id, source);
  const read = (event) => JSON.parse(event.data);
  source.addEventListener("progress", (event) => take(read(event)));
  source.addEventListener("preview", (event) => cards.get(job.id)?.preview(read(event)));
  for (const state of OVER) {
    source.addEventListener(state, () => {
      close(job.id);
      refresh();
    });
  }
  source.addEventListener("error", () => {
    if (source.readyState === EventSource.CLOSED) {
      close(job.id);
    }
  });
}

function close(id) {
  streams.get(id)?.close();
  streams.delete(id);
}

async function refresh() {
  clearTimeout(timer);
  if (!shown) {
    return;
  }
  try {
    const { jobs } = await api.jobs(limit);
    jobs.forEach(take);
    draw(jobs);
    jobs.filter((job) => job.state === "running").forEach(listen);
  } catch (fault) {
    byId("index-status").textContent = fault.message;
  }
  if (shown && !document.hidden) {
    clearTimeout(timer);
    timer = setTimeout(refresh, POLL_MILLIS);
  }
}

function draw(jobs) {
  const list = byId("jobs");
  const wanted = jobs.map((job) => cards.get(job.id).node);
  // Only what is new or out of place is moved, so that the focus stays where it is.
  wanted.forEach((node, i) => {
    if (list.children[i] !== node) {
      list.insertBefore(node, list.children[i] ?? null);
    }
  });
  while (list.children.length > wanted.length) {
    list.lastElementChild.remove();
  }
  if (wanted.length === 0) {
    const hint = byId("job-form").hidden ? "" : " Start one below: pictures of a folder become searchable while you watch.";
    list.append(el("li", { class: "empty" }, `No job yet.${hint}`));
  }
  byId("more-jobs").hidden = jobs.length < limit || limit >= MOST;
}

// --- what can be done with one ------------------------------------------------------------------------

async function cancel(job) {
  try {
    await api.cancelJob(job.id);
    announce("Cancelling.");
  } catch (fault) {
    byId("index-status").textContent = fault.message;
  }
  refresh();
}

async function again(job, mode) {
  await start({ kind: "index", source: job.source, index: nameOfIndex(job), mode });
}

// Throws what the server has against it.
export async function start(body) {
  const job = await api.startJob(body);
  await refresh();
  byId("jobs-title").scrollIntoView({ block: "start" });
  byId("index-status").textContent = "The job is in the queue.";
  return job;
}

export function showJobs() {
  shown = true;
  refresh();
}

export function leaveJobs() {
  shown = false;
  clearTimeout(timer);
  [...streams.keys()].forEach(close);
}

// `onFinished` is called when a job ends.
export function startJobs(onFinished) {
  finished = onFinished;
  byId("more-jobs").addEventListener("click", () => {
    limit = Math.min(MOST, limit + STEP);
    refresh();
  });
  document.addEventListener("visibilitychange", () => {
    if (shown && !document.hidden) {
      refresh();
    }
  });
}
