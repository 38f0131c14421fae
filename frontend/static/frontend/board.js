/** The board's page: puts each card where the feed says it is, in the order of urgency, and never empties itself. */

import * as clock from "./clock.js";
import { Feed, fragment, inWords } from "./feed.js";
import * as mine from "./mine.js";
import * as notices from "./notices.js";
import * as siren from "./siren.js";
import * as unread from "./unread.js";

const SORT_EVERY = 3000;
const REFRESH_EVERY = 300000; // who is on call, and what ended six hours ago, come by no event; a page costs what 100 events do
const snapshotPlace = document.getElementById("snapshot");
const bare = "bare" in snapshotPlace.dataset;
const still = matchMedia("(prefers-reduced-motion: reduce)");
const title = document.title;
const board = () => document.getElementById("board");
const cardOf = (code) => document.getElementById(`card-${code}`);

const parsed = (html) => {
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  const card = holder.content.firstElementChild;
  if (!bare) return card;
  for (const element of card.querySelectorAll("[data-private]")) element.remove();
  for (const link of card.querySelectorAll("a.number")) link.replaceWith(Object.assign(document.createElement("span"), { className: "number", textContent: link.textContent }));
  const code = card.querySelector("a.code");
  const word = Object.assign(document.createElement("span"), { className: "code", textContent: code.textContent });
  code.replaceWith(word);
  return card;
};

/** Show where a card went, where the reader has not asked for less motion. */
const glide = (card, from) => {
  if (still.matches || !card.animate) return;
  const to = card.getBoundingClientRect();
  const [x, y] = from ? [from.left - to.left, from.top - to.top] : [0, 0];
  if (from && (x || y)) card.animate([{ transform: `translate(${x}px, ${y}px)` }, { transform: "none" }], { duration: 320, easing: "cubic-bezier(.2, .7, .2, 1)" });
  else if (!from) card.animate([{ opacity: 0 }, { opacity: 1 }], { duration: 320 });
};

const sort = (cards) => {
  const wanted = [...cards.children].sort(
    (a, b) => clock.urgency(b.dataset) - clock.urgency(a.dataset) || a.dataset.code.localeCompare(b.dataset.code),
  );
  if (wanted.every((card, index) => card === cards.children[index])) return;
  const places = new Map(wanted.map((card) => [card, card.getBoundingClientRect()]));
  const focused = cards.contains(document.activeElement) ? document.activeElement : null;
  cards.append(...wanted);
  focused?.focus({ preventScroll: true });
  for (const [card, place] of places) glide(card, place);
};

const count = () => {
  const numbers = {};
  for (const lane of board().querySelectorAll("section[data-lane]")) {
    const number = lane.querySelector("[data-cards]").children.length;
    numbers[lane.dataset.lane] = number;
    lane.querySelector("[data-many]").textContent = number;
  }
  const live = Object.entries(numbers).reduce((sum, [lane, number]) => (lane === "ended" ? sum : sum + number), 0);
  const patients = live === 0 ? "No patient" : live === 1 ? "1 patient" : `${live} patients`;
  board().querySelector("[data-counts]").textContent = numbers.waiting ? `${patients}, ${numbers.waiting} waiting for an answer` : patients;
  document.title = `${siren.update() ? "Siren! " : ""}${numbers.waiting ? `(${numbers.waiting}) ` : ""}${title}`;
};

const announce = (card) => {
  const route = card.querySelector(".route").textContent.replace("→", "to");
  document.getElementById("heard").textContent = `New: ${card.dataset.code}, ${route}, waits for an answer.`;
};

/** Say on a card where somebody has it open. */
const look = (code) => {
  const card = cardOf(code);
  const places = [...new Set((feed.looking.get(code) ?? []).map((person) => person.site))];
  const words = places.length ? `${inWords(places)} ${places.length > 1 ? "have" : "has"} it open` : "";
  let line = card?.querySelector("[data-looking]");
  if (!card || (line?.textContent ?? "") === words) return;
  line?.remove();
  line = Object.assign(document.createElement("p"), { className: "waits quiet", textContent: words });
  line.dataset.looking = "";
  if (words) card.append(line);
};

/** Put one card in its place; an older version never covers a newer one. */
const place = (card) => {
  const before = cardOf(card.dataset.code);
  if (before && Number(before.dataset.version) > Number(card.dataset.version)) return;
  const lane = board().querySelector(`section[data-lane="${card.dataset.lane}"] [data-cards]`);
  const from = before?.getBoundingClientRect();
  const isNew = card.dataset.lane === "waiting" && before?.dataset.lane !== "waiting";
  const hadFocus = before?.contains(document.activeElement);
  if (before && before.parentElement === lane) before.replaceWith(card);
  else {
    before?.remove();
    lane.append(card);
  }
  clock.refresh(card);
  look(card.dataset.code);
  unread.mark(card);
  sort(lane);
  if (hadFocus) card.querySelector("a")?.focus({ preventScroll: true });
  glide(card, from);
  if (isNew) announce(card);
};

const event = ({ referral, card, verb }) => {
  if (verb === "message" && !bare) unread.more(referral);
  if (!bare) mine.heard(referral, verb);
  if (verb === "notice") notices.soon();
  if (card) place(parsed(card.html));
  else cardOf(referral)?.remove();
  count();
};

const adopt = (content) => {
  const fresh = content.getElementById("board");
  const shown = new Set();
  siren.keep(fresh);
  board().querySelector(".above").replaceWith(fresh.querySelector(".above"));
  if (!bare) unread.soon();
  notices.soon();
  for (const card of fresh.querySelectorAll(".card")) {
    shown.add(card.dataset.code);
    const before = cardOf(card.dataset.code);
    if (!before || before.outerHTML !== card.outerHTML) place(card);
  }
  for (const card of board().querySelectorAll(".card")) if (!shown.has(card.dataset.code)) card.remove();
  count();
  return { since: fresh.dataset.since, epoch: fresh.dataset.epoch };
};

const snapshot = async () => {
  const content = await fragment(snapshotPlace.dataset.from);
  return content && adopt(content);
};

const { stream, since, epoch } = board().dataset;
const feed = new Feed({ stream, since, epoch }, { event, snapshot, presence: look });
feed.start();
count();
if (!bare) unread.ask();

setInterval(() => {
  for (const cards of board().querySelectorAll("[data-cards]")) sort(cards);
}, SORT_EVERY);

const refresh = async () => {
  const content = document.hidden ? null : await fragment(snapshotPlace.dataset.from);
  const fresh = content?.getElementById("board").dataset;
  // An event may have overtaken the snapshot: then it is older than the page, and the next one will do.
  if (fresh && fresh.epoch === feed.epoch && Number(fresh.since) >= feed.position) feed.reached(adopt(content));
  setTimeout(refresh, REFRESH_EVERY * (0.8 + 0.4 * Math.random()));
};
setTimeout(refresh, REFRESH_EVERY * Math.random());
