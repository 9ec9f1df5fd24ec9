// The conversation. The server keeps it under a session's id; this page keeps what it shows.

import * as api from "./api.js";
import { announce, byId, el } from "./dom.js";
import { read } from "./attachments.js";
import { steering } from "./steer.js";
import { chat } from "./stream.js";
import { Answer, button, clearLog, nearBottom, scrollDown, showUser } from "./answer.js";

const MOST_IMAGES = 8;
const PREVIEWS = 5;
const RETRY_MILLIS = [500, 1500, 4000, 8000];

const prompt = byId("prompt");
let session = newId();
// What is shown: {role, parts, article}. The server has the first `kept` of them.
let shown = [];
let kept = 0;
let attached = [];
let running = null;

function newId() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const currentSession = () => (kept > 0 ? session : null);

// --- what is sent ----------------------------------------------------------------------------

const sendable = ({ role, parts }) => ({
  role,
  content: parts
    .filter((part) => part.url || part.text)
    .map((part) => (part.url ? { type: "image_url", image_url: { url: part.url } } : { type: "text", text: part.text })),
});

const wordsOf = (message) =>
  (message?.parts ?? [])
    .map((part) => part.text ?? "")
    .join(" ")
    .trim();

// What an answer's pictures need to know of the talk around them.
function talkAt(index) {
  const mine = session;
  return {
    asked: wordsOf(shown[index - 1]),
    another: (options, signal) => api.redoImage(mine, index, options, signal),
  };
}

// --- one turn --------------------------------------------------------------------------------------

async function* events(seed, signal) {
  const body = () => {
    const fresh = shown.slice(kept).map(sendable);
    return {
      session_id: session,
      from_message: kept,
      messages: fresh.length > 0 ? fresh : undefined,
      ...steering(),
      previews: PREVIEWS,
      seed,
    };
  };
  try {
    yield* chat(body(), signal);
  } catch (fault) {
    if (fault.field !== "from_message") {
      throw fault;
    }
    // The server has forgotten the chat; it is told again.
    session = newId();
    kept = 0;
    yield* chat(body(), signal);
  }
}

// Where the server has lost the answer, the same question is asked again: it replaces what the
// server may have of it.
async function* steadyEvents(seed, signal, onBreak) {
  for (const pause of [...RETRY_MILLIS, 0]) {
    try {
      yield* events(seed, signal);
      return;
    } catch (fault) {
      if (fault.status !== 0 || pause === 0 || signal.aborted) {
        throw fault;
      }
      onBreak();
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, pause);
        signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
      });
      signal.throwIfAborted();
    }
  }
}

async function ask(seed) {
  const controller = new AbortController();
  running = controller;
  byId("stop").hidden = false;
  byId("send").disabled = true;
  const index = shown.length;
  const answer = new Answer(talkAt(index));
  scrollDown();
  announce("Thinking");
  let failed = "";
  try {
    for await (const event of steadyEvents(seed, controller.signal, () => answer.beginAgain())) {
      const follow = nearBottom();
      if (event.text) {
        answer.text(event.text);
      } else if (event.image) {
        answer.image(event.image);
      } else if (event.withoutImage) {
        answer.withoutImage(event.withoutImage);
      } else if (event.progress) {
        answer.progress(event.progress);
      } else if (event.preview) {
        answer.preview(event.preview);
      } else if (event.broken) {
        answer.broken();
      } else if (event.end && running === controller) {
        kept = event.gill.message + 1;
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
    finish(answer, parts, failed, index);
  }
}

function finish(answer, parts, failed, index) {
  running = null;
  byId("stop").hidden = true;
  byId("send").disabled = false;
  if (failed) {
    answer.fault(failed);
  }
  // What was broken off stays in sight; the server does not have it.
  if (parts.length > 0 && !failed) {
    shown.push({ role: "assistant", parts, article: answer.article });
  }
  offerAgain(answer, index, failed ? "Try again" : "Answer again");
  announce(failed || parts.map((part) => part.text ?? part.said).join(" ") || "The answer is empty.");
  if (nearBottom()) {
    scrollDown();
  }
  if (!failed) {
    history.replaceState(null, "", `#chat?${new URLSearchParams({ s: session })}`);
  }
}

function offerAgain(answer, index, label) {
  answer.offer(label, () => {
    shown.length = index;
    kept = Math.min(kept, index);
    answer.article.remove();
    ask(Math.floor(Math.random() * 2 ** 31));
  });
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
  byId("editing").hidden = true;
  say(parts);
  prompt.value = "";
  attached = [];
  showAttached();
  grow();
  prompt.focus();
  ask(undefined);
}

function say(parts) {
  const index = shown.length;
  const article = showUser(
    parts,
    button("Edit", () => edit(index), `Edit: ${wordsOf({ parts })}`),
    button("Branch", () => branch(index), `Go on from here in a new chat: ${wordsOf({ parts })}`),
  );
  shown.push({ role: "user", parts, article });
}

// --- going back -------------------------------------------------------------------------------------

// Puts a message back into the field; what followed it goes once it is sent.
function edit(index) {
  if (running) {
    return;
  }
  byId("editing").hidden = kept <= index;
  const { parts } = shown[index];
  for (const article of [...document.querySelectorAll("#log article")].slice(articleAt(index))) {
    article.remove();
  }
  shown.length = index;
  kept = Math.min(kept, index);
  prompt.value = wordsOf({ parts });
  attached = parts.filter((part) => part.url).map((part) => ({ url: part.url, name: part.name ?? "picture" }));
  showAttached();
  grow();
  prompt.focus();
  byId("welcome").hidden = index > 0;
  announce("Change the message and send it again; that replaces what followed.");
}

async function leaveAsItWas() {
  try {
    await openSession(session);
  } catch (fault) {
    announce(fault.message);
  }
}

const articleAt = (index) => [...document.querySelectorAll("#log article")].indexOf(shown[index].article);

// A new chat with what came before a message.
async function branch(index) {
  if (running || index > kept) {
    return;
  }
  const words = wordsOf(shown[index]);
  try {
    if (index === 0) {
      newChat();
    } else {
      const copy = await api.forkSession(session, index);
      await openSession(copy.session_id);
    }
    prompt.value = words;
    grow();
    announce("A new chat, with what came before.");
  } catch (fault) {
    announce(fault.message);
  }
}

// Shows a kept conversation.
export async function openSession(id) {
  const whole = await api.session(id);
  newChat();
  session = id;
  for (const { role, content } of whole.messages) {
    const parts = content.map((part) =>
      part.type === "text" ? { text: part.text } : { url: part.image_url.url, shown: part.gill },
    );
    if (role === "assistant") {
      replay(parts);
    } else if (role === "user") {
      say(parts);
    } else {
      shown.push({ role, parts, article: null });
    }
  }
  kept = shown.length;
  scrollDown();
}

function replay(parts) {
  const index = shown.length;
  const answer = new Answer(talkAt(index));
  for (const part of parts) {
    if (part.text) {
      answer.text(part.text);
      answer.endText();
    } else if (part.shown) {
      answer.image(part.shown);
    }
  }
  shown.push({ role: "assistant", parts: answer.end(), article: answer.article });
  offerAgain(answer, index, "Answer again");
}

export function newChat() {
  running?.abort();
  running = null;
  session = newId();
  shown = [];
  kept = 0;
  attached = [];
  byId("editing").hidden = true;
  prompt.value = "";
  showAttached();
  clearLog();
  byId("stop").hidden = true;
  byId("send").disabled = false;
  announce("New chat");
  prompt.focus();
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
  byId("new-chat").addEventListener("click", () => {
    newChat();
    history.pushState(null, "", "#chat");
  });
  byId("cancel-edit").addEventListener("click", leaveAsItWas);
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
