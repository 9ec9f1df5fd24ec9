// What a reader thinks of a picture, told to the server.

import * as api from "./api.js";
import { announce, el } from "./dom.js";

// Resolves to whether it was stored: a key that may not write is no reason to bother the reader.
export async function tell(event, { image, decision }, prompt, other) {
  if (!prompt) {
    return false;
  }
  try {
    await api.feedback({
      event,
      prompt: prompt.slice(0, 2000),
      shown: image.kind,
      image: image.id,
      other,
      p_retrieve: decision.forced ? undefined : decision.p_retrieve,
    });
    return true;
  } catch {
    return false;
  }
}

// Two buttons; the first pressed counts.
export function verdicts(shown, prompt) {
  if (!prompt) {
    return [];
  }
  const say = (event, label, done) =>
    el(
      "button",
      {
        type: "button",
        class: "quiet verdict",
        onclick: async () => {
          const stored = await tell(event, shown, prompt, undefined);
          const note = stored ? done : "This could not be stored.";
          announce(note);
          keep.remove();
          wrong.replaceWith(el("span", { class: "facts" }, note));
        },
      },
      label,
    );
  const keep = say("kept", "Good", "Noted: good.");
  const wrong = say("wrong", "Wrong", "Noted: wrong.");
  return [keep, wrong];
}
