/** Pictures and papers on their way in: in parts, with progress, going on where the line broke, until somebody gives up. */

const PATIENCE = 30000;
const AGAIN = 2000;
const SILENT = 3; // failures one after the other before they are said
const DOWN = "The line or the store is down: trying again.";
const GIVEN_UP = "Given up. Nothing of it was kept.";
const TOO_LATE = "Given up, but it may have come through before: then it stands above.";
const pause = (length) => new Promise((done) => setTimeout(done, length));
const token = (form) => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? form.elements.csrfmiddlewaretoken.value;

const button = (words, pressed) => {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "is-small", textContent: words });
  made.addEventListener("click", pressed);
  return made;
};

/** One way in: posts until the server answers, or somebody gives up. */
class Way {
  #form;
  #state;
  #stop = new AbortController();
  #away = button("Give up", () => {
    this.#stop.abort();
    this.#away.disabled = true;
    this.#state.textContent = "Giving up";
  });

  constructor(form, line) {
    this.#form = form;
    this.#state = line.querySelector(".aside");
    line.append(this.#away);
  }

  get isOver() {
    return this.#stop.signal.aborted;
  }

  say(words) {
    if (!this.isOver) this.#state.textContent = words;
  }

  /** Nobody can give it up any more. */
  end() {
    this.#away.remove();
  }

  /** {ok, status, said}; null where somebody gave up. */
  async post(address, body) {
    for (let failures = 1; !this.isOver; failures += 1) {
      const answer = await this.try(address, body, this.#stop.signal);
      if (answer) return this.isOver ? null : answer;
      if (failures >= SILENT) this.say(DOWN);
      await pause(this.isOver ? 0 : AGAIN);
    }
    return null;
  }

  /** Once; null where nobody answered. */
  async try(address, body, stop = null) {
    const end = new AbortController();
    const timer = setTimeout(() => end.abort(), PATIENCE);
    stop?.addEventListener("abort", () => end.abort(), { once: true, signal: end.signal });
    try {
      const response = await fetch(address, { method: "POST", body, cache: "no-store", headers: { "X-CSRFToken": token(this.#form) }, signal: end.signal });
      if (response.redirected) return { ok: false, said: { message: "Not sent: you are signed out. Sign in and send it again." } };
      if (response.status >= 500) return null;
      return { ok: response.ok, status: response.status, said: await response.json().catch(() => ({ message: "Not sent: this case is no longer yours to see." })) };
    } catch {
      return null; // the line is down: the same part again
    } finally {
      clearTimeout(timer);
    }
  }
}

/** Send these files as one; `line` shows how far it is. Answers with the number of the message, or 0. */
export const send = async (form, files, line) => {
  const state = line.querySelector(".aside");
  const bar = line.querySelector("progress");
  const way = new Way(form, line);
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const refused = (answer, upload, late = false) => {
    way.end();
    state.textContent = answer ? answer.said.message : late ? TOO_LATE : GIVEN_UP;
    state.setAttribute("role", "status");
    line.classList.replace("is-pending", "is-refused");
    line.append(button("Put it away", () => line.remove()));
    bar.remove();
    if (upload) way.try(`/papers/${upload}/drop/`, new URLSearchParams());
    return 0;
  };
  const begun = await way.post(form.dataset.papers, new URLSearchParams({ sizes: JSON.stringify(files.map((file) => file.size)) }));
  if (!begun?.ok) return refused(begun);
  const { upload, part } = begun.said;
  const whole = new Blob(files);
  for (let have = 0; have < total;) {
    const answer = await way.post(`/papers/${upload}/part/?at=${have}`, whole.slice(have, have + part));
    if (typeof answer?.said.have !== "number") return refused(answer, upload);
    have = answer.said.have;
    bar.value = have / total;
    way.say(`Sending, ${Math.floor((have / total) * 100)} %`);
  }
  way.say("Looking at it, and taking names off");
  const ended = await way.post(`/papers/${upload}/finish/`, new URLSearchParams());
  if (!ended?.ok) return refused(ended, upload, true);
  way.end();
  return ended.said.number;
};
