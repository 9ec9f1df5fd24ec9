// A picture of an answer: what it is, where it comes from, why it was chosen, what else there was.

import { announce, el } from "./dom.js";

const LICENCES = {
  "Apache-2.0": "https://www.apache.org/licenses/LICENSE-2.0",
  "MIT": "https://opensource.org/license/mit",
  "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
  "CC-BY-2.0": "https://creativecommons.org/licenses/by/2.0/",
  "CC-BY-3.0": "https://creativecommons.org/licenses/by/3.0/",
  "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
  "CC-BY-SA-3.0": "https://creativecommons.org/licenses/by-sa/3.0/",
  "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
};

export const percent = (value) => `${Math.round(value * 100)}\u00a0%`;

function licence(name) {
  const url = LICENCES[name];
  return url ? el("a", { href: url, target: "_blank", rel: "noopener noreferrer license" }, name) : name;
}

export function credit(image) {
  const parts = [image.source, image.author].filter(Boolean);
  const line = el("span", { class: "facts" });
  line.append(parts.join(" · "));
  if (image.licence) {
    line.append(parts.length ? " · " : "", licence(image.licence));
  }
  return line;
}

function fits(image) {
  return image.p_match === undefined
    ? null
    : el("span", { class: "facts", title: `Score ${image.score.toFixed(3)}.` }, `match ${percent(image.p_match)}`);
}

function drawnWith(image) {
  const facts = [`seed ${image.seed}`, `${image.steps} steps`, image.model];
  if (image.confidence !== undefined) {
    facts.push(`shows it: ${percent(image.confidence)}`);
  }
  return el("span", { class: "facts" }, facts.join(" · "));
}

function reason(decision) {
  if (decision.forced) {
    const source = decision.choice === "generate" ? "You asked for a drawn picture." : "You asked for the corpus.";
    return el("span", { class: "why" }, source);
  }
  const corpus = percent(decision.p_retrieve);
  const words = decision.choice === "either" ? `Either would do: corpus ${corpus}` : `Decision: corpus ${corpus}`;
  const fill = el("i");
  fill.style.width = `${Math.round(decision.p_retrieve * 100)}%`;
  const meter = el(
    "span",
    { class: "meter", role: "img", "aria-label": `corpus ${corpus}, drawn ${percent(1 - decision.p_retrieve)}` },
    fill,
  );
  return el("span", { class: "why", title: decision.reason }, words, meter);
}

export function describe(shown) {
  const { image, decision } = shown;
  return image.kind === "retrieved"
    ? `Picture from the corpus: ${image.caption}, by ${image.author || image.source}.`
    : `Drawn picture: ${image.caption}. Corpus probability ${percent(decision.p_retrieve)}.`;
}

function copyLink(url) {
  const pressed = el(
    "button",
    {
      type: "button",
      class: "quiet",
      onclick: async () => {
        const whole = String(new URL(url, location.href));
        // Only a secure page may use the clipboard.
        const copied = await navigator.clipboard?.writeText(whole).then(() => true, () => false);
        if (!copied) {
          window.prompt("The picture's address", whole);
        }
        pressed.textContent = "Copied";
        announce("The link is copied.");
        setTimeout(() => (pressed.textContent = "Copy link"), 2000);
      },
    },
    "Copy link",
  );
  return pressed;
}

// `actions` are buttons to add, such as "draw it instead".
export function figure(shown, ...actions) {
  const { image, decision, note } = shown;
  const found = image.kind === "retrieved";
  const alt = found ? image.caption : `drawn: ${image.caption}`;
  const picture = el("img", { src: image.url, alt, width: image.width, height: image.height, decoding: "async" });
  picture.addEventListener("error", () => picture.replaceWith(el("p", { class: "fault" }, "This picture is gone.")));
  return el(
    "figure",
    { class: `picture ${image.kind}` },
    el("a", { href: image.url, target: "_blank", rel: "noopener", title: "Open the picture" }, picture),
    el(
      "figcaption",
      {},
      el("span", { class: "label" }, found ? "Retrieved" : "Generated"),
      el("span", { class: "caption" }, image.caption),
      found ? credit(image) : drawnWith(image),
      found ? fits(image) : null,
      reason(decision),
      note ? el("span", { class: "note" }, note) : null,
      el(
        "span",
        { class: "actions" },
        el("a", { class: "quiet", href: `${image.url}?download`, download: true }, "Download"),
        copyLink(image.url),
        ...actions,
      ),
    ),
  );
}

export function candidates(list, shownId) {
  const others = list.filter((candidate) => candidate.id !== shownId);
  if (others.length === 0) {
    return null;
  }
  const strip = el("ul", { class: "strip" });
  for (const candidate of others) {
    strip.append(
      el(
        "li",
        {},
        el(
          "a",
          { href: candidate.url, target: "_blank", rel: "noopener" },
          el("img", { src: candidate.url, alt: candidate.caption, width: 112, height: 112, loading: "lazy" }),
        ),
        el("span", {}, candidate.caption),
        el("br"),
        credit(candidate),
        el("br"),
        el(
          "span",
          { class: "facts" },
          candidate.p_match === undefined ? `score ${candidate.score.toFixed(2)}` : `match ${percent(candidate.p_match)}`,
        ),
      ),
    );
  }
  return el("details", { class: "similar" }, el("summary", {}, `Similar from the corpus (${others.length})`), strip);
}
