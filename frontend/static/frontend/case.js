/** A referral's own page and its answer: each part follows the feed, except where somebody is typing. */

import * as clock from "./clock.js";
import { Feed, fragment } from "./feed.js";

const SOON = 150;
const REFRESH_EVERY = 20000; // the pager's next steps come with the clock, not always with an event
const page = document.getElementById("parts");
const { code, from, stream, since, epoch } = page.dataset;
const shown = new Map(); // part → what the server last said of it
let waiting = 0;

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

const refresh = async () => {
  const content = await fragment(from);
  if (!content) return null;
  for (const fresh of content.querySelectorAll('[id^="part-"]')) {
    const part = document.getElementById(fresh.id);
    const said = gist(fresh);
    if (!part || shown.get(fresh.id) === said || inUse(part)) continue;
    shown.set(fresh.id, said);
    put(part, fresh);
  }
  const { since: at, epoch: of } = content.getElementById("head").dataset;
  return { since: at, epoch: of };
};

for (const part of page.querySelectorAll('[id^="part-"]')) shown.set(part.id, gist(part));

const soon = () => {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    if (!(await refresh())) waiting = setTimeout(soon, 2000);
  }, SOON);
};

if (stream) new Feed({ stream, since, epoch }, { snapshot: refresh, event: ({ referral }) => referral === code && soon() }).start();
setInterval(() => document.hidden || refresh(), REFRESH_EVERY);
