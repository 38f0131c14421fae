/** A draft that is searched for: the page follows the search, and stops once there is an answer. */

import { fragment } from "./feed.js";
import * as parts from "./parts.js";

const SOON = 1500;
const page = document.getElementById("parts");

const follow = async () => {
  const content = document.hidden ? null : await fragment(page.dataset.from);
  if (content) parts.adopt(content);
  if (page.querySelector("[data-moving]")) setTimeout(follow, SOON);
};

parts.know(page);
setTimeout(follow, SOON);
