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
const say = document.getElementById("say");
const DWELL = 700; // so long before the eyes is read
const TELL = 400;
const AGAIN_AND_AGAIN = new Set(["expect", "delay", "worsen", "say"]);
const words = { say: "Message", confirm: "“I have it”", crew_at_spoke: "With the patient", depart: "We have left", arrive: "We have arrived", expect: "At the door", delay: "Later", worsen: "Worse" };
let heard = Date.now();
let queue = JSON.parse(sessionStorage.getItem(KEPT) ?? "[]").filter((press) => press.secret === secret);
let sending = false;
let told = "";
let last = -1; // the newest message that was said aloud; none before the first look
const seen = { delivered: new Set(), read: new Set() }; // numbers that this page has told, or is about to
let telling = 0;
const untold = { delivered: new Set(), read: new Set() };

const hour = (moment) => quiet.format(new Date(moment));
const keep = () => sessionStorage.setItem(KEPT, JSON.stringify(queue.filter((press) => !["worsen", "say"].includes(press.verb))));

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

const far = () => page.querySelector('form[data-verb="expect"] input');

const inUse = () => {
  const worse = document.getElementById("worse");
  if (far() && far() === document.activeElement) return true;
  return Boolean(worse?.open && [...worse.querySelectorAll("input")].some((field) => field.value || field === document.activeElement));
};

const button = ({ verb, said }) => [...page.querySelectorAll(`button[data-verb="${verb}"]`)].find(
  ({ dataset }) => ["number", "minutes"].every((name) => !said[name] || String(said[name]) === dataset[name]));

/** The page anew, but for the box in which somebody may be writing: it stays in its place. */
const put = (html) => {
  const fresh = Object.assign(document.createElement("template"), { innerHTML: html }).content;
  const place = fresh.getElementById("say-place");
  const nodes = [...fresh.childNodes];
  const at = place ? nodes.indexOf(place) : nodes.length;
  for (const old of [...page.childNodes]) if (old !== say) old.remove();
  say.before(...nodes.slice(0, at));
  say.after(...nodes.slice(at + 1));
  say.hidden = !place;
};

const note = (kind, number) => {
  if (seen[kind].has(number)) return;
  seen[kind].add(number);
  untold[kind].add(number);
  clearTimeout(telling);
  telling = setTimeout(look, TELL);
};

/** A message is on the screen; and once most of it has lain there for a moment, it is read. */
const eyes = new IntersectionObserver((entries) => {
  for (const { target, intersectionRatio } of entries) {
    const number = Number(target.dataset.number);
    if (intersectionRatio >= 0.6) setTimeout(() => document.hidden || note("read", number), DWELL);
  }
}, { threshold: [0.6] });
const watch = (line) => {
  const number = Number(line.dataset.number);
  if (!document.hidden) note("delivered", number);
  if (!seen.read.has(number)) eyes.observe(line);
};

/** A new message is heard and felt. */
const hear = (newest) => {
  const isNew = newest > last && last >= 0;
  last = Math.max(last, newest);
  if (!isNew) return;
  document.getElementById("heard").textContent = "New message from the hospitals";
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.([200, 100, 200]);
};

const show = (html) => {
  if (inUse()) return;
  const opened = [...page.querySelectorAll("details[open]")].map((part) => part.id);
  const typed = far()?.value;
  put(html);
  if (typed && far()) far().value = typed;
  for (const id of opened) document.getElementById(id)?.setAttribute("open", "");
  for (const press of queue) button(press)?.setAttribute("aria-busy", "true");
  for (const line of page.querySelectorAll("[data-number]:not(button)")) watch(line);
  hear(Number(document.getElementById("last-word")?.dataset.last ?? 0));
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
  const over = Object.assign(document.createElement("p"), { className: "note is-late", textContent: message });
  over.setAttribute("role", "alert");
  page.replaceChildren(over);
};

const list = () => {
  pending.replaceChildren(...queue.filter((press) => press.tried || press.fault).map((press) => {
    const line = document.createElement("li");
    line.className = press.fault ? "is-late" : "";
    const what = `${words[press.verb]}${press.said.minutes ? ` ${press.verb === "delay" ? "by" : "in"} ${press.said.minutes} min` : ""}, pressed at ${hour(press.at)}`;
    line.textContent = press.fault ? `${what}: ${press.fault}` : `${what}: not sent yet. It goes out as soon as there is a signal.`;
    return line;
  }));
};

const look = async () => {
  const marked = { delivered: [...untold.delivered], read: [...untold.read] };
  untold.delivered.clear();
  untold.read.clear();
  const said = await ask(page.dataset.look, { secret, ...marked });
  if (said.html) show(said.html);
  else for (const kind of ["delivered", "read"]) marked[kind].forEach((number) => untold[kind].add(number)); // with the next look
  if (said.status === 404) gone(said.message);
};

const send = async () => {
  if (sending) return;
  sending = true;
  for (let press = queue.find((one) => !one.fault); press; press = queue.find((one) => !one.fault)) {
    const { verb, said, at } = press;
    const answer = await ask(page.dataset.act, { secret, verb, said, key: press.key, ago: (Date.now() - at) / 1000 });
    if (answer.status === 0 || (answer.status === 429 && verb !== "say") || answer.status >= 500) {
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
      if (verb === "say" && !say.elements.text.value) say.elements.text.value = said.text;
      setTimeout(() => { queue = queue.filter((one) => one !== press); list(); }, 20000);
      await look();
    }
    keep();
    list();
  }
  sending = false;
};

const press = (verb, said) => {
  if (!AGAIN_AND_AGAIN.has(verb) && queue.some((one) => one.verb === verb && one.said.number === said.number && !one.fault)) return;
  queue.push({ secret, verb, said, key: key(), at: Date.now() });
  keep();
  list();
  button({ verb, said })?.setAttribute("aria-busy", "true");
  send();
};

page.addEventListener("click", (event) => {
  const pressed = event.target.closest("button[data-verb]");
  if (!pressed) return;
  const { verb, minutes, number } = pressed.dataset;
  if (verb === "expect") {
    far()?.form.reset();
    far()?.blur();
    document.getElementById("again")?.removeAttribute("open");
  }
  press(verb, minutes ? { minutes } : number ? { number: Number(number) } : {});
});
page.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  const said = Object.fromEntries([...new FormData(form)].filter(([, value]) => value.trim()));
  const needed = { say: "text", expect: "minutes" }[form.dataset.verb];
  if (needed && !said[needed]) return;
  press(form.dataset.verb, said);
  if (needed) form.reset();
  if (needed === "minutes") document.activeElement?.blur();
  const folded = form.closest("details");
  if (folded) folded.open = false;
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
