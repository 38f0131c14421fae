/**
 * The crew's page. The secret is behind the "#" of the address and goes out in the body of a request only.
 * A press in a dead spot stays on the page, with its own key, until it has been sent once.
 */

const LOOK_EVERY = 8000;
const PATIENCE = 30000; // nothing heard for so long: said at the top
const AGAIN = 4000;
const KEPT = "dido-crew-presses"; // presses without a word or a figure of the patient, for a page that is thrown away
const page = document.getElementById("crew");
const pending = document.getElementById("pending");
const secret = location.hash.slice(1);
const quiet = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const words = { crew_at_spoke: "With the patient", depart: "We have left", arrive: "We have arrived", delay: "Later", worsen: "Worse" };
let heard = Date.now();
let queue = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]").filter((press) => press.secret === secret);
let sending = false;
let told = "";

const hour = (moment) => quiet.format(new Date(moment));
const keep = () => sessionStorage.setItem(KEPT, JSON.stringify(queue.filter((press) => press.verb !== "worsen")));

const key = () => {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
};

const ask = async (address, body) => {
  try {
    const response = await fetch(address, {
      method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" },
      cache: "no-store", credentials: "omit", referrerPolicy: "no-referrer", signal: AbortSignal.timeout(10000),
    });
    const said = await response.json();
    if (response.ok) heard = Date.now();
    return { status: response.status, ...said };
  } catch {
    return { status: 0 };
  }
};

const inUse = () => {
  const worse = document.getElementById("worse");
  return Boolean(worse?.open && [...worse.querySelectorAll("input")].some((field) => field.value || field === document.activeElement));
};

const show = (html) => {
  if (inUse()) return;
  const opened = document.getElementById("worse")?.open;
  page.innerHTML = html;
  if (opened && document.getElementById("worse")) document.getElementById("worse").open = true;
  for (const press of queue) page.querySelector(`button[data-verb="${press.verb}"]`)?.setAttribute("aria-busy", "true");
  const answer = document.getElementById("told");
  if (answer && answer.dataset.told !== told) {
    told = answer.dataset.told;
    document.getElementById("heard").textContent = answer.textContent;
    if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.([200, 100, 200]);
  }
};

let looking = 0;
const gone = (message) => {
  clearInterval(looking); // what opens nothing is not asked for again
  const note = Object.assign(document.createElement("p"), { className: "note is-late", textContent: message });
  note.setAttribute("role", "alert");
  page.replaceChildren(note);
};

const list = () => {
  pending.replaceChildren(...queue.filter((press) => press.tried || press.fault).map((press) => {
    const line = document.createElement("li");
    line.className = press.fault ? "is-late" : "";
    const what = `${words[press.verb]}${press.said.minutes ? ` by ${press.said.minutes} min` : ""}, pressed at ${hour(press.at)}`;
    line.textContent = press.fault ? `${what}: ${press.fault}` : `${what}: not sent yet. It goes out as soon as there is a signal.`;
    return line;
  }));
};

const look = async () => {
  const said = await ask(page.dataset.look, { secret });
  if (said.html) show(said.html);
  else if (said.status === 404) gone(said.message);
};

const send = async () => {
  if (sending) return;
  sending = true;
  for (let press = queue.find((one) => !one.fault); press; press = queue.find((one) => !one.fault)) {
    const { verb, said, at } = press;
    const answer = await ask(page.dataset.act, { secret, verb, said, key: press.key, ago: (Date.now() - at) / 1000 });
    if (answer.status === 0 || answer.status === 429 || answer.status >= 500) {
      press.tried = true;
      list();
      setTimeout(send, AGAIN);
      break;
    }
    if (answer.html) {
      queue = queue.filter((one) => one !== press);
      if (verb === "worsen") page.querySelector("#worse form")?.reset();
      show(answer.html);
    } else {
      press.fault = answer.message;
      setTimeout(() => { queue = queue.filter((one) => one !== press); list(); }, 20000);
      await look();
    }
    keep();
    list();
  }
  sending = false;
};

const press = (verb, said) => {
  if (queue.some((one) => one.verb === verb && !one.fault && verb !== "delay" && verb !== "worsen")) return;
  queue.push({ secret, verb, said, key: key(), at: Date.now() });
  keep();
  list();
  page.querySelector(`button[data-verb="${verb}"]`)?.setAttribute("aria-busy", "true");
  send();
};

page.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-verb]");
  if (button) press(button.dataset.verb, button.dataset.minutes ? { minutes: button.dataset.minutes } : {});
});
page.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  const said = Object.fromEntries([...new FormData(form)].filter(([, value]) => value.trim()));
  press(form.dataset.verb, said);
  form.closest("details").open = false;
});

const signal = () => {
  const away = Date.now() - heard > PATIENCE;
  const banner = document.getElementById("no-signal");
  banner.hidden = !away;
  if (away) banner.textContent = `No signal since ${hour(heard)}. What you press is kept and sent later; or ring.`;
};

if (secret) {
  list();
  send();
  look();
  looking = setInterval(() => document.hidden || look(), LOOK_EVERY);
  setInterval(signal, 1000);
  addEventListener("online", () => { send(); look(); });
  document.addEventListener("visibilitychange", () => document.hidden || (send(), look()));
  addEventListener("hashchange", () => location.reload());
} else gone("This link is not whole. Scan the square again.");
