// Asks for the key of a server that wants one. The server keeps it in a cookie this page cannot read.

import { byId } from "./dom.js";

let asking = null;

// True once a key was accepted; false if the reader gives none.
export function askKey() {
  asking ??= ask().finally(() => {
    asking = null;
  });
  return asking;
}

function ask() {
  const dialog = byId("key-dialog");
  const field = byId("key");
  const fault = byId("key-fault");
  fault.hidden = true;
  field.value = "";
  dialog.returnValue = "";
  dialog.showModal();
  return new Promise((resolve) => {
    const submit = async (event) => {
      event.preventDefault();
      const problem = await keep(field.value.trim());
      if (problem) {
        fault.textContent = problem;
        fault.hidden = false;
        field.select();
      } else {
        dialog.close("kept");
      }
    };
    byId("key-form").addEventListener("submit", submit);
    dialog.addEventListener(
      "close",
      () => {
        byId("key-form").removeEventListener("submit", submit);
        resolve(dialog.returnValue === "kept");
      },
      { once: true },
    );
  });
}

async function keep(key) {
  try {
    const response = await fetch("/v1/key", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ key }),
    });
    return response.ok ? "" : ((await response.json()).detail ?? "The key was refused.");
  } catch {
    return "The server cannot be reached. Is it still running?";
  }
}

export function startKey() {
  byId("key-cancel").addEventListener("click", () => byId("key-dialog").close());
  // Pictures are no calls: a page that opens with some would show them broken and never ask.
  fetch("/v1/key")
    .then((response) => response.json())
    .then((state) => (state.required && !state.name ? askKey() : false))
    .catch(() => false);
}
