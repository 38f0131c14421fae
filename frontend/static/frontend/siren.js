/** The siren of a board: for each card that asks for it, in sight always, in sound once somebody has switched it on. */

import * as clock from "./clock.js";
import { Horn } from "./horn.js";

const SILENCE = 60000;
const REMEMBERED = "dido-sound"; // until the window is closed
const TELL_AGAIN = 5000;

const place = document.getElementById("sirens");
const bar = place.querySelector("[data-siren-bar]");
const [says, sound] = [bar.querySelector("[data-siren-says]"), bar.querySelector("[data-siren-sound]")];
const buttons = Object.fromEntries(["on", "silence", "again"].map((name) => [name, bar.querySelector(`[data-siren-${name}]`)]));
const silenced = new Map(); // code → until when, by this machine's clock
let silentUntil = ""; // the same as the time of day
const told = new Set();
let isWanted = sessionStorage.getItem(REMEMBERED) === "on";
let telling = 0;

const write = (element, text) => {
  if (element.textContent !== text) element.textContent = text; // what is read out is read out once
};

const theSwitch = () => document.querySelector("[data-sound]");

/** The cards for which this board sounds. */
const calls = () => [...document.querySelectorAll(".card[data-siren]")].map((card) => ({
  code: card.dataset.code,
  route: card.querySelector(".route").textContent,
  since: Date.parse(card.dataset.sirenSince),
  pages: card.dataset.siren.split(" ").map(Number),
}));

/** The pager hears that these boards sound; a board of a whole network is nobody's hospital and says nothing. */
const tell = async (pages) => {
  const unsaid = pages.filter((page) => !told.has(page));
  if (!place.dataset.tell || !unsaid.length || Date.now() < telling) return;
  telling = Date.now() + TELL_AGAIN;
  try {
    const answer = await fetch(place.dataset.tell, {
      method: "POST", cache: "no-store", signal: AbortSignal.timeout(TELL_AGAIN),
      headers: { "Content-Type": "application/json", "X-CSRFToken": place.querySelector("[name=csrfmiddlewaretoken]").value },
      body: JSON.stringify({ pages: unsaid.slice(0, 50) }),
    });
    if (answer.ok || answer.status < 500) for (const page of unsaid) told.add(page);
    telling = 0;
  } catch {
    // Told again in a moment: this board sounds all the same.
  }
};

const inWords = (all) => {
  const [first] = all;
  return all.length === 1 ? `Siren: ${first.code}, ${first.route.replace("→", "to")}` : `Siren: ${all.map((one) => one.code).join(", ")}`;
};

const soundInWords = (loud) => {
  if (!horn.exists) return "This browser cannot sound. Watch the cards.";
  if (!isWanted) return "This board is silent: switch the sound on.";
  if (!horn.isReady) return "This board is silent until somebody presses anywhere on it.";
  if (!loud.length) return `Silenced on this board until ${silentUntil}.`;
  return "";
};

const paint = (all, loud) => {
  const button = theSwitch();
  const state = isWanted && horn.isReady;
  if (button) {
    button.hidden = !horn.exists;
    button.setAttribute("aria-checked", String(state));
    write(button.querySelector("[data-sound-state]"), state ? "on" : "off");
  }
  bar.hidden = !all.length;
  document.documentElement.toggleAttribute("data-siren", Boolean(loud.length));
  if (!all.length) return;
  write(says, inWords(all));
  write(sound, soundInWords(loud));
  buttons.on.hidden = !horn.exists || state;
  buttons.silence.hidden = !state || !loud.length;
  buttons.again.hidden = !state || Boolean(loud.length);
};

/** Bring the siren to what the cards say now. */
export const update = () => {
  const all = calls();
  for (const [code, until] of silenced) {
    if (until <= Date.now() || !all.some((one) => one.code === code)) silenced.delete(code);
  }
  const loud = all.filter((one) => !silenced.has(one.code));
  if (loud.length && isWanted) {
    horn.sound((clock.now() - Math.min(...loud.map((one) => one.since))) / 1000);
    if (horn.isSounding) tell(loud.flatMap((one) => one.pages));
  } else horn.hush();
  paint(all, loud);
  return all.length;
};

/** A fresh page brings a switch of its own: this one stays, with whoever stands on it. */
export const keep = (fresh) => {
  const button = theSwitch();
  if (button) fresh.querySelector("[data-sound]")?.replaceWith(button);
};

const horn = new Horn(update);

const wish = (on) => {
  isWanted = on;
  sessionStorage.setItem(REMEMBERED, on ? "on" : "off");
  if (on) horn.open();
  else horn.close();
  update();
};

document.addEventListener("click", (event) => {
  const pressed = event.target.closest?.("button");
  if (pressed?.matches("[data-sound]")) wish(!(isWanted && horn.isReady));
  else if (pressed === buttons.on) wish(true);
  else if (pressed === buttons.silence) {
    for (const one of calls()) silenced.set(one.code, Date.now() + SILENCE);
    silentUntil = clock.hour(clock.now() + SILENCE);
    update();
  } else if (pressed === buttons.again) {
    silenced.clear();
    update();
  } else if (isWanted) horn.open(); // a browser lets a page sound only once somebody has pressed something
});
document.addEventListener("keydown", () => isWanted && horn.open());

if (isWanted) horn.open();
setInterval(update, 1000);
