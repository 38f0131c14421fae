/** Everybody's own phone: while a test or a proof is under way, the page follows it. */

import { fragment } from "./feed.js";
import * as parts from "./parts.js";

const SOON = 1500;
const LATER = 15000; // a test at the start of a shift begins by itself
const page = document.getElementById("parts");

const follow = async () => {
  const content = document.hidden ? null : await fragment(page.dataset.from);
  if (content) parts.adopt(content);
  setTimeout(follow, page.querySelector("[data-moving]") ? SOON : LATER);
};

parts.know(page);
setTimeout(follow, SOON);
document.addEventListener("visibilitychange", async () => {
  const content = document.hidden ? null : await fragment(page.dataset.from);
  if (content) parts.adopt(content);
});
