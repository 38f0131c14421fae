/**
 * The page's end of the feed. One way in, whether the page connects, reconnects, wakes up or comes online.
 * It keeps the positions without a gap, and says over the page since when it is no longer live.
 */

import * as clock from "./clock.js";

const PATIENCE = 14000; // no frame for so long: not live, and said before 15 s are over
const BEAT = 5000; // the server's heartbeat
const LONGEST_WAIT = 8000;

/** A fragment of our own, or null; a page whose session ended goes to the sign-in. */
export const fragment = async (address) => {
  try {
    const response = await fetch(address, { headers: { "X-Fragment": "yes" }, cache: "no-store", signal: AbortSignal.timeout(8000) });
    if (response.redirected || response.status === 404 || response.status === 403) location.reload();
    if (!response.ok || response.redirected) return null;
    const holder = document.createElement("template");
    holder.innerHTML = await response.text();
    return holder.content;
  } catch {
    return null;
  }
};

export class Feed {
  #socket = null;
  #heard = Date.now();
  #truth = clock.now();
  #tries = 0;
  #retry = 0;
  #healing = -1;
  #held = null;
  #goal = Infinity; // the head as the server's greeting named it

  /** `snapshot` fetches everything anew and answers with {since, epoch}, or null where it could not. */
  constructor({ stream, since, epoch }, { event, snapshot }) {
    this.stream = stream;
    this.position = Number(since);
    this.epoch = epoch;
    this.event = event;
    this.snapshot = snapshot;
  }

  start() {
    this.#indicator("off", "Connecting");
    setInterval(() => this.#watch(), 1000);
    addEventListener("online", () => this.#wake());
    addEventListener("pageshow", (event) => event.persisted && this.#wake());
    document.addEventListener("visibilitychange", () => document.hidden || this.#wake());
    addEventListener("pagehide", () => this.#drop());
    this.#connect();
  }

  /** The page has been brought up to this position by a snapshot. */
  reached({ since, epoch }) {
    if (epoch !== this.epoch || Number(since) > this.position) this.position = Number(since);
    this.epoch = epoch;
  }

  #wake() {
    if (this.#socket?.readyState === WebSocket.OPEN && Date.now() - this.#heard < BEAT + 2000) return;
    this.#tries = 0;
    this.#connect();
  }

  #drop() {
    clearTimeout(this.#retry);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #connect() {
    this.#drop();
    const asked = new URLSearchParams({ stream: this.stream, since: this.position, epoch: this.epoch });
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/feed/?${asked}`);
    this.#socket = socket;
    this.#held = null;
    socket.addEventListener("message", (message) => socket === this.#socket && this.#frame(message.data));
    socket.addEventListener("close", () => socket === this.#socket && this.#later());
    this.#retry = setTimeout(() => socket.readyState !== WebSocket.OPEN && this.#later(), PATIENCE / 2);
  }

  #later() {
    this.#drop();
    this.#indicator("off", "Reconnecting");
    const wait = Math.min(LONGEST_WAIT, 400 * 2 ** this.#tries++);
    this.#retry = setTimeout(() => this.#connect(), wait * (0.5 + Math.random()));
  }

  #frame(text) {
    this.#heard = Date.now();
    const said = JSON.parse(text);
    for (const frame of Array.isArray(said) ? said : [said]) {
      if (this.#held && frame.type === "event") this.#held.push(frame);
      else this.#take(frame);
    }
  }

  #take(frame) {
    if (frame.type === "hello") {
      this.#tries = 0;
      this.#goal = frame.head;
      if (frame.head === this.position && frame.epoch === this.epoch) this.#healed();
    } else if (frame.type === "event") this.#step(frame);
    else if (frame.type === "beat") this.#beat(frame);
    else if (frame.type === "reset") this.#anew();
    else if (frame.type === "bye") this.#bye(frame.reason);
  }

  #step(frame) {
    if (frame.position <= this.position) return;
    if (frame.position !== this.position + 1) {
      this.#heal();
      return;
    }
    this.position = frame.position;
    this.event(frame);
    if (this.position >= this.#goal) this.#healed();
  }

  #beat(frame) {
    clock.follow(frame.now);
    if (this.#held) return;
    if (frame.head > this.position) this.#heal();
    else this.#healed();
  }

  #healed() {
    this.#healing = -1;
    this.#truth = clock.now();
    this.#indicator("live", "Live");
    this.#show("");
  }

  /** Something is missing: ask for it again, and where that was in vain take everything anew. */
  #heal() {
    if (this.#healing === this.position) this.#anew();
    else {
      this.#healing = this.position;
      this.#connect();
    }
  }

  async #anew() {
    if (this.#held) return;
    const socket = this.#socket;
    this.#held = [];
    const reached = await this.snapshot();
    if (socket !== this.#socket) return;
    const held = this.#held || [];
    this.#held = null;
    if (!reached) {
      this.#later();
      return;
    }
    this.epoch = reached.epoch;
    this.position = Number(reached.since);
    this.#healed();
    for (const frame of held) this.#step(frame);
  }

  #bye(reason) {
    if (reason === "signed_out") location.assign(`/sign-in/?next=${encodeURIComponent(location.pathname)}`);
    else if (reason === "rights_changed") location.reload();
    else if (reason === "not_allowed") location.replace("/"); // nothing of it may stay on the screen
  }

  #watch() {
    const silent = Date.now() - this.#heard > PATIENCE;
    const behind = clock.now() - this.#truth > PATIENCE;
    if (!silent && !behind) return;
    this.#indicator("lost", "Not live");
    const since = `NOT LIVE since ${clock.hour(this.#truth)}`;
    this.#show(since, `What you see is ${clock.ago(clock.now() - this.#truth)} old. Trying again; ring people if it matters.`);
    if (silent) {
      this.#heard = Date.now() - PATIENCE + 4000; // give each new try some seconds
      this.#connect();
    }
  }

  #indicator(state, words) {
    const element = document.getElementById("live");
    if (!element) return;
    element.hidden = false;
    element.dataset.live = state;
    if (element.textContent !== words) element.textContent = words;
  }

  #show(title, words = "") {
    const banner = document.getElementById("not-live");
    document.documentElement.toggleAttribute("data-stale", Boolean(title));
    if (!title) {
      banner.hidden = true;
      return;
    }
    if (banner.hidden) {
      banner.replaceChildren(document.createElement("b"), document.createElement("span"));
      banner.hidden = false;
    }
    banner.firstChild.textContent = title;
    banner.lastChild.textContent = words;
  }
}
