// How messages look: what was sent, and an answer as it streams or as it was kept.

import { announce, byId, el, prose } from "./dom.js";
import { tell, verdicts } from "./feedback.js";
import { candidates, describe, figure } from "./picture.js";

const log = byId("log");

export function scrollDown() {
  log.scrollTop = log.scrollHeight;
}

export function nearBottom() {
  return log.scrollHeight - log.scrollTop - log.clientHeight < 160;
}

function addMessage(role) {
  byId("welcome").hidden = true;
  const article = el("article", { class: `message ${role}` }, el("h2", {}, role === "user" ? "You" : "GILL"));
  log.append(article);
  return article;
}

export function clearLog() {
  for (const article of log.querySelectorAll("article")) {
    article.remove();
  }
  byId("welcome").hidden = false;
}

export function button(label, onclick, name) {
  return el("button", { type: "button", class: "quiet", onclick, "aria-label": name }, label);
}

// A message of the reader, with what can be done with it.
export function showUser(parts, ...actions) {
  const article = addMessage("user");
  const pictures = parts.filter((part) => part.url);
  if (pictures.length > 0) {
    article.append(
      el("p", { class: "sent" }, ...pictures.map((part) => el("img", { src: part.url, alt: `sent: ${part.name ?? "a picture"}` }))),
    );
  }
  for (const part of parts.filter((it) => it.text)) {
    article.append(el("p", {}, part.text));
  }
  article.append(el("p", { class: "actions" }, ...actions));
  return article;
}

// The picture, what the reader thinks of it, and the other branch: what was drawn can be looked up
// and the reverse. `talk` is {asked, another}: the words asked for, and a function that gets another
// image for the same answer.
function showPicture(box, shown, talk, isOther) {
  const similar = el("a", { class: "quiet", href: `#search?${new URLSearchParams({ with: similarTo(shown.image) })}` }, "Similar");
  box.append(figure(shown, ...(isOther ? [] : others(box, shown, talk)), ...verdicts(shown, talk.asked), similar));
}

function others(box, shown, talk) {
  return shown.image.kind === "retrieved"
    ? [other(box, "Show the other", "the drawn one", { image_mode: "generate" }, talk, shown)]
    : [
        other(box, "Show the other", "from the corpus", { image_mode: "retrieve" }, talk, shown),
        other(box, "Draw another", "with another seed", { image_mode: "generate", seed: shown.image.seed + 1 }, talk, null),
      ];
}

const similarTo = (image) => (image.kind === "retrieved" ? `id:1:${image.id}` : `image:1:${image.url}`);

// `instead` is the picture that another one is wanted for. Pressed again while it works, it stops.
function other(box, label, what, options, talk, instead) {
  let working = null;
  const name = `${label}: ${what}`;
  const rest = () => {
    working = null;
    pressed.textContent = label;
    pressed.setAttribute("aria-label", name);
  };
  const pressed = button(label, async () => {
    if (working) {
      working.abort();
      return;
    }
    working = new AbortController();
    pressed.textContent = options.image_mode === "generate" ? "Drawing… stop" : "Looking… stop";
    pressed.setAttribute("aria-label", pressed.textContent);
    announce(pressed.textContent);
    try {
      const answer = await talk.another(options, working.signal);
      if (answer.image) {
        if (instead) {
          tell("switched", instead, talk.asked, answer.image.id);
        }
        showPicture(box, answer, talk, true);
        announce(describe(answer));
        pressed.remove();
        return;
      }
      pressed.replaceWith(el("span", { class: "note" }, answer.note || "There is none."));
    } catch (fault) {
      if (fault.name === "AbortError") {
        rest();
        announce("Stopped.");
      } else {
        pressed.replaceWith(el("span", { class: "note" }, fault.message));
      }
    }
  }, name);
  pressed.title = what;
  return pressed;
}

// Collects one answer as it streams.
export class Answer {
  constructor(talk) {
    this.talk = talk;
    this.article = addMessage("assistant");
    this.working = el("p", { class: "working" }, el("span", { class: "dots" }, "Thinking"));
    this.article.append(this.working);
    this.parts = [];
    this.paragraph = null;
    this.unfinished = null;
  }

  text(delta) {
    this.activity("Writing");
    if (!this.paragraph) {
      this.paragraph = el("p");
      this.article.insertBefore(this.paragraph, this.working);
      this.parts.push({ text: "" });
    }
    this.parts.at(-1).text += delta;
    this.paragraph.append(delta);
  }

  endText() {
    if (this.paragraph) {
      const text = this.parts.at(-1).text.trim();
      this.parts.at(-1).text = text;
      this.paragraph.replaceChildren(...prose(text));
      this.paragraph.hidden = text === "";
      this.paragraph = null;
    }
  }

  image(shown) {
    this.endText();
    const box = el("div", { class: "shown" });
    showPicture(box, shown, this.talk);
    const more = candidates(shown.candidates, shown.image.id);
    if (more) {
      this.article.insertBefore(more, this.working);
      more.before(box);
    } else {
      this.article.insertBefore(box, this.working);
    }
    this.parts.push({ url: shown.image.url, said: describe(shown) });
    this.unfinished = null;
    this.activity("Writing");
  }

  withoutImage(shown) {
    this.endText();
    const more = candidates(shown.candidates, undefined);
    this.article.insertBefore(el("p", { class: "note" }, shown.note || "No picture fits."), this.working);
    if (more) {
      this.article.insertBefore(more, this.working);
    }
  }

  progress({ step, of }) {
    this.endText();
    const bar = el("progress", { max: of, value: step, "aria-label": `Drawing: step ${step} of ${of}` });
    this.working.replaceChildren(this.unfinished ?? "", el("span", {}, `Drawing, step ${step} of ${of}`), bar);
  }

  // How the picture looks by now.
  preview({ b64_json: png, step, of }) {
    this.unfinished ??= el("img", { class: "unfinished", width: 128, height: 128 });
    this.unfinished.src = `data:image/png;base64,${png}`;
    this.unfinished.alt = `the picture so far, step ${step} of ${of}`;
    this.progress({ step, of });
  }

  // The connection broke: the rest comes over another one.
  broken() {
    this.activity("The connection broke. Reading on");
    announce("The connection broke. Reading on.");
  }

  // The answer is lost: what came so far comes again.
  beginAgain() {
    this.paragraph = null;
    this.unfinished = null;
    this.parts = [];
    this.article.replaceChildren(this.article.firstElementChild, this.working);
    this.activity("The answer broke off. Asking again");
    announce("The answer broke off. Asking again.");
  }

  activity(label) {
    this.working.replaceChildren(el("span", { class: "dots" }, label));
  }

  end() {
    this.endText();
    this.working.remove();
    return this.parts.filter((part) => part.url || part.text);
  }

  fault(message) {
    this.article.append(el("p", { class: "fault", role: "alert" }, message));
  }

  // Only the last answer can be had again.
  offer(label, action) {
    for (const old of log.querySelectorAll(".again")) {
      old.remove();
    }
    const again = button(label, () => {
      again.remove();
      action();
    });
    again.classList.add("again");
    this.article.append(again);
  }
}
