// A picture of an answer: what it is, where it comes from, why it was chosen, what else there was.

import { announce, el } from "./dom.js";
import { percent } from "./format.js";
import { menu } from "./menu.js";
import { nameOf } from "./names.js";
import { askTakedown } from "./takedown-dialog.js";

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
const WORDED = { "LicenseRef-PublicDomain": "Public domain" };

function licence(name) {
  const url = LICENCES[name];
  return url ? el("a", { href: url, target: "_blank", rel: "noopener noreferrer license" }, name) : (WORDED[name] ?? name);
}

export function credit(image) {
  const parts = [image.source, image.author].filter(Boolean);
  const line = el("span", { class: "facts" });
  line.append(parts.join(" · "));
  if (image.licence) {
    line.append(parts.length ? " · " : "", licence(image.licence));
  }
  if (image.corpus_version) {
    line.append(" · ", el("span", { title: `Corpus version ${image.corpus_version}` }, `corpus ${image.corpus_version.slice(0, 8)}`));
  }
  return line;
}

// The name a reader knows it by; the caption stays beside it.
export function caption(image) {
  const { text, lang } = nameOf(image);
  return el(
    "span",
    { class: "caption" },
    el("span", { lang }, text),
    lang && text !== image.caption ? el("span", { class: "caption-too" }, ` ${image.caption}`) : null,
  );
}

function fits(image) {
  return image.p_match === undefined
    ? null
    : el("span", { class: "facts", title: `How likely it shows what was asked. Score ${image.score.toFixed(3)}.` }, `match ${percent(image.p_match)}`);
}

function drawnWith(image) {
  const facts = [`seed ${image.seed}`, `${image.steps} steps`, image.model];
  if (image.confidence !== undefined) {
    facts.push(`shows it: ${percent(image.confidence)}`);
  }
  return el("span", { class: "facts" }, facts.join(" · "));
}

// The corpus's pictures that a drawn one leaned on, with their authors.
function leanedOn(image) {
  if (!image.references?.length) {
    return null;
  }
  const list = el("ul", { class: "leaned" });
  for (const it of image.references) {
    list.append(
      el(
        "li",
        {},
        el(
          "a",
          { href: it.url, target: "_blank", rel: "noopener" },
          el("img", { src: it.url, alt: nameOf(it).text, width: 44, height: 44, loading: "lazy" }),
        ),
        credit(it),
      ),
    );
  }
  const what = image.references.length === 1 ? "a picture" : `${image.references.length} pictures`;
  return el("details", { class: "leaned-on" }, el("summary", {}, `Leans on ${what} of the corpus`), list);
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
    ? `Picture from the corpus: ${nameOf(image).text}, by ${image.author || image.source}.`
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

const FACTS = [
  ["id", "Id"],
  ["sha256", "SHA-256"],
  ["score", "Score"],
  ["style", "Style"],
  ["seed", "Seed"],
  ["steps", "Steps"],
  ["guidance_scale", "Guidance"],
  ["scheduler", "Scheduler"],
  ["model", "Model"],
  ["corpus_version", "Corpus version"],
];

// All that is known of it; of a corpus picture also the way to take it down.
function more(shown, onGone) {
  const { image, decision } = shown;
  const rows = [
    ...FACTS.filter(([key]) => image[key] !== undefined && image[key] !== "" && !(key === "sha256" && image.sha256 === image.id)).map(
      ([key, name]) => [name, String(image[key])],
    ),
    ...(image.width ? [["Size", `${image.width} × ${image.height}`]] : []),
    ...Object.entries(image.metadata ?? {}),
    ["Decision", decision.reason],
  ].filter(([, value]) => value);
  return menu(
    "More",
    `More about ${image.caption}`,
    el("dl", { class: "about" }, ...rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
    image.kind === "retrieved"
      ? el("button", { type: "button", class: "quiet", onclick: () => askTakedown(image, onGone) }, "Take down…")
      : null,
  );
}

// `actions` are buttons to add, such as "show the other".
export function figure(shown, ...actions) {
  const { image, decision, note } = shown;
  const found = image.kind === "retrieved";
  const alt = found ? nameOf(image).text : `drawn: ${image.caption}`;
  const picture = el("img", { src: image.url, alt, lang: found ? nameOf(image).lang : undefined, width: image.width, height: image.height, decoding: "async" });
  picture.addEventListener("error", () => picture.replaceWith(el("p", { class: "fault" }, "This picture is gone.")));
  const whole = el(
    "figure",
    { class: `picture ${image.kind}` },
    el("a", { class: "frame", href: image.url, target: "_blank", rel: "noopener", title: "Open the picture" }, picture),
    el(
      "figcaption",
      {},
      el("span", { class: "label" }, found ? "Retrieved" : "Generated"),
      found ? caption(image) : el("span", { class: "caption" }, image.caption),
      found ? credit(image) : drawnWith(image),
      leanedOn(image),
      found ? fits(image) : null,
      reason(decision),
      note ? el("span", { class: "note" }, note) : null,
      el(
        "span",
        { class: "actions" },
        ...actions,
        el("a", { class: "quiet", href: `${image.url}?download`, download: true }, "Download"),
        copyLink(image.url),
        more(shown, () => whole.replaceChildren(el("p", { class: "note" }, "This picture was taken down."))),
      ),
    ),
  );
  return whole;
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
          el("img", { src: candidate.url, alt: nameOf(candidate).text, width: 112, height: 112, loading: "lazy" }),
        ),
        caption(candidate),
        credit(candidate),
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
