// One job: what it does, how far it is, what came of it.

import * as api from "./api.js";
import { byId, el } from "./dom.js";
import { count, counted, duration, place, rate, when } from "./format.js";

const PAGE = 50;
const STATES = { queued: "Waiting", running: "At work", done: "Done", failed: "Failed", cancelled: "Cancelled" };
const MODES = { new: "anew", update: "update", retry_failed: "failed ones again", dry_run: "dry run" };
const UNITS = { index: "pictures", generation: "steps" };

// The last part of the index's path: what the server calls it.
export const nameOfIndex = ({ index }) => index?.split(/[/\\]/).filter(Boolean).at(-1);

function titleOf(job) {
  return job.kind === "generation" ? `Draw “${job.prompt ?? "a picture"}”` : `Index ${job.source ?? "a folder"}`;
}

export class JobCard {
  // `actions`: cancel(job), again(job, mode).
  constructor(job, actions) {
    this.actions = actions;
    this.title = el("h3", { class: "job-title" });
    this.state = el("span", { class: "label" });
    this.facts = el("p", { class: "facts" });
    this.bar = el("progress", { "aria-label": `Progress of: ${titleOf(job)}` });
    this.line = el("p", { class: "facts job-line" });
    this.picture = el("p", { class: "job-picture", hidden: true });
    this.fault = el("p", { class: "fault", hidden: true });
    this.counts = el("p", { class: "facts" });
    this.failures = this.failureList();
    this.stop = el("button", { type: "button", class: "quiet", onclick: () => this.actions.cancel(this.job) }, "Cancel");
    this.retry = el("button", { type: "button", class: "quiet", hidden: true, onclick: () => this.tryAgain() }, "Try the failed ones again");
    this.node = el(
      "li",
      { class: "card job", "data-job": job.id },
      el("div", { class: "title-line" }, this.title, this.state),
      this.facts,
      this.bar,
      this.line,
      this.picture,
      this.fault,
      this.counts,
      this.failures,
      el("p", { class: "actions" }, this.stop, this.retry),
    );
    this.update(job);
  }

  update(job) {
    this.job = job;
    const { state } = job;
    const isOpen = state === "queued" || state === "running";
    this.node.dataset.state = state;
    this.title.textContent = titleOf(job);
    this.state.textContent = STATES[state] ?? state;
    this.facts.textContent = this.times(job);
    this.stop.hidden = !isOpen;
    this.stop.setAttribute("aria-label", `Cancel: ${titleOf(job)}`);
    this.bar.hidden = !isOpen;
    this.line.hidden = !isOpen;
    if (state === "queued") {
      this.bar.removeAttribute("value");
      this.line.textContent = job.queue_place > 0 ? `${place(job.queue_place)} in the queue` : "in the queue";
    } else if (job.progress) {
      this.progress(job.progress);
    }
    const fault = job.error?.detail ?? job.error;
    this.fault.hidden = !fault;
    this.fault.textContent = fault ? String(fault) : "";
    this.tell(job.counts);
    if (state === "failed" || state === "cancelled") {
      this.picture.hidden = true;
    }
    this.result(job);
  }

  times(job) {
    const { kind, mode, created, started, ended } = job;
    const facts = kind === "index" ? [`into ${nameOfIndex(job)}`, MODES[mode] ?? mode] : [];
    facts.push(when(started ?? created));
    if (started && ended) {
      facts.push(`took ${duration(ended - started)}`);
    }
    return facts.filter(Boolean).join(" · ");
  }

  progress({ stage, step, of, rate: speed, eta_s: left }) {
    if (of > 0) {
      this.bar.max = of;
      this.bar.value = step;
    } else {
      this.bar.removeAttribute("value");
    }
    const unit = UNITS[this.job.kind] ?? "";
    this.line.textContent = [
      stage,
      of > 0 ? `${count(step)} of ${count(of)}` : step > 0 ? count(step) : "",
      speed > 0 ? `${rate(speed)} ${unit}/s` : "",
      left > 0 && step < of ? `${duration(left)} left` : "",
    ]
      .filter(Boolean)
      .join(" · ");
  }

  tell({ indexed = 0, failed = 0, added, changed, unchanged, removed } = {}) {
    const isIndex = this.job.kind === "index" && !["queued", "failed"].includes(this.job.state);
    const isOver = !["queued", "running"].includes(this.job.state);
    const pictures = counted(indexed, "picture", "pictures");
    const parts = [
      !isOver ? `${pictures} so far` : this.job.mode === "dry_run" ? `${pictures} could be indexed` : `${pictures} in the index`,
      failed > 0 ? `${count(failed)} failed` : "",
      ...Object.entries({ added, changed, unchanged, removed }).map(([name, n]) => (n > 0 && n !== indexed ? `${count(n)} ${name}` : "")),
    ];
    this.counts.textContent = isIndex ? parts.filter(Boolean).join(", ") : "";
    this.failures.hidden = !isIndex || !isOver || failed === 0;
    this.retry.hidden = this.failures.hidden || this.job.mode === "dry_run";
  }

  preview({ b64_json: data, step, of }) {
    this.picture.hidden = false;
    this.picture.replaceChildren(el("img", { src: `data:image/png;base64,${data}`, alt: `so far, step ${step} of ${of}`, width: 128, height: 128 }));
  }

  result({ kind, state, result }) {
    const drawn = kind === "generation" && state === "done" ? (result?.data ?? []) : [];
    if (drawn.length > 0 && this.picture.children.length !== drawn.length + 1) {
      this.picture.hidden = false;
      this.picture.replaceChildren(
        ...drawn.map(({ url, gill }) =>
          el(
            "a",
            { href: url, target: "_blank", rel: "noopener" },
            el("img", { src: url, alt: gill?.image?.caption ?? titleOf(this.job), width: 128, height: 128 }),
          ),
        ),
        el("span", { class: "facts" }, `seed ${drawn.map(({ gill }) => gill?.image?.seed ?? "?").join(", ")}`),
      );
    }
  }

  failureList() {
    const rows = el("tbody");
    const more = el("button", { type: "button", class: "quiet", hidden: true, onclick: () => this.moreFailures(rows, more) }, "More");
    const details = el(
      "details",
      { class: "similar", hidden: true },
      el("summary", {}, "What failed, and why"),
      el(
        "div",
        { class: "table-box", tabindex: 0, role: "region", "aria-label": "Failed pictures" },
        el("table", {}, el("thead", {}, el("tr", {}, ...["Picture", "Why"].map((it) => el("th", { scope: "col" }, it)))), rows),
      ),
      more,
    );
    details.addEventListener("toggle", () => {
      if (details.open) {
        rows.replaceChildren();
        this.moreFailures(rows, more);
      }
    });
    return details;
  }

  async moreFailures(rows, more) {
    try {
      const { failures, total } = await api.failures(this.job.id, rows.children.length, PAGE);
      for (const { id, path, code, detail } of failures) {
        rows.append(
          el("tr", {}, el("td", {}, path ?? id), el("td", {}, el("span", { class: "code" }, String(code).replaceAll("_", " ")), detail ? ` ${detail}` : "")),
        );
      }
      more.hidden = failures.length === 0 || rows.children.length >= total;
    } catch (fault) {
      rows.append(el("tr", {}, el("td", { colspan: 2 }, fault.message)));
      more.hidden = true;
    }
  }

  async tryAgain() {
    try {
      await this.actions.again(this.job, "retry_failed");
    } catch (fault) {
      byId("index-status").textContent = fault.message;
    }
  }

  // In one sentence, for who does not look.
  summary() {
    return [`${titleOf(this.job)}: ${STATES[this.job.state]?.toLowerCase() ?? this.job.state}.`, this.counts.textContent].filter(Boolean).join(" ");
  }
}
