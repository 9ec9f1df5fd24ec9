// A chat as one HTML file that needs nothing else: pictures inside, authors and licences beside them.

import { describe } from "./picture.js";

const STYLE = `body{font:16px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#22201c;background:#fff}
article{margin:0 0 1.5rem}h2{font-size:.85rem;margin:0 0 .3rem;color:#625d54}img{max-width:16rem;border:1px solid #ddd6c9;border-radius:8px}
figure{margin:.5rem 0}figcaption{font-size:.85rem;color:#625d54}p{white-space:pre-wrap;margin:.3rem 0}`;

async function inside(url) {
  const response = await fetch(url);
  if (!response.ok) {
    return "";
  }
  const blob = await response.blob();
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.addEventListener("load", () => resolve(reader.result));
    reader.addEventListener("error", () => reject(reader.error));
    reader.readAsDataURL(blob);
  });
}

function source({ image }) {
  return image.kind === "retrieved"
    ? [image.source, image.author, image.licence, image.id].filter(Boolean).join(" · ")
    : `drawn by ${image.model}, seed ${image.seed}, ${image.steps} steps, guidance ${image.guidance_scale}`;
}

// Built as a document, so that no text can become markup.
export async function page({ title, messages }) {
  const file = document.implementation.createHTMLDocument(title || "Chat");
  const add = (parent, name, text) => {
    const node = file.createElement(name);
    node.textContent = text ?? "";
    parent.append(node);
    return node;
  };
  const charset = add(file.head, "meta");
  charset.setAttribute("charset", "utf-8");
  add(file.head, "style", STYLE);
  add(file.body, "h1", title || "Chat");
  for (const { role, content } of messages) {
    const article = add(file.body, "article");
    add(article, "h2", role === "user" ? "You" : "GILL");
    for (const part of content) {
      if (part.type === "text") {
        add(article, "p", part.text);
      } else {
        const figure = add(article, "figure");
        const picture = add(figure, "img");
        picture.src = await inside(part.image_url.url);
        picture.alt = part.gill ? describe(part.gill) : "a picture that was sent";
        if (part.gill) {
          add(figure, "figcaption", `${part.gill.image.caption} — ${source(part.gill)}`);
        }
      }
    }
  }
  return `<!doctype html>\n${file.documentElement.outerHTML}`;
}
