// The referral form made quicker: times by four digits, questions only when they matter, the hubs of the chosen spoke.
// Everything works without this file; nothing that is typed is kept anywhere but in the form.
import { now } from "./clock.js";

const form = document.querySelector("form.refer");
const london = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Europe/London", hourCycle: "h23",
  year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit",
});
// A moment on the wall in London is held as if it were UTC, so that adding minutes needs no time zone.
function wall(instant) {
  const part = Object.fromEntries(london.formatToParts(instant).map((p) => [p.type, p.value]));
  return Date.parse(`${part.year}-${part.month}-${part.day}T${part.hour}:${part.minute}Z`);
}
const MINUTE = 60_000, DAY = 24 * 60 * MINUTE;
const written = (moment) => new Date(moment).toISOString().slice(0, 16);

function inWords(moment) {
  const days = Math.round((moment - (moment % DAY) - (wall(now()) - (wall(now()) % DAY))) / DAY);
  if (days === 0) return "today";
  if (days === -1) return "yesterday";
  return new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", weekday: "short", day: "numeric", month: "short" }).format(moment);
}

// "0230", "2:30", "2.30" and "230" are half past two: today, or yesterday where today it has not been yet.
function read(text) {
  const found = text.trim().match(/^(\d{1,2})[:.h ]?(\d{2})$/);
  if (!found || found[1] > 23 || found[2] > 59) return null;
  const today = wall(now()) - (wall(now()) % DAY);
  const moment = today + (Number(found[1]) * 60 + Number(found[2])) * MINUTE;
  return moment > wall(now()) + 2 * MINUTE ? moment - DAY : moment;
}

// One day earlier with each press; after a week, the same time today or yesterday again.
function nextDay(moment) {
  const today = wall(now()) - (wall(now()) % DAY);
  if (today - moment < 6 * DAY) return moment - DAY;
  const again = today + (moment % DAY);
  return again > wall(now()) ? again - DAY : again;
}

function button(text, spoken, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  made.setAttribute("aria-label", spoken);
  made.addEventListener("click", act);
  return made;
}

function quicken(field) {
  const label = field.closest(".field").querySelector("label").firstChild.textContent.trim();
  const digits = document.createElement("input");
  const day = button("", "", () => put(nextDay(held())));
  const box = document.createElement("div");
  const held = () => Date.parse(`${field.value}Z`);
  Object.assign(digits, { type: "text", inputMode: "numeric", placeholder: "hh:mm", autocomplete: "off", maxLength: 16, id: field.id });
  for (const name of ["aria-invalid", "aria-describedby", "aria-required"]) {
    if (field.hasAttribute(name)) digits.setAttribute(name, field.getAttribute(name));
  }
  const typed = field.value || field.getAttribute("value") || "";
  field.removeAttribute("id");
  field.type = "hidden";
  field.value = typed;
  day.className = "day is-plain";
  const show = () => {
    const moment = held();
    const known = !Number.isNaN(moment);
    digits.value = known ? written(moment).slice(11) : field.value;
    day.hidden = !field.value;
    day.disabled = !known;
    day.textContent = known ? inWords(moment) : "write it like 02:30";
    day.setAttribute("aria-label", known ? `${day.textContent}; ${label}: another day` : day.textContent);
  };
  const put = (moment) => {
    field.value = written(moment);
    show();
    field.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const earlier = (minutes) => put((Number.isNaN(held()) ? wall(now()) : held()) - minutes * MINUTE);
  digits.addEventListener("change", () => {
    const moment = read(digits.value);
    if (moment !== null) return put(moment);
    field.value = digits.value;
    show();
  });
  box.className = "quick";
  box.append(
    digits,
    button("Now", `${label}: now`, () => put(wall(now()))),
    button("−5", `${label}: 5 minutes earlier`, () => earlier(5)),
    button("−15", `${label}: 15 minutes earlier`, () => earlier(15)),
    day,
  );
  field.after(box);
  show();
}

// "31011950" and "310150" are the last day of January 1950.
function spread(field) {
  field.inputMode = "numeric";
  field.addEventListener("change", () => {
    const found = field.value.trim().match(/^(\d{2})[/. -]?(\d{2})[/. -]?(\d{4}|\d{2})$/);
    if (!found) return;
    const century = found[3].length === 4 ? "" : Number(found[3]) > new Date(now()).getFullYear() % 100 ? "19" : "20";
    field.value = `${found[1]}/${found[2]}/${century}${found[3]}`;
  });
}

// A question that does not arise is hidden and not sent; what was typed there comes back with the question.
function ask() {
  for (const box of form.querySelectorAll("[data-depends]")) {
    const chosen = form.querySelector(`[name="${box.dataset.depends}"]:checked`);
    const arises = Boolean(chosen) && box.dataset.values.split(" ").includes(chosen.value);
    box.hidden = !arises;
    for (const input of box.querySelectorAll("input")) input.disabled = !arises;
  }
}

function name() {
  const main = form.querySelector("[data-refer]");
  if (!main) return;
  const hubs = [...form.querySelectorAll('[name="hubs"]:checked')].map((tick) => tick.dataset.name);
  const last = hubs.pop();
  main.textContent = last ? `Refer to ${hubs.length ? `${hubs.join(", ")} and ${last}` : last}` : "Choose a hub";
}

const WEIGHED = new Set([
  "csrfmiddlewaretoken", "spoke", "from", "hubs", "onset_at", "onset_kind", "occlusion", "nihss", "prestroke_mrs", "aspects",
  "perfusion", "mismatch_ml", "thrombolysis", "date_of_birth",
]);
let chosen = Boolean(document.querySelector("#wrong")); // whoever has ticked a hub keeps the tick
let asking = null;

// The hubs again, for what is typed so far: in the body of a request, for no patient fact belongs into an address.
async function fetchHubs({ moved = false } = {}) {
  const box = form.querySelector("#hubs");
  if (!box) return;
  asking?.abort();
  const mine = asking = new AbortController();
  if (moved) chosen = false;
  const typed = new FormData(form), said = new FormData();
  for (const [field, value] of typed) if (WEIGHED.has(field)) said.append(field, value); // who it is stays here
  said.set("chosen", chosen ? "1" : "0");
  if (moved) box.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.dataset.hubs, { method: "POST", body: said, signal: mine.signal });
    if (!answer.ok) throw new Error(String(answer.status));
    const html = await answer.text();
    const open = new Set([...box.querySelectorAll("details[open]")].map((one) => one.dataset.of));
    const focus = box.contains(document.activeElement) ? document.activeElement.value : null;
    box.innerHTML = html;
    if (!moved) box.querySelectorAll("details").forEach((one) => { one.open ||= open.has(one.dataset.of); });
    if (focus) box.querySelector(`[name="hubs"][value="${CSS.escape(focus)}"]`)?.focus();
  } catch (trouble) {
    if (trouble.name === "AbortError") return;
    box.querySelector(":scope > .fault")?.remove();
    const sorry = document.createElement("p");
    sorry.className = "fault";
    sorry.textContent = moved
      ? "The hubs of this hospital could not be fetched. The drive times below are not from here: choose by name."
      : "The hubs could not be ranked anew. They stand as they were before your last answer.";
    box.prepend(sorry);
  }
  if (asking === mine) asking = null;
  box.removeAttribute("aria-busy");
  name();
}

// Kept on the server from the first field, for its author alone; nothing of it stays in the browser.
let keeping = 0, sent = false;
function keep() {
  if (!form.dataset.draft || sent) return;
  clearTimeout(keeping);
  keeping = setTimeout(() => {
    fetch(form.dataset.draft, { method: "POST", body: new FormData(form) }).then(
      (answer) => say(answer.ok ? "" : "What you type is not kept on the server now. It is still here: send it when you can."),
      () => say("No connection: what you type is not kept on the server now. It is still here."),
    );
  }, 400);
}
function say(sentence) {
  let line = form.querySelector("#kept");
  if (!line && sentence) {
    line = Object.assign(document.createElement("p"), { id: "kept", className: "fault" });
    line.setAttribute("role", "status");
    form.querySelector(".thumb").before(line);
  }
  if (line && line.textContent !== sentence) line.textContent = sentence;
}

// What is still missing, each a link to its question; nothing is said of a question that does not arise.
function missing() {
  const box = form.querySelector("#missing");
  if (!box) return;
  const left = [...form.querySelectorAll("[data-needed]")].filter((field) => {
    if (field.hidden) return false;
    const inputs = [...field.querySelectorAll("[name]")];
    const ticked = inputs.some((input) => input.type === "radio" ? input.checked : input.value.trim());
    return !ticked;
  });
  box.replaceChildren();
  box.hidden = left.length === 0;
  if (!left.length) return;
  box.append(`Still missing: `);
  left.forEach((field, number) => {
    const link = document.createElement("a");
    link.href = `#f-${field.id.slice(4)}`;
    link.textContent = field.dataset.needed;
    link.addEventListener("click", (event) => {
      event.preventDefault();
      field.querySelector("input:not([type=hidden]), textarea")?.focus();
    });
    box.append(number ? ", " : "", link);
  });
}

if (form) {
  form.querySelectorAll("[data-moment]").forEach(quicken);
  form.querySelectorAll("[data-date]").forEach(spread);
  ask();
  name();
  missing();
  form.addEventListener("input", keep);
  form.addEventListener("submit", () => { sent = true; clearTimeout(keeping); });
  form.addEventListener("change", (event) => {
    ask();
    name();
    missing();
    keep();
    if (event.target.name === "hubs") {
      chosen = true;
      if (asking) fetchHubs(); // what was asked before this tick would take it back
    }
    else if (event.target.name === "spoke") fetchHubs({ moved: true });
    else if (WEIGHED.has(event.target.name || event.target.id.slice(2))) fetchHubs();
  });
  document.querySelector("#wrong")?.focus();
}
