/** The notices' page: who has seen what, looked at again every few seconds, but for where somebody writes. */

import { fragment } from "./feed.js";
import * as parts from "./parts.js";

const EVERY = 5000;
const page = document.getElementById("parts");

const follow = async () => {
  const content = document.hidden ? null : await fragment(page.dataset.from);
  if (content) parts.adopt(content);
  setTimeout(follow, EVERY);
};

parts.know(page);
setTimeout(follow, EVERY);
