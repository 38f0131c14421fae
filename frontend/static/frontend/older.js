/** The older pages of a conversation: one at a time by their button, or back to the line that the address names. */

import { fragment } from "./feed.js";

const NAMED = /^#(line-m\d+)$/;

export class Older {
  #fetching = false;

  constructor({ button, from, view, lines, place, came }) {
    Object.assign(this, { button, from, view, lines, place, came });
  }

  /** There is more before these lines. */
  has(lines) {
    this.button.hidden = !lines.dataset.before;
  }

  /** One more page before the first line; what is on the screen stays where it is. Says whether it came. */
  async fetch() {
    if (this.#fetching) return false;
    this.#fetching = true;
    const content = await fragment(`${this.from}?before=${this.lines().dataset.before}`);
    this.#fetching = false;
    const page = content?.getElementById("talk-lines");
    if (!page) return false;
    const { view, button } = this;
    const first = this.lines().firstElementChild;
    const top = first.getBoundingClientRect().top;
    view.style.overflowAnchor = "none"; // the browser would move it too, and by as much again
    for (const line of page.children) this.place(line.cloneNode(true));
    if (page.dataset.before) this.lines().dataset.before = page.dataset.before;
    else if (document.activeElement === button) view.focus({ preventScroll: true });
    this.has(page);
    view.scrollTop += first.getBoundingClientRect().top - top;
    requestAnimationFrame(() => { view.style.overflowAnchor = ""; });
    this.came();
    return true;
  }

  /** The line that the address names, as a search gives it: fetched page by page where it lies far back. */
  async show() {
    const [, id] = NAMED.exec(location.hash) ?? [];
    if (!id) return;
    while (!document.getElementById(id) && !this.button.hidden && (await this.fetch()));
    const line = document.getElementById(id);
    if (!line) return;
    line.tabIndex = -1;
    line.scrollIntoView({ block: "center" });
    line.focus({ preventScroll: true });
  }

  start() {
    this.button.addEventListener("click", () => this.fetch());
    addEventListener("hashchange", () => this.show());
    this.show();
  }
}
