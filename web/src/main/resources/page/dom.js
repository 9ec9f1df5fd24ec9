// Builds elements. Text is always set as text, never parsed as markup.

export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) {
      continue;
    }
    if (name === "onclick") {
      node.addEventListener("click", value);
    } else if (value === true) {
      node.setAttribute(name, "");
    } else {
      node.setAttribute(name, value);
    }
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

export const byId = (id) => document.getElementById(id);

// **bold** and `code`; everything else stays as it is.
export function prose(text) {
  const nodes = [];
  for (const piece of text.split(/(\*\*[^*\n]+\*\*|`[^`\n]+`)/)) {
    if (/^\*\*.+\*\*$/.test(piece)) {
      nodes.push(el("strong", {}, piece.slice(2, -2)));
    } else if (/^`.+`$/.test(piece)) {
      nodes.push(el("code", {}, piece.slice(1, -1)));
    } else if (piece) {
      nodes.push(document.createTextNode(piece));
    }
  }
  return nodes;
}

export function announce(text) {
  byId("status").textContent = text;
}

// Hands the reader a file made here.
export function download(name, type, text) {
  const url = URL.createObjectURL(new Blob([text], { type }));
  el("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
