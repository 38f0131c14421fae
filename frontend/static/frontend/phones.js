// Keeps the phones true: asks every second and a half, and changes only the parts of those phones that changed.
// What is being typed, and where the eye and the finger are, stays as it is.
const wall = document.querySelector("#phones");
const away = document.querySelector("#away");
const EVERY = 1500, AT_REST = 4000, PATIENCE = 5000;
const REPLACED = ["head", "screen", "act", "signal"];
let touched = 0, asking = false;

function part(phone, name) {
  return phone.querySelector(`[data-part="${name}"]`);
}

function renew(old, fresh) {
  for (const name of REPLACED) {
    const was = part(old, name), is = part(fresh, name);
    if (was.innerHTML === is.innerHTML) continue;
    const held = was.contains(document.activeElement) ? document.activeElement : null;
    was.replaceChildren(...is.childNodes);
    if (held && held !== was) (was.querySelector("button, a") ?? part(old, "write").querySelector('[name="body"]')).focus();
  }
  old.className = fresh.className;
  old.dataset.version = fresh.dataset.version;
  toTheEnd(old);
}

function toTheEnd(phone) {
  const screen = part(phone, "screen");
  screen.scrollTop = screen.scrollHeight;
}

function put(html) {
  const fresh = new DOMParser().parseFromString(html, "text/html").body;
  const wanted = [...fresh.querySelectorAll(".phone")];
  const ids = new Set(wanted.map((phone) => phone.id));
  for (const old of wall.querySelectorAll(".phone")) if (!ids.has(old.id)) old.remove();
  wall.querySelector(":scope > .empty")?.remove();
  for (const phone of wanted) {
    const old = document.getElementById(phone.id);
    if (!old) { wall.append(phone); toTheEnd(phone); }
    else if (old.dataset.version !== phone.dataset.version) renew(old, phone);
  }
  // Somebody else may have been signed in by another page of this browser: the forms' tokens are renewed with the rest.
  const token = fresh.querySelector('[name="csrfmiddlewaretoken"]')?.value;
  if (token) for (const held of wall.querySelectorAll('[name="csrfmiddlewaretoken"]')) held.value = token;
  if (!wanted.length) wall.append(...fresh.querySelectorAll(".empty"));
  // Phones change places only while nobody is about to press one of them.
  if (Date.now() - touched > AT_REST && !wall.contains(document.activeElement)) {
    const order = wanted.map((phone) => document.getElementById(phone.id));
    const now = [...wall.querySelectorAll(".phone")];
    if (order.some((phone, place) => phone !== now[place])) wall.append(...order);
  }
}

async function ask() {
  if (asking || document.hidden) return;
  asking = true;
  try {
    const answer = await fetch(wall.dataset.live, { signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) throw new Error(String(answer.status));
    put(await answer.text());
    away.hidden = true;
    wall.classList.remove("is-stale");
  } catch {
    away.hidden = false;
    wall.classList.add("is-stale");
  } finally {
    asking = false;
  }
}

async function send(form, submitter) {
  const fault = part(form.closest(".phone"), "fault");
  const pressed = submitter ?? form.querySelector("button");
  const data = new FormData(form, submitter);
  pressed.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(form.action, {
      method: "POST", body: data, headers: { "X-Requested-With": "fetch" }, signal: AbortSignal.timeout(PATIENCE),
    });
    fault.hidden = answer.ok;
    fault.textContent = answer.ok ? "" : answer.headers.get("Content-Type")?.startsWith("text/plain")
      ? await answer.text() : "This page is too old. Load it again.";
    if (answer.ok && form.matches(".write")) form.reset();
  } catch {
    fault.hidden = false;
    fault.textContent = "The phones do not answer just now. Nothing was sent.";
  } finally {
    pressed.removeAttribute("aria-busy");
  }
  touched = 0;
  await ask();
}

if (wall) {
  wall.querySelectorAll(".phone").forEach(toTheEnd);
  for (const kind of ["pointerdown", "pointermove", "keydown", "scroll"]) {
    addEventListener(kind, () => { touched = Date.now(); }, { passive: true });
  }
  wall.addEventListener("submit", (event) => {
    if (event.target.matches(".open")) return;
    event.preventDefault();
    send(event.target, event.submitter);
  });
  document.addEventListener("visibilitychange", ask);
  setInterval(ask, EVERY);
}
