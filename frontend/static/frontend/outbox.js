/**
 * What was written and is not yet the server's: kept on this page alone, in its order, and sent once however often it
 * must be tried. Only the server's answer makes it "sent". Nothing of it is put into the browser's storage.
 */

import * as clock from "./clock.js";

const FIRST_WAIT = 1000;
const LONGEST_WAIT = 8000;
const PATIENCE = 10000; // no answer for so long: tried again, with the same key
const UNSAID = 1200; // what goes out within this says nothing but "Sending"
const HELD = "Not sent yet. It is kept on this page and goes out by itself when the line is back.";
const SIGNED_OUT = "Not sent: you are signed out. Leave this page open and sign in in another tab; then it goes out.";

const newKey = () => [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
const made = (tag, properties, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

export class Outbox {
  #waiting = [];
  #busy = false;
  #tries = 0;
  #timer = 0;

  /** `sent(number)` is called for each message that the server has taken; `back(text)` puts words into the box again. */
  constructor({ form, list, me, sent, back }) {
    this.form = form;
    this.list = list;
    this.me = me;
    this.sent = sent;
    this.back = back;
    addEventListener("online", () => this.wake());
    addEventListener("beforeunload", (event) => {
      if (this.#waiting.length) event.preventDefault();
    });
  }

  /** Take what was written; it is on the page before anything is sent. */
  put({ text, corrects = "", to = "", confirm = "" }) {
    const typed = clock.now();
    const state = made("p", { className: "aside", textContent: "Sending" });
    const line = made("li", { className: "line is-message is-own is-pending" },
      made("p", { className: "from" }, made("b", { textContent: "You" }), " ", made("time", { textContent: clock.hour(typed).slice(0, 5) })),
      made("p", { className: "words", textContent: text }), state);
    this.list.append(line);
    this.#waiting.push({ key: newKey(), text, corrects, to, confirm, typed: new Date(typed).toISOString(), line, state });
    setTimeout(() => state.textContent === "Sending" && this.#say(state, HELD), UNSAID);
    this.wake();
  }

  /** The line may be back: try at once. */
  wake() {
    clearTimeout(this.#timer);
    this.#tries = 0;
    this.#go();
  }

  #say(state, words) {
    state.textContent = words;
    state.classList.add("is-soon");
  }

  async #go() {
    if (this.#busy || !this.#waiting.length) return;
    this.#busy = true;
    const answer = await this.#send(this.#waiting[0]);
    this.#busy = false;
    if (answer) this.#go();
    else {
      const most = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#tries);
      this.#tries += 1;
      this.#timer = setTimeout(() => this.#go(), most * (0.5 + Math.random() / 2));
    }
  }

  /** Has the server said what becomes of this one? */
  async #send(one) {
    const token = /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? this.form.elements.csrfmiddlewaretoken.value;
    const { key, text, corrects, to, confirm, typed } = one;
    try {
      const response = await fetch(this.form.action, {
        method: "POST", cache: "no-store", signal: AbortSignal.timeout(PATIENCE),
        headers: { "X-Fragment": "yes", "X-CSRFToken": token },
        body: new URLSearchParams({ key, text, corrects, to, confirm, typed_at: typed, me: this.me }),
      });
      if (response.redirected) this.#say(one.state, SIGNED_OUT);
      else if (response.status === 201) return this.#done(one, (await response.json()).number);
      else if (response.status === 404) return this.#refused(one, "Not sent: this case is no longer yours to see.");
      else if (response.status >= 400 && response.status < 500 && response.headers.get("Content-Type")?.includes("json")) {
        return this.#refused(one, (await response.json()).message);
      } else this.#say(one.state, HELD);
    } catch {
      this.#say(one.state, HELD);
    }
    return false;
  }

  #done(one, number) {
    this.#waiting.shift();
    one.line.classList.remove("is-pending");
    one.line.dataset.sent = number;
    one.state.classList.remove("is-soon");
    one.state.textContent = "Sent";
    this.sent(number);
    return true;
  }

  /** The server will not have it: the words stay where they are until somebody decides. */
  #refused(one, words) {
    this.#waiting.shift();
    one.line.classList.add("is-refused");
    one.state.textContent = words;
    const again = made("button", { type: "button", className: "is-small", textContent: "Put it back into the box" });
    const away = made("button", { type: "button", className: "is-small", textContent: "Throw it away" });
    again.addEventListener("click", () => this.back(one.text) && one.line.remove());
    away.addEventListener("click", () => one.line.remove());
    one.line.append(made("p", { className: "row" }, again, away));
    return true;
  }
}
