/**
 * The conversation on a case's page: its lines follow the feed, what is written goes through the outbox, and what lies
 * before somebody's eyes is told to the server, in runs of messages and never one by one.
 */

import { fragment } from "./feed.js";
import { Older } from "./older.js";
import { Outbox } from "./outbox.js";
import * as upload from "./upload.js";

const SOON = 100;
const OTHERS_WAIT = 5000; // whoever waits for no receipt looks again within this
const DWELL = 700; // so long before the eyes is read
const GATHER = 400;
const AGAIN = 4000;
const NEAR = 80; // pixels from the end that still count as being there

const panel = document.getElementById("talk");
const lines = () => document.getElementById("talk-lines");
const view = document.getElementById("talk-window");
const form = document.getElementById("compose");
const jump = document.getElementById("talk-jump");
const outboxList = document.getElementById("talk-outbox");
const read = new Set(); // numbers that were looked at on this page
const delivered = new Set();
const untold = { read: new Set(), delivered: new Set() };
const dwelling = new Map();
let waiting = 0;
let telling = 0;

const isAtEnd = () => view.scrollHeight - view.scrollTop - view.clientHeight < NEAR;
const toEnd = () => { view.scrollTop = view.scrollHeight; };
const unread = () => [...lines().querySelectorAll("li.is-unread")].filter((line) => !read.has(Number(line.dataset.number)));

/** What a line says, whether its receipts are open or not, and whatever token its form has. */
const gist = (line) => line.outerHTML.replace(/ (open|hidden)=""| value="[^"]{32,}"/g, "");

const runs = (numbers) => {
  const found = [];
  for (const number of [...numbers].sort((a, b) => a - b)) {
    if (found.at(-1)?.[1] === number - 1) found.at(-1)[1] = number;
    else found.push([number, number]);
  }
  return found.map((run) => run.join("-"));
};

const tell = async () => {
  const said = { read: [...untold.read], delivered: [...untold.delivered] };
  untold.read.clear();
  untold.delivered.clear();
  const body = new URLSearchParams();
  for (const [kind, numbers] of Object.entries(said)) for (const run of runs(numbers)) body.append(kind, run);
  if (![...body].length) return;
  const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? form.elements.csrfmiddlewaretoken.value;
  const response = await fetch(panel.dataset.seen, { method: "POST", body, headers: { "X-CSRFToken": token }, keepalive: true, signal: AbortSignal.timeout(8000) }).catch(() => null);
  if (response?.ok && !response.redirected) return;
  said.read.forEach((number) => untold.read.add(number));
  said.delivered.forEach((number) => untold.delivered.add(number));
  tellSoon(AGAIN);
};

const tellSoon = (wait = GATHER) => {
  clearTimeout(telling);
  telling = setTimeout(tell, wait);
};

const count = () => {
  const many = unread().length;
  const badge = panel.querySelector("[data-new]");
  badge.hidden = jump.hidden = !many;
  badge.textContent = `${many} new`;
  jump.textContent = many === 1 ? "1 new message" : `${many} new messages`;
};

const looked = (line) => {
  const number = Number(line.dataset.number);
  if (document.hidden || read.has(number)) return;
  read.add(number);
  untold.read.add(number);
  tellSoon();
  count();
};

/** A line counts as looked at once most of it, or a screen full of it, has lain there for a moment. */
const eyes = panel && new IntersectionObserver((entries) => {
  for (const { target, intersectionRatio, intersectionRect, rootBounds } of entries) {
    clearTimeout(dwelling.get(target));
    const fills = intersectionRect.height > (rootBounds?.height ?? innerHeight) / 2;
    if (intersectionRatio >= 0.6 || fills) dwelling.set(target, setTimeout(() => looked(target), DWELL));
  }
}, { threshold: [0, 0.2, 0.4, 0.6, 0.8, 1] });

/** What is new to this page is on a screen; and it is watched for whether it is looked at. */
const watch = (line) => {
  line.querySelector("[data-correct]")?.removeAttribute("hidden");
  if (!line.classList.contains("is-unread")) return;
  const number = Number(line.dataset.number);
  eyes.observe(line);
  if (delivered.has(number)) return;
  delivered.add(number);
  untold.delivered.add(number);
  tellSoon();
};

/** Put one line where it belongs by time. */
const place = (fresh) => {
  const before = document.getElementById(fresh.id);
  if (before && gist(before) === gist(fresh)) return false;
  if (before) {
    const opened = before.querySelector("details[open]");
    before.replaceWith(fresh);
    if (opened) fresh.querySelector("details")?.setAttribute("open", "");
  } else {
    const after = [...lines().children].reverse().find((line) => line.dataset.order <= fresh.dataset.order);
    if (after) after.after(fresh);
    else lines().prepend(fresh);
  }
  watch(fresh);
  return !before;
};

const announce = (fresh) => {
  const others = fresh.filter((line) => line.matches(".is-unread"));
  if (!others.length) return;
  const who = others.at(-1).querySelector(".from b").textContent;
  document.getElementById("heard").textContent = others.length > 1 ? `${others.length} new messages` : `New message from ${who}`;
};

const older = panel && new Older({ button: document.getElementById("talk-older"), from: panel.dataset.from, view, lines, place, came: count });

/** Bring the lines to what the server says now. */
export const adopt = (content) => {
  const fresh = panel && content.getElementById("talk-lines");
  if (!fresh) return;
  const wasAtEnd = isAtEnd();
  const numbers = [...lines().querySelectorAll("[data-number]")].map((line) => Number(line.dataset.number));
  const first = Number(fresh.querySelector("[data-number]")?.dataset.number ?? 0);
  if (fresh.dataset.before && first > Math.max(0, ...numbers) + 1) {
    lines().replaceWith(fresh); // so much has happened that pages lie between
    older.has(fresh);
    for (const line of fresh.children) watch(line);
  } else {
    announce([...fresh.children].filter((line) => place(line)));
  }
  for (const line of outboxList.querySelectorAll("[data-sent]")) {
    if (document.getElementById(`line-m${line.dataset.sent}`)) line.remove();
  }
  count();
  if (wasAtEnd) toEnd();
};

const refresh = async () => {
  const content = await fragment(panel.dataset.from);
  if (content) adopt(content);
  else waiting = setTimeout(refresh, 2000);
};

/** There is a new message. */
export const soon = () => {
  if (!panel) return;
  clearTimeout(waiting);
  waiting = setTimeout(refresh, SOON);
};

/** Somebody has read: whoever waits for that sees it at once, the others a little later. */
export const receipts = () => {
  if (!panel) return;
  clearTimeout(waiting);
  waiting = setTimeout(refresh, lines().querySelector(".is-own .glance:not(.is-ok)") ? SOON : Math.random() * OTHERS_WAIT);
};

const box = panel && form.elements.text;
const outbox = panel && new Outbox({
  form, list: outboxList, me: panel.dataset.me, sent: soon,
  back: (text) => {
    box.value = [box.value, text].filter(Boolean).join("\n");
    box.focus();
    return true;
  },
});

/** The feed is here again: what could not be sent goes out, and what was missed comes. */
export const greeted = () => {
  if (!panel) return;
  outbox.wake();
  soon();
};

const correcting = (line) => {
  const note = document.getElementById("compose-corrects");
  form.elements.corrects.value = line?.dataset.number ?? "";
  note.hidden = !line;
  note.querySelector("q").textContent = line?.querySelector(".words").innerText ?? "";
  if (!line) return;
  if (!box.value) box.value = line.querySelector(".words").innerText;
  box.focus();
};

const send = (event) => {
  event.preventDefault();
  const text = box.value.trim();
  if (!text) return;
  const { corrects, to, confirm } = form.elements;
  outbox.put({ text, corrects: corrects.value, to: to.value, confirm: to.value && confirm.checked ? "yes" : "" });
  box.value = "";
  form.querySelector('[name="to"][value=""]').checked = true;
  confirm.checked = false;
  correcting(null);
  toEnd();
  box.focus();
};

/** Somebody confirms a message: said at once, and by the form itself where that does not reach the server. */
const confirmed = async (event) => {
  const asked = event.target.closest("form[data-confirm]");
  if (!asked) return;
  event.preventDefault();
  asked.querySelector("button").setAttribute("aria-busy", "true");
  const response = await fetch(asked.action, { method: "POST", body: new FormData(asked), signal: AbortSignal.timeout(8000) }).catch(() => null);
  if (response?.ok) soon();
  else asked.submit();
};

const made = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

/** Files go one by one; several that are no pictures are the images of one series, and go together. */
const attach = async (event) => {
  const files = [...event.target.files];
  event.target.value = "";
  const isSeries = files.length > 1 && !files.some((file) => /^(image\/(jpeg|png)|application\/pdf)$/.test(file.type));
  for (const batch of isSeries ? [files] : files.map((file) => [file])) {
    const line = made("li", { className: "line is-message is-own is-pending" },
      made("p", { className: "words", textContent: batch.length > 1 ? `${batch.length} images` : "A picture or paper" }),
      made("progress", { max: 1, value: 0 }), made("p", { className: "aside", textContent: "Sending, 0 %" }));
    outboxList.append(line);
    toEnd();
    const number = await upload.send(form, batch, line);
    if (!number) continue;
    line.classList.remove("is-pending");
    line.querySelector(".aside").textContent = "Sent";
    line.dataset.sent = number;
    soon();
  }
};

if (panel) {
  form.querySelector(".attach").hidden = false;
  document.getElementById("compose-files").addEventListener("change", attach);
  for (const line of lines().children) watch(line);
  count();
  form.addEventListener("submit", send);
  panel.addEventListener("submit", confirmed);
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  jump.addEventListener("click", () => (unread()[0] ?? panel).scrollIntoView({ block: "center" }));
  document.getElementById("compose-corrects").querySelector("button").addEventListener("click", () => correcting(null));
  panel.addEventListener("click", ({ target }) => target.closest("[data-correct]") && correcting(target.closest("li[data-number]")));
  // A page that was in the background has everything on its screen again.
  document.addEventListener("visibilitychange", () => {
    for (const line of document.hidden ? [] : unread()) {
      eyes.unobserve(line);
      eyes.observe(line);
    }
  });
  new IntersectionObserver(([{ isIntersecting }]) => jump.classList.toggle("is-away", !isIntersecting)).observe(view);
  const firstUnread = unread()[0];
  if (firstUnread) view.scrollTop = firstUnread.offsetTop - view.offsetTop - NEAR;
  else toEnd();
  older.start();
}
