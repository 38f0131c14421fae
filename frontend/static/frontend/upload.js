/** Pictures and papers on their way in: in parts, with progress, going on where the line broke. */

const PATIENCE = 30000;
const AGAIN = 2000;
const pause = (length) => new Promise((done) => setTimeout(done, length));
const token = (form) => /(?:^|; )csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? form.elements.csrfmiddlewaretoken.value;

/** Tries until the server answers; then {ok, status, said}. */
const post = async (form, address, body) => {
  for (;;) {
    try {
      const response = await fetch(address, { method: "POST", body, cache: "no-store", headers: { "X-CSRFToken": token(form) }, signal: AbortSignal.timeout(PATIENCE) });
      if (response.redirected) return { ok: false, said: { message: "Not sent: you are signed out. Sign in and send it again." } };
      if (response.status < 500) return { ok: response.ok, status: response.status, said: await response.json().catch(() => ({ message: "Not sent: this case is no longer yours to see." })) };
    } catch { /* the line is down: the same part again */ }
    await pause(AGAIN);
  }
};

/** Send these files as one; `line` shows how far it is. Answers with the number of the message, or 0. */
export const send = async (form, files, line) => {
  const state = line.querySelector(".aside");
  const bar = line.querySelector("progress");
  const total = files.reduce((sum, file) => sum + file.size, 0);
  const refused = (words) => {
    state.textContent = words;
    line.classList.add("is-refused");
    bar.remove();
    return 0;
  };
  const begun = await post(form, form.dataset.papers, new URLSearchParams({ sizes: JSON.stringify(files.map((file) => file.size)) }));
  if (!begun.ok) return refused(begun.said.message);
  const { upload, part } = begun.said;
  const whole = new Blob(files);
  for (let have = 0; have < total;) {
    const answer = await post(form, `/papers/${upload}/part/?at=${have}`, whole.slice(have, have + part));
    if (!answer.ok && answer.status !== 409) return refused(answer.said.message);
    have = answer.said.have;
    bar.value = have / total;
    state.textContent = `Sending, ${Math.floor((have / total) * 100)} %`;
  }
  state.textContent = "Looking at it, and taking names off";
  const ended = await post(form, `/papers/${upload}/finish/`, new URLSearchParams());
  return ended.ok ? ended.said.number : refused(ended.said.message);
};
