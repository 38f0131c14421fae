/** The strip above a board: looked at again when something was said; what it showed, and what was seen, it tells. */

import { fragment } from "./feed.js";

const SETTLE = 1500; // every board of a network hears of it at once: each asks at a moment within this
const place = document.getElementById("notices");
const told = new Set(); // numbers that this page has said it showed
let waiting = 0;

const post = async (kind, numbers) => {
  const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? place.querySelector("[name=csrfmiddlewaretoken]")?.value ?? "";
  const body = new URLSearchParams(numbers.map((number) => ["number", number]));
  const headers = { "X-CSRFToken": token, "X-Fragment": "yes" };
  const response = await fetch(`/notices/${kind}/`, { method: "POST", body, headers, signal: AbortSignal.timeout(8000) }).catch(() => null);
  return response?.ok && !response.redirected ? response : null;
};

/** Say once of each notice that it was on this screen, while somebody can see the page. */
const showed = async () => {
  if (document.hidden) return;
  const numbers = [...place.querySelectorAll("form [data-number]")].map((line) => line.dataset.number).filter((number) => !told.has(number));
  if (!numbers.length) return;
  for (const number of numbers) told.add(number);
  if (!(await post("delivered", numbers))) for (const number of numbers) told.delete(number);
};

const put = (content) => {
  const before = place.firstElementChild?.textContent;
  if (content.firstElementChild?.textContent !== before) place.replaceChildren(content);
  showed();
};

const look = async () => {
  clearTimeout(waiting);
  const content = await fragment(place.dataset.from);
  if (content) put(content);
};

/** Look again, but not at the same moment as everybody else. */
export const soon = () => {
  clearTimeout(waiting);
  waiting = setTimeout(look, Math.random() * SETTLE);
};

place.addEventListener("submit", async (event) => {
  if (!event.submitter) return;
  event.preventDefault();
  const response = await post("seen", [event.submitter.value]);
  if (!response) return; // it stays, to be pressed again
  const holder = document.createElement("template");
  holder.innerHTML = await response.text();
  put(holder.content);
});
document.addEventListener("visibilitychange", showed);
showed();
