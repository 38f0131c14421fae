/** How the page stands: live or not and since when, and whether anybody is being paged. Told by the feed, shown on top. */

import * as clock from "./clock.js";

const SILENT_PAGER = 15000; // a pager that has not ended a tick for so long

const write = (element, text) => {
  if (element.textContent !== text) element.textContent = text; // what is read out is read out once
};

const made = (name, text = "") => Object.assign(document.createElement(name), { textContent: text });

/** The small sign in the bar. */
export const indicator = (state, words) => {
  const element = document.getElementById("live");
  if (!element) return;
  element.hidden = false;
  element.dataset.live = state;
  write(element, words);
};

/** What is shown is the truth. */
export const live = () => {
  indicator("live", "Live");
  document.documentElement.toggleAttribute("data-stale", false);
  document.getElementById("not-live").hidden = true;
};

/** What is shown was the truth so long ago: grey, and still all there. */
export const notLive = (age, trouble) => {
  const place = document.getElementById("not-live");
  indicator("lost", "Not live");
  document.documentElement.toggleAttribute("data-stale", true);
  if (!place.firstChild) place.append(made("b"), " ", made("span"), " ", Object.assign(made("span"), { ariaHidden: "true" }));
  const [title, words, old] = place.children;
  if (place.hidden) write(title, `NOT LIVE since ${clock.hour(clock.now() - age)}`);
  write(words, trouble || "Trying again; ring people if it matters.");
  write(old, `What you see is ${clock.ago(age)} old.`); // not read out, second by second
  place.hidden = false;
};

/** When a pager last worked, as a beat says it: without a beat this page knows nothing of the pager. */
export const pulse = (now, pager) => {
  const place = document.getElementById("pager");
  const words = pager ? `the pager has not worked since ${clock.hour(pager)}. Phone the hub.` : "the pager has not started. Phone the hub.";
  if (pager && now - pager <= SILENT_PAGER) place.replaceChildren();
  else if (place.querySelector("span")?.textContent !== words) {
    const banner = Object.assign(made("div"), { className: "banner", role: "alert" });
    banner.append(made("b", "Nobody is being paged:"), " ", made("span", words));
    place.replaceChildren(banner);
  }
};
