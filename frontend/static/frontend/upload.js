/** Pictures and papers on their way in: in parts, with progress, going on where the line broke. */

const PATIENCE = 30000;
const AGAIN = 2000;
const SILENT = 3; // failures one after the other before they are said
const DOWN = "The line or the store is down: trying again.";
const pause = (length) => new Promise((done) => setTimeout(done, length));
const token = (form) => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? form.elements.csrfmiddlewaretoken.value;

/** One way in: posts until the server answers, or somebody gives up. */
class Way {
  #form;
  #line;
  #state;
  #isOver = false;

  constructor(form, line) {
    this.#form = form;
    this.#line = line;
    this.#state = line.querySelector(".aside");
  }

  /** {ok, status, said}. */
  async post(address, body) {
    for (let failures = 1; !this.#isOver; failures += 1) {
      const answer = await this.try(address, body);
      if (answer) {
        this.#line.querySelector("button")?.remove();
        return answer;
      }
      if (failures >= SILENT) this.#doubt();
      await pause(AGAIN);
    }
    return { ok: false, said: { message: "Given up: it stands above only if it had come through before." } };
  }

  /** Once; null where nobody answered. */
  async try(address, body) {
    try {
      const response = await fetch(address, { method: "POST", body, cache: "no-store", headers: { "X-CSRFToken": token(this.#form) }, signal: AbortSignal.timeout(PATIENCE) });
      if (response.redirected) return { ok: false, said: { message: "Not sent: you are signed out. Sign in and send it again." } };
      if (response.status >= 500) return null;
      return { ok: response.ok, status: response.status, said: await response.json().catch(() => ({ message: "Not sent: this case is no longer yours to see." })) };
    } catch {
      return null; // the line is down: the same part again
    }
  }

  #doubt() {
    if (this.#isOver) return;
    this.#state.textContent = DOWN;
    if (this.#line.querySelector("button")) return;
    const away = Object.assign(document.createElement("button"), { type: "button", className: "is-small", textContent: "Give up" });
    away.addEventListener("click", () => {
      this.#isOver = true;
      away.remove();
      this.#state.textContent = "Giving up";
    });
    this.#line.append(away);
  }
}

/** Send these files as one; `line` shows how far it is. Answers with the number of the message, or 0. */
export const send = async (form, files, line) => {
  const state = line.querySelector(".aside");
  const bar = line.querySelector("progress");
  const way = new Way(form, line);
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const refused = (words, upload) => {
    state.textContent = words;
    line.classList.replace("is-pending", "is-refused");
    line.querySelector("button")?.remove();
    bar.remove();
    if (upload) way.try(`/papers/${upload}/drop/`, new URLSearchParams());
    return 0;
  };
  const begun = await way.post(form.dataset.papers, new URLSearchParams({ sizes: JSON.stringify(files.map((file) => file.size)) }));
  if (!begun.ok) return refused(begun.said.message);
  const { upload, part } = begun.said;
  const whole = new Blob(files);
  for (let have = 0; have < total;) {
    const answer = await way.post(`/papers/${upload}/part/?at=${have}`, whole.slice(have, have + part));
    if (typeof answer.said.have !== "number") return refused(answer.said.message, upload);
    have = answer.said.have;
    bar.value = have / total;
    state.textContent = `Sending, ${Math.floor((have / total) * 100)} %`;
  }
  state.textContent = "Looking at it, and taking names off";
  const ended = await way.post(`/papers/${upload}/finish/`, new URLSearchParams());
  return ended.ok ? ended.said.number : refused(ended.said.message, upload);
};
