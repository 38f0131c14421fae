/**
 * The page's end of the feed. One way in, whether the page connects, reconnects, wakes up or comes online.
 * It keeps the positions without a gap, and knows since when what is shown is no longer known to be the truth.
 */

import * as clock from "./clock.js";
import * as standing from "./standing.js";

const PATIENCE = 14000; // no frame for so long: not live, and said before 15 s are over
const BEAT = 5000; // the server's heartbeat
const FIRST_WAIT = 2000; // at most, before the first new try; doubled with each further one
const LONGEST_WAIT = 8000;
const TOGETHER = 1000; // a whole hospital may come online, or begin anew, at one moment
const AWAY = 10000; // a page that nobody has seen for so long is not "looking"

/** Words that are not sent live on this page alone: it stays, and they go out once somebody signs in in another tab. */
const holdsWords = () => Boolean(document.querySelector("#talk-outbox .is-pending"));

/** A fragment of our own, or null; a page whose session ended goes to the sign-in. */
export const fragment = async (address) => {
  try {
    const response = await fetch(address, { headers: { "X-Fragment": "yes" }, cache: "no-store", signal: AbortSignal.timeout(8000) });
    if (response.redirected ? !holdsWords() : response.status === 404 || response.status === 403) location.reload();
    if (!response.ok || response.redirected) return null;
    const holder = document.createElement("template");
    holder.innerHTML = await response.text();
    return holder.content;
  } catch {
    return null;
  }
};

/** Ben, Cleo and Dev. */
export const inWords = (names) => (names.length > 1 ? `${names.slice(0, -1).join(", ")} and ${names.at(-1)}` : names.join(""));

const upTo = (most) => Math.random() * most;
const pause = (length) => new Promise((done) => setTimeout(done, length));

export class Feed {
  looking = new Map(); // code → who has it open
  you = 0;
  #socket = null;
  #asked = clock.stopwatch(); // since this socket was asked for: what the server says first is no older
  #least = Infinity; // milliseconds by which our clock was ahead of the promptest beat's
  #silence = clock.stopwatch(); // since the last frame, or since this socket was asked for
  #truth = clock.stopwatch(performance.now()); // since what is shown was all that there is
  #tries = 0;
  #return = 0; // within how long a server that ends asks everybody to come back
  #timer = 0;
  #away = 0;
  #shows = false; // does the server know that this page shows its referral?
  #healing = -1;
  #held = null;
  #goal = Infinity; // the head as the server's greeting named it
  #trouble = "";

  /** `snapshot` fetches everything anew and answers with {since, epoch}, or null where it could not. */
  constructor({ stream, since, epoch, code = "" }, { event, snapshot, presence = () => {}, receipts = () => {}, greeted = () => {} }) {
    this.stream = stream;
    this.position = Number(since);
    this.epoch = epoch;
    this.code = code;
    this.event = event;
    this.snapshot = snapshot;
    this.presence = presence;
    this.receipts = receipts;
    this.greeted = greeted;
  }

  start() {
    standing.indicator("off", "Connecting");
    setInterval(() => this.#watch(), 1000);
    addEventListener("online", () => this.#wake(TOGETHER));
    addEventListener("pageshow", (event) => event.persisted && this.#wake());
    document.addEventListener("visibilitychange", () => {
      clearTimeout(this.#away);
      if (document.hidden) this.#away = setTimeout(() => this.#wake(), AWAY);
      else this.#wake();
    });
    addEventListener("pagehide", () => this.#drop());
    this.#connect();
  }

  /** The page has been brought up to this position by a snapshot. */
  reached({ since, epoch }) {
    if (epoch !== this.epoch || Number(since) > this.position) this.position = Number(since);
    this.epoch = epoch;
  }

  /** Come at once, unless all is well; within `most` where many others may have been woken by the same. */
  #wake(most = 0) {
    const isWell = this.#socket?.readyState === WebSocket.OPEN && this.#silence() < BEAT + 2000;
    if (isWell && this.#shows === this.#isSeen()) return;
    this.#tries = 0;
    this.#come(most);
  }

  /** Come back later: the more tries were in vain the later, and never at the same moment as everybody else. */
  #again() {
    if (this.#truth() <= PATIENCE) standing.indicator("off", "Reconnecting");
    const most = Math.max(this.#return, Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** this.#tries));
    this.#tries = Math.min(this.#tries + 1, 10);
    this.#return = 0;
    this.#come(most);
  }

  #come(most) {
    this.#drop();
    this.#timer = setTimeout(() => this.#connect(), upTo(most));
  }

  #drop() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    this.#held = null;
    socket?.close();
  }

  #isSeen() {
    return Boolean(this.code) && !document.hidden;
  }

  #connect() {
    this.#drop();
    const asked = new URLSearchParams({ stream: this.stream, since: this.position, epoch: this.epoch });
    this.#shows = this.#isSeen();
    if (this.#shows) asked.set("case", this.code);
    const socket = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/feed/?${asked}`);
    this.#socket = socket;
    this.#asked = clock.stopwatch();
    this.#silence = clock.stopwatch();
    socket.addEventListener("message", (message) => socket === this.#socket && this.#frame(message.data));
    socket.addEventListener("close", () => socket === this.#socket && this.#again());
  }

  #frame(text) {
    if (this.#silence() > PATIENCE) {
      this.#again(); // it waited in this machine while nobody read, and is old
      return;
    }
    this.#silence = clock.stopwatch();
    for (const frame of [JSON.parse(text)].flat()) {
      if (this.#held && frame.type === "event") this.#held.push(frame);
      else this.#take(frame);
    }
  }

  #take(frame) {
    if (frame.type === "hello") this.#hello(frame);
    else if (frame.type === "event") this.#step(frame);
    else if (frame.type === "beat") this.#beat(frame);
    else if (frame.type === "presence") this.#look(frame);
    else if (frame.type === "receipts") this.receipts(frame.referral);
    else if (frame.type === "reset") this.#anew(upTo(TOGETHER));
    else if (frame.type === "bye") this.#bye(frame);
  }

  #hello({ head, epoch, you = 0 }) {
    this.#goal = head;
    this.#trouble = "";
    this.you = you;
    const before = [...this.looking.keys()];
    this.looking.clear();
    before.forEach((code) => this.presence(code));
    if (head === this.position && epoch === this.epoch) this.#healed(this.#asked);
    this.greeted();
  }

  #look({ referral, people }) {
    if (people.length) this.looking.set(referral, people);
    else this.looking.delete(referral);
    this.presence(referral);
  }

  #step(frame) {
    if (frame.position <= this.position) return;
    if (frame.position !== this.position + 1) {
      this.#heal();
      return;
    }
    this.position = frame.position;
    this.event(frame);
    if (this.position === this.#goal) this.#healed(this.#asked);
  }

  #beat({ head, now, pager }) {
    const lag = Date.now() - Date.parse(now);
    this.#least = Math.min(this.#least, lag);
    const late = lag - this.#least;
    if (late > PATIENCE) {
      this.#least = Infinity; // a line that gets slower and slower, or our clock was put forward
      this.#again();
      return;
    }
    clock.follow(now, late);
    this.#tries = 0; // only a connection that lasted makes the next wait short
    standing.pulse(Date.parse(now), pager && Date.parse(pager));
    if (this.#held) return;
    if (head > this.position) this.#heal();
    else this.#healed(clock.stopwatch(late));
  }

  /** What is shown is all that there is, or was when a snapshot was asked for. */
  #healed(since) {
    this.#healing = -1;
    this.#truth = since;
    if (since() > PATIENCE) standing.notLive(since(), this.#trouble);
    else standing.live();
  }

  /** Something is missing: ask for it again, and where that was in vain take everything anew. */
  #heal() {
    if (this.#healing === this.position) this.#anew();
    else {
      this.#healing = this.position;
      this.#again();
    }
  }

  async #anew(wait = 0) {
    if (this.#held) return;
    const socket = this.#socket;
    this.#held = [];
    if (wait) await pause(wait);
    const asked = clock.stopwatch();
    const reached = socket === this.#socket ? await this.snapshot() : null;
    if (socket !== this.#socket) return;
    const held = this.#held;
    this.#held = null;
    if (!reached) {
      this.#again();
      return;
    }
    this.epoch = reached.epoch;
    this.position = Number(reached.since);
    this.#healed(asked);
    for (const frame of held) if (socket === this.#socket) this.#step(frame);
  }

  #bye({ reason, after = 0 }) {
    if (reason === "signed_out" && holdsWords()) this.#again();
    else if (reason === "signed_out") location.assign(`/sign-in/?next=${encodeURIComponent(location.pathname)}`);
    else if (reason === "rights_changed") location.reload();
    else if (reason === "not_allowed" && this.code) location.reload(); // the page itself says what became of it
    else if (reason === "not_allowed") location.replace("/"); // nothing of it may stay on the screen
    else {
      if (reason === "bad_position") this.position = 0;
      if (reason === "too_many") this.#trouble = "You have too many screens open: close one.";
      this.#return = after * 1000;
      this.#again();
    }
  }

  #watch() {
    if (this.#socket && this.#silence() > PATIENCE) this.#again();
    if (this.#truth() > PATIENCE) standing.notLive(this.#truth(), this.#trouble);
  }
}
