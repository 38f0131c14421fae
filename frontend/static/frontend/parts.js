/** The parts of a page (`part-…`) brought to what the server says now, except where somebody is at work. */

import * as clock from "./clock.js";

const shown = new Map(); // part → what the server last said of it

/** What a part says, without what differs each time that it is written: keys, tokens and running clocks. */
const gist = (part) => {
  const copy = part.cloneNode(true);
  for (const hidden of copy.querySelectorAll('input[type="hidden"]')) hidden.remove();
  for (const ticking of copy.querySelectorAll("[data-tick], [data-figure], [data-unit]")) ticking.textContent = "";
  for (const opened of copy.querySelectorAll("details")) opened.removeAttribute("open");
  copy.removeAttribute("data-mood");
  return copy.outerHTML;
};

/** Is somebody at work here? Then the part stays as it is until they have done. */
const inUse = (part) => {
  const touched = [...part.querySelectorAll("input:not([type=hidden]), textarea, select")].some((field) =>
    field.type === "radio" || field.type === "checkbox" ? field.checked !== field.defaultChecked
      : field.tagName === "SELECT" ? field.selectedIndex > 0
        : field.value !== field.defaultValue);
  return touched || (part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select"));
};

const put = (part, fresh) => {
  const opened = [...part.querySelectorAll("details[open][id]")].map((details) => details.id);
  const focused = part.contains(document.activeElement) ? document.activeElement.id : "";
  part.replaceWith(fresh);
  for (const id of opened) {
    const details = document.getElementById(id);
    if (details) details.open = true;
  }
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  clock.refresh(fresh);
};

/** Remember what the page says as it stands. */
export const know = (page) => {
  for (const part of page.querySelectorAll('[id^="part-"]')) shown.set(part.id, gist(part));
};

/** Put each part of the fragment that says something else than before. */
export const adopt = (content) => {
  for (const fresh of content.querySelectorAll('[id^="part-"]')) {
    const part = document.getElementById(fresh.id);
    const said = gist(fresh);
    if (!part || shown.get(fresh.id) === said || inUse(part)) continue;
    shown.set(fresh.id, said);
    put(part, fresh);
  }
};
