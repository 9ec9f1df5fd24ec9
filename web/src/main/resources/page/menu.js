// A button that opens a small panel; Escape, a click elsewhere or leaving it closes it.

import { el } from "./dom.js";

const open = () => document.querySelector("details.menu[open]");

export function menu(label, name, ...content) {
  const summary = el("summary", { class: "quiet", "aria-label": name }, label);
  const details = el("details", { class: "menu" }, summary, el("div", { class: "menu-panel" }, ...content));
  details.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && details.open) {
      event.stopPropagation();
      details.open = false;
      summary.focus();
    }
  });
  details.addEventListener("toggle", () => {
    if (details.open) {
      details.lastElementChild.scrollIntoView({ block: "nearest" });
    }
  });
  details.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !details.contains(event.relatedTarget)) {
      details.open = false;
    }
  });
  return details;
}

document.addEventListener("click", (event) => {
  const menu = open();
  if (menu && !menu.contains(event.target)) {
    menu.open = false;
  }
});
