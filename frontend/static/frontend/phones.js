// Keeps the phones true: asks every second and a half, more often during a call, and changes only the parts of those
// phones that changed. What is being typed, and where the eye and the finger are, stays as it is.
const wall = document.querySelector("#phones");
const away = document.querySelector("#away");
const ringing = document.querySelector("#ringing");
const title = document.title;
const EVERY = 1500, IN_A_CALL = 600, AT_REST = 4000, PATIENCE = 5000;
const REPLACED = ["head", "call", "said", "keys", "screen", "act", "signal", "voicemail"];
let touched = 0, asking = false;

function part(phone, name) {
  return phone.querySelector(`[data-part="${name}"]`);
}

// A form's token is another one each time, and no reason to take a key away from under a finger.
function bare(node) {
  return node.innerHTML.replace(/(name="csrfmiddlewaretoken" value=")[^"]*/g, "$1");
}

function renew(old, fresh) {
  let left = null;
  for (const name of REPLACED) {
    const was = part(old, name), is = part(fresh, name);
    for (const attribute of ["tabindex", "role", "aria-label"]) {
      if (is.hasAttribute(attribute)) was.setAttribute(attribute, is.getAttribute(attribute));
      else was.removeAttribute(attribute);
    }
    if (bare(was) === bare(is)) continue;
    if (was !== document.activeElement && was.contains(document.activeElement)) left = was;
    was.replaceChildren(...is.childNodes);
  }
  old.className = fresh.className;
  old.dataset.version = fresh.dataset.version;
  toTheEnd(old);
  if (left) nextTo(old, left).focus();
}

// Where the finger goes on: into what has taken the place of what was held, or to the next thing that can be pressed.
function nextTo(phone, part) {
  const shown = [...phone.querySelectorAll("button, a, input:not([type=hidden])")].filter((thing) => thing.checkVisibility());
  return shown.find((thing) => part.contains(thing)) ?? shown[0] ?? phone;
}

function toTheEnd(phone) {
  for (const name of ["screen", "said"]) part(phone, name).scrollTop = part(phone, name).scrollHeight;
}

// Which phone rings is said at the top of the page too: on a small screen it may lie far below.
function tellRinging() {
  const calls = [...wall.querySelectorAll(".phone.is-ringing")];
  const told = calls.map((phone) => phone.id).join();
  document.title = calls.length ? `${phoneName(calls[0])} is being called · ${title}` : title;
  if (ringing.dataset.told === told) return;
  ringing.dataset.told = told;
  ringing.hidden = !calls.length;
  ringing.replaceChildren("Ringing:", ...calls.map((phone) => {
    const link = document.createElement("a");
    link.href = `#${phone.id}`;
    link.textContent = phoneName(phone);
    return link;
  }));
}

function phoneName(phone) {
  return phone.querySelector("h2").textContent;
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
  tellRinging();
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
  tellRinging();
  for (const kind of ["pointerdown", "pointermove", "keydown", "scroll"]) {
    addEventListener(kind, () => { touched = Date.now(); }, { passive: true });
  }
  wall.addEventListener("submit", (event) => {
    if (event.target.matches(".open")) return;
    event.preventDefault();
    send(event.target, event.submitter);
  });
  document.addEventListener("visibilitychange", ask);
  (async function forEver() {
    await ask();
    setTimeout(forEver, wall.querySelector(".phone.is-called") ? IN_A_CALL : EVERY);
  })();
}
