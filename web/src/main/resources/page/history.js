// Earlier chats: open, rename, forget; and a chat as a file.

import * as api from "./api.js";
import { announce, byId, download, el } from "./dom.js";
import { when } from "./format.js";
import { button } from "./answer.js";
import { currentSession, newChat, openSession } from "./chat.js";
import { page } from "./export.js";

const LIMIT = 50;

function line(head, open) {
  const title = head.title || "Untitled";
  const item = el(
    "li",
    {},
    el(
      "button",
      { type: "button", class: "session", onclick: () => open(head.session_id) },
      el("span", { class: "session-title" }, title),
      el("span", { class: "facts" }, `${when(head.updated)} · ${head.messages} messages`),
    ),
    button("Rename", () => rename(head, item), `Rename ${title}`),
    button("Forget", () => forget(head, item), `Forget ${title}`),
  );
  return item;
}

async function rename(head, item) {
  const title = window.prompt("Title of this chat", head.title)?.trim();
  if (!title) {
    return;
  }
  try {
    await api.renameSession(head.session_id, title);
    head.title = title;
    item.querySelector(".session-title").textContent = title;
  } catch (fault) {
    announce(fault.message);
  }
}

async function forget(head, item) {
  if (!window.confirm(`Forget “${head.title || "Untitled"}” with its pictures?`)) {
    return;
  }
  try {
    await api.forgetSession(head.session_id);
    item.remove();
    if (currentSession() === head.session_id) {
      newChat();
    }
  } catch (fault) {
    announce(fault.message);
  }
}

async function fill(list, skip) {
  const note = byId("history-note");
  note.textContent = "";
  try {
    const { sessions, total } = await api.sessions(skip, LIMIT);
    const open = async (id) => {
      byId("history-dialog").close();
      await openSession(id);
      window.history.pushState(null, "", `#chat?${new URLSearchParams({ s: id })}`);
    };
    list.append(...sessions.map((head) => line(head, open)));
    if (skip + sessions.length < total) {
      const more = button("More", () => {
        more.parentElement.remove();
        fill(list, skip + LIMIT);
      });
      list.append(el("li", {}, more));
    }
    note.textContent = total === 0 ? "No chats yet." : "";
  } catch (fault) {
    note.textContent = fault.message;
  }
}

async function save(format) {
  const id = currentSession();
  if (!id) {
    byId("history-note").textContent = "There is nothing to save yet.";
    return;
  }
  try {
    const whole = await api.session(id);
    if (format === "json") {
      download("chat.json", "application/json", JSON.stringify(whole, null, 2));
    } else {
      download("chat.html", "text/html", await page(whole));
    }
  } catch (fault) {
    byId("history-note").textContent = fault.message;
  }
}

export function startHistory() {
  byId("open-history").addEventListener("click", () => {
    const list = byId("history-list");
    list.replaceChildren();
    byId("history-dialog").showModal();
    fill(list, 0);
  });
  byId("close-history").addEventListener("click", () => byId("history-dialog").close());
  byId("save-chat-json").addEventListener("click", () => save("json"));
  byId("save-chat-html").addEventListener("click", () => save("html"));
}
