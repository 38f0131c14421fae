/** A referral's own page and its answer: each part follows the feed, except where somebody is typing. */

import { Feed, fragment, inWords } from "./feed.js";
import * as parts from "./parts.js";
import * as talk from "./talk.js";

const SOON = 150;
const REFRESH_EVERY = 20000; // the pager's next steps come with the clock, not always with an event
const page = document.getElementById("parts");
const { code, from, stream, since, epoch } = page.dataset;
let waiting = 0;

const refresh = async () => {
  const content = await fragment(from);
  if (!content) return null;
  parts.adopt(content);
  talk.adopt(content);
  const { since: at, epoch: of } = content.getElementById("head").dataset;
  return { since: at, epoch: of };
};

parts.know(page);

const soon = () => {
  clearTimeout(waiting);
  waiting = setTimeout(async () => {
    if (!(await refresh())) waiting = setTimeout(soon, 2000);
  }, SOON);
};

/** Who else has this open now, in a line of its own that outlives the parts around it. */
const others = Object.assign(document.createElement("p"), { id: "others", className: "quiet", role: "status", hidden: true });
const MOST_NAMES = 3;

const presence = (referral) => {
  if (referral !== code) return;
  const people = (feed.looking.get(code) ?? []).filter((one) => one.person !== feed.you);
  const names = people.slice(0, MOST_NAMES).map((one) => `${one.name} (${one.site})`);
  if (people.length > MOST_NAMES) names.push(`${people.length - MOST_NAMES} more`);
  const words = people.length > 1 ? `${inWords(names)} have it open` : people.map((one) => `${one.name}, ${one.site}, has it open`).join("");
  if (others.textContent !== words) others.textContent = words;
  others.hidden = !words;
};

const event = ({ referral, verb }) => {
  if (referral === code) (["message", "confirmed"].includes(verb) ? talk.soon : soon)();
};

const receipts = (referral) => referral === code && talk.receipts();
const feed = new Feed({ stream, since, epoch, code }, { snapshot: refresh, presence, event, receipts, greeted: talk.greeted });
(document.getElementById("part-first") ?? document.getElementById("part-head")).after(others);
if (stream) feed.start();
setInterval(() => document.hidden || refresh(), REFRESH_EVERY);
