// The conversation.

import * as api from "./api.js";
import { announce, byId, el, prose } from "./dom.js";
import { read } from "./attachments.js";
import { tell, verdicts } from "./feedback.js";
import { candidates, describe, figure } from "./picture.js";

const MOST_IMAGES = 8;
const MOST_CHARACTERS = 12_000;

const log = byId("log");
const prompt = byId("prompt");
const history = [];
let attached = [];
let running = null;

// --- what is sent ----------------------------------------------------------------------------

// The newest messages that fit the server's limits; older pictures are left out first.
function messages(upTo) {
  const sent = [];
  let images = 0;
  let characters = 0;
  for (const { role, parts } of history.slice(0, upTo).reverse()) {
    const kept = [];
    for (const part of [...parts].reverse()) {
      if (part.url && images < MOST_IMAGES) {
        images += 1;
        kept.unshift({ type: "image_url", image_url: { url: part.url } });
      } else if (part.text) {
        characters += part.text.length;
        kept.unshift({ type: "text", text: part.text });
      }
    }
    if (sent.length > 0 && (characters > MOST_CHARACTERS || sent.length >= 60)) {
      break;
    }
    if (kept.length > 0) {
      sent.unshift({ role, content: kept });
    }
  }
  return sent;
}

// --- what is shown -----------------------------------------------------------------------------

function scrollDown() {
  log.scrollTop = log.scrollHeight;
}

function nearBottom() {
  return log.scrollHeight - log.scrollTop - log.clientHeight < 160;
}

function addMessage(role) {
  byId("welcome").hidden = true;
  const article = el("article", { class: `message ${role}` }, el("h3", {}, role === "user" ? "You" : "GILL"));
  log.append(article);
  return article;
}

function showUser(parts) {
  const article = addMessage("user");
  const pictures = parts.filter((part) => part.url);
  if (pictures.length > 0) {
    article.append(
      el("p", { class: "sent" }, ...pictures.map((part) => el("img", { src: part.url, alt: `sent: ${part.name}` }))),
    );
  }
  for (const part of parts.filter((it) => it.text)) {
    article.append(el("p", {}, part.text));
  }
}

function button(label, onclick) {
  return el("button", { type: "button", class: "quiet", onclick }, label);
}

// What the reader asked for, in words.
const asked = (upTo) =>
  (history[upTo - 1]?.parts ?? [])
    .map((part) => part.text ?? "")
    .join(" ")
    .trim();

// The picture, what the reader thinks of it, and the other branch: what was drawn can be looked up
// and the reverse.
function showPicture(box, shown, upTo) {
  const retrieved = shown.image.kind === "retrieved";
  const others = retrieved
    ? [other(box, "Draw it instead", "generate", upTo, undefined, shown)]
    : [
        other(box, "From the corpus instead", "retrieve", upTo, undefined, shown),
        other(box, "Draw another", "generate", upTo, shown.image.seed + 1, null),
      ];
  const similar = el("a", { class: "quiet", href: `#search?${new URLSearchParams({ with: similarTo(shown.image) })}` }, "Similar");
  box.append(figure(shown, similar, ...others, ...verdicts(shown, asked(upTo))));
}

const similarTo = (image) => (image.kind === "retrieved" ? `id:1:${image.id}` : `image:1:${image.url}`);

// `instead` is the picture that another one is wanted for.
function other(box, label, mode, upTo, seed, instead) {
  const pressed = button(label, async () => {
    pressed.disabled = true;
    pressed.textContent = mode === "generate" ? "Drawing…" : "Looking…";
    announce(pressed.textContent);
    try {
      const answer = await api.lookup({ messages: messages(upTo), image_mode: mode, seed });
      if (answer.image) {
        if (instead) {
          tell("switched", instead, asked(upTo), answer.image.id);
        }
        showPicture(box, answer, upTo);
        announce(describe(answer));
        pressed.remove();
        return;
      }
      pressed.replaceWith(el("span", { class: "note" }, answer.note || "There is none."));
    } catch (fault) {
      pressed.replaceWith(el("span", { class: "note" }, fault.message));
    }
  });
  return pressed;
}

// Collects one answer as it streams.
class Answer {
  constructor(upTo) {
    this.upTo = upTo;
    this.article = addMessage("assistant");
    this.working = el("p", { class: "working" }, el("span", { class: "dots" }, "Thinking"));
    this.article.append(this.working);
    this.parts = [];
    this.paragraph = null;
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
    showPicture(box, shown, this.upTo);
    const more = candidates(shown.candidates, shown.image.id);
    if (more) {
      this.article.insertBefore(more, this.working);
      more.before(box);
    } else {
      this.article.insertBefore(box, this.working);
    }
    this.parts.push({ url: shown.image.url, said: describe(shown) });
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

  progress({ stage, step, of }) {
    this.endText();
    const bar = el("progress", { max: of, value: step, "aria-label": `Drawing: step ${step} of ${of}` });
    const name = stage === "diffusion" ? "Drawing" : stage;
    this.working.replaceChildren(el("span", {}, `${name}, step ${step} of ${of}`), bar);
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

// --- one turn --------------------------------------------------------------------------------------

async function ask(seed) {
  const controller = new AbortController();
  running = controller;
  byId("stop").hidden = false;
  byId("send").disabled = true;
  const upTo = history.length;
  const answer = new Answer(upTo);
  scrollDown();
  announce("Thinking");
  let failed = "";
  try {
    const body = { messages: messages(upTo), image_mode: byId("mode").value, seed };
    for await (const event of api.chat(body, controller.signal)) {
      const follow = nearBottom();
      if (event.text) {
        answer.text(event.text);
      } else if (event.image) {
        answer.image(event.image);
      } else if (event.withoutImage) {
        answer.withoutImage(event.withoutImage);
      } else if (event.progress) {
        answer.progress(event.progress);
      }
      if (follow) {
        scrollDown();
      }
    }
  } catch (fault) {
    failed = fault.name === "AbortError" ? "Stopped." : fault.message;
  }
  const parts = answer.end();
  if (running === controller) {
    running = null;
    byId("stop").hidden = true;
    byId("send").disabled = false;
    if (failed) {
      answer.fault(failed);
    }
    if (parts.length > 0) {
      history.push({ role: "assistant", parts });
    }
    answer.offer(failed ? "Try again" : "Answer again", () => {
      history.length = upTo;
      answer.article.remove();
      ask(Math.floor(Math.random() * 2 ** 31));
    });
    announce(failed || parts.map((part) => part.text ?? part.said).join(" ") || "The answer is empty.");
    if (nearBottom()) {
      scrollDown();
    }
  }
}

function submit() {
  const text = prompt.value.trim();
  if (running || (text === "" && attached.length === 0)) {
    return;
  }
  const parts = [...attached.map(({ url, name }) => ({ url, name }))];
  if (text) {
    parts.push({ text });
  }
  history.push({ role: "user", parts });
  showUser(parts);
  prompt.value = "";
  attached = [];
  showAttached();
  grow();
  prompt.focus();
  ask(undefined);
}

// --- pictures to send -----------------------------------------------------------------------------

export async function attach(files) {
  for (const file of files) {
    if (attached.length >= MOST_IMAGES) {
      announce(`At most ${MOST_IMAGES} pictures can be sent.`);
      break;
    }
    try {
      attached.push(await read(file));
    } catch (fault) {
      announce(fault.message);
      byId("attachments").append(el("p", { class: "fault", role: "alert" }, fault.message));
      return;
    }
  }
  showAttached();
  prompt.focus();
}

function showAttached() {
  byId("attachments").replaceChildren(
    ...attached.map((picture) =>
      el(
        "div",
        { class: "thumb" },
        el("img", { src: picture.url, alt: picture.name }),
        el(
          "button",
          {
            type: "button",
            "aria-label": `Remove ${picture.name}`,
            onclick: () => {
              attached = attached.filter((it) => it !== picture);
              showAttached();
              prompt.focus();
            },
          },
          "×",
        ),
      ),
    ),
  );
}

// --- wiring -----------------------------------------------------------------------------------------

function grow() {
  prompt.style.height = "auto";
  prompt.style.height = `${prompt.scrollHeight}px`;
}

function newChat() {
  running?.abort();
  running = null;
  history.length = 0;
  attached = [];
  showAttached();
  for (const article of log.querySelectorAll("article")) {
    article.remove();
  }
  byId("welcome").hidden = false;
  byId("stop").hidden = true;
  byId("send").disabled = false;
  announce("New chat");
  prompt.focus();
}

export function startChat() {
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  prompt.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
      event.preventDefault();
      submit();
    }
  });
  prompt.addEventListener("input", grow);
  byId("stop").addEventListener("click", () => running?.abort());
  byId("new-chat").addEventListener("click", newChat);
  byId("attach").addEventListener("click", () => byId("files").click());
  byId("files").addEventListener("change", async (event) => {
    await attach([...event.target.files]);
    event.target.value = "";
  });
  for (const example of document.querySelectorAll(".example")) {
    example.addEventListener("click", () => {
      prompt.value = example.textContent;
      submit();
    });
  }
  prompt.focus();
}
