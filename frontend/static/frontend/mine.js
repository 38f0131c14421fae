/** “Two patients wait for you to say you have them”: one's own, on a board that is drawn for everybody. */

import { fragment } from "./feed.js";

const SETTLE = 4000; // a shift changes on every board at once: each asks at a moment within this
const CHANGES = new Set(["change_over", "own", "decline", "lapse", "arrive", "request_repatriation"]); // whose it is may change
const EVERY = 60000; // that whoever comes on is overdue, and everybody of the role is asked, comes by no event
let waiting = 0;

/** Ask the server, which knows for whom they wait. */
const ask = async () => {
  if (!document.getElementById("mine")) return; // a wall is nobody's
  const content = await fragment(document.getElementById("mine").dataset.from);
  const place = document.getElementById("mine");
  if (!content || !place) return;
  const holder = document.createElement("div");
  holder.append(content);
  if (place.innerHTML.trim() !== holder.innerHTML.trim()) place.replaceChildren(...holder.childNodes);
};

/** Something was done to a patient: does it change who waits for this person? */
export const heard = (code, verb) => {
  const shown = document.getElementById("mine")?.querySelector("[data-codes]")?.dataset.codes.split(" ") ?? [];
  if (!CHANGES.has(verb) && !shown.includes(code)) return;
  clearTimeout(waiting);
  waiting = setTimeout(ask, Math.random() * SETTLE);
};

document.addEventListener("visibilitychange", () => document.hidden || ask());
setInterval(() => document.hidden || ask(), EVERY);
