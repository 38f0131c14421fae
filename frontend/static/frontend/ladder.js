// The ladder's editor made quicker: the night beside the steps follows what is typed, and a step moves without a new page.
// Everything is worked out by the server and works without this file; here it is only asked for and put in its place.
const form = document.querySelector("form.ladder");
const REST = 350, PATIENCE = 8000;
let latest = 0, timer = 0;

const part = (name) => document.getElementById(name);

function say(words) {
  part("heard").textContent = words;
}

function excuse(sentence) {
  const night = part("night");
  night.classList.add("is-stale");
  let sorry = night.querySelector("[data-sorry]");
  if (!sorry) {
    sorry = document.createElement("p");
    sorry.className = "note is-late";
    sorry.dataset.sorry = "";
    night.prepend(sorry);
  }
  sorry.textContent = sentence;
  say(sentence);
}

// What is typed now goes to the server; the answer of an older question is thrown away.
async function ask(edit = "") {
  const number = ++latest;
  clearTimeout(timer);
  const data = new FormData(form);
  if (edit) data.set("edit", edit);
  try {
    const answer = await fetch(form.dataset.preview, { method: "POST", body: data, signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (number !== latest) return false;
    if (edit) part("steps").replaceChildren(...fresh.getElementById("steps").childNodes);
    const night = part("night");
    night.replaceChildren(...fresh.getElementById("night").childNodes);
    night.classList.remove("is-stale");
    say([...night.querySelectorAll("[data-say]")].map((one) => one.dataset.say).join(" "));
    return true;
  } catch {
    if (number === latest) excuse("The night below is an older one: Dido does not answer. What you typed is still here.");
    return false;
  }
}

// The eye and the finger stay with the step that moved.
function follow(edit) {
  const [verb, place] = edit.split("-");
  const rows = form.querySelectorAll(".rung");
  const to = verb === "add" ? rows.length - 1 : Number(place) + (verb === "up" ? -1 : verb === "down" ? 1 : 0);
  const row = rows[Math.min(to, rows.length - 1)];
  if (!row) return part("add").focus();
  const same = row.querySelector(`button[value="${verb}-${to}"]:not([disabled])`);
  (verb === "add" ? row.querySelector("input:not([type=hidden])") : same ?? row.querySelector(".moves button:not([disabled])")).focus();
  row.scrollIntoView({ block: "nearest" });
}

if (form) {
  form.addEventListener("click", async (event) => {
    const button = event.target.closest('button[name="edit"]');
    if (!button) return;
    event.preventDefault();
    const edit = button.value;
    if (await ask(edit === "look" ? "" : edit) && edit !== "look") follow(edit);
  });
  const later = () => {
    clearTimeout(timer);
    timer = setTimeout(ask, REST);
  };
  form.addEventListener("input", (event) => event.target.name !== "note" && later());
  form.addEventListener("change", (event) => event.target.name !== "note" && later());
}
