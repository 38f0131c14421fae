/** How many messages on each card this person has not read. A card is drawn for everybody; this number is one's own. */

const SETTLE = 20000; // a thousand boards hear of a message at once: each asks for its own numbers at a moment within this
const counts = new Map(); // code → unread
let waiting = 0;

/** Say it on a card. */
export const mark = (card) => {
  const many = counts.get(card.dataset.code) ?? 0;
  const words = many ? `${many} new` : "";
  let badge = card.querySelector(".unread");
  if ((badge?.textContent ?? "") === words) return;
  badge?.remove();
  if (!words) return;
  badge = Object.assign(document.createElement("span"), { className: "unread", textContent: words, title: "Unread messages" });
  card.querySelector(".code").before(badge);
};

const markAll = () => {
  for (const card of document.querySelectorAll(".card")) mark(card);
};

/** Ask the server, which knows what was read on every screen of this person. */
export const ask = async () => {
  clearTimeout(waiting);
  const response = await fetch("/messages/unread/", { cache: "no-store", signal: AbortSignal.timeout(8000) }).catch(() => null);
  if (!response?.ok || response.redirected) return;
  counts.clear();
  for (const [code, many] of Object.entries(await response.json())) counts.set(code, many);
  markAll();
};

/** Ask again, but not at the same moment as everybody else. */
export const soon = () => {
  clearTimeout(waiting);
  waiting = setTimeout(ask, Math.random() * SETTLE);
};

/** Somebody wrote: one more at once, and the exact number a little later. */
export const more = (code) => {
  counts.set(code, (counts.get(code) ?? 0) + 1);
  soon();
};

addEventListener("pageshow", (event) => event.persisted && ask());
document.addEventListener("visibilitychange", () => document.hidden || ask());
