// Takes one picture down, after asking.

import * as api from "./api.js";
import { announce, byId } from "./dom.js";
import { nameOf } from "./names.js";

let picture = null;
let gone = () => {};

// `onGone` is called once it is down.
export function askTakedown(image, onGone) {
  picture = image;
  gone = onGone;
  byId("takedown-picture").src = image.url;
  byId("takedown-name").textContent = nameOf(image).text;
  byId("takedown-one-fault").hidden = true;
  byId("takedown-dialog").showModal();
}

async function takeDown(event) {
  event.preventDefault();
  try {
    await api.takeDown({ ids: [picture.id] });
    byId("takedown-dialog").close();
    gone();
    announce("Taken down.");
  } catch (fault) {
    byId("takedown-one-fault").textContent = fault.message;
    byId("takedown-one-fault").hidden = false;
  }
}

export function startTakedownDialog() {
  byId("takedown-one").addEventListener("submit", takeDown);
  byId("takedown-cancel").addEventListener("click", () => byId("takedown-dialog").close());
}
