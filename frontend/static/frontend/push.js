// The button by which somebody lets this device be woken, or no longer. It asks for leave only when it is pressed.
const box = document.querySelector("[data-push]");
const says = box.querySelector("[data-push-says]");
const fault = box.querySelector("[data-push-fault]");
const buttons = { on: box.querySelector("[data-push-on]"), off: box.querySelector("[data-push-off]") };
const STILL = "Texts and calls do not depend on it.";
const PATIENCE = 8000;

const SAYS = {
  on: "This device is woken when you are paged.",
  off: `This device is not woken when you are paged. ${STILL}`,
  refused: `The push service refused to wake this device the last time. Press to set it up again. ${STILL}`,
  blocked: `Notifications from Dido are blocked in this browser. Allow them in its settings for this site, and load this page again. ${STILL}`,
  unable: `This browser cannot be woken. ${STILL}`,
  apple: `On an iPhone or iPad, first add Dido to the home screen (Share, then “Add to Home Screen”), and open it from there. ${STILL}`,
  not_set_up: `Nobody has set up the waking of devices here. ${STILL}`,
  away: `Dido does not answer just now. Load this page again. ${STILL}`,
};
const OFFERS = { on: "off", off: "on", refused: "on" };

function put(state) {
  says.textContent = SAYS[state];
  box.dataset.push = state;
  for (const [name, button] of Object.entries(buttons)) button.hidden = OFFERS[state] !== name;
}

async function ask(method, body) {
  const answer = await fetch(box.dataset.devices, {
    method, signal: AbortSignal.timeout(PATIENCE), cache: "no-store",
    headers: { "Content-Type": "application/json", "X-CSRFToken": box.querySelector("[name=csrfmiddlewaretoken]").value },
    body: body && JSON.stringify(body),
  });
  if (answer.ok) return answer.status === 204 ? {} : answer.json();
  const said = await answer.json().catch(() => ({}));
  throw new Refused(said.error ?? "Dido does not answer just now. Nothing was changed.");
}

class Refused extends Error {}

function bytes(key) {
  return Uint8Array.from(atob(key.replaceAll("-", "+").replaceAll("_", "/")), (letter) => letter.charCodeAt(0));
}

function sameKey(subscription, key) {
  const held = new Uint8Array(subscription.options.applicationServerKey ?? []);
  const ours = bytes(key);
  return held.length === ours.length && ours.every((byte, place) => byte === held[place]);
}

async function fingerprint(endpoint) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(endpoint));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function held() {
  const registration = await navigator.serviceWorker.getRegistration("/");
  return (await registration?.pushManager.getSubscription()) ?? null;
}

async function look() {
  if (!("serviceWorker" in navigator && "PushManager" in window && "Notification" in window)) {
    return put(/iP(hone|ad|od)/.test(navigator.userAgent) || navigator.standalone === false ? "apple" : "unable");
  }
  const known = await ask("GET");
  if (!known.key) return put("not_set_up");
  if (Notification.permission === "denied") return put("blocked");
  const subscription = await held();
  const fate = subscription && sameKey(subscription, known.key) && known.devices[await fingerprint(subscription.endpoint)];
  put({ works: "on", refused: "refused" }[fate] ?? "off");
}

async function wake() {
  if ((await Notification.requestPermission()) !== "granted") return look();
  const { key } = await ask("GET");
  const registration = await navigator.serviceWorker.register("/sw.js", { scope: "/", updateViaCache: "none" });
  await navigator.serviceWorker.ready;
  const old = await registration.pushManager.getSubscription();
  if (old && !sameKey(old, key)) await old.unsubscribe();
  const options = { userVisibleOnly: true, applicationServerKey: bytes(key) };
  const subscription = await registration.pushManager.subscribe(options);
  await ask("POST", subscription.toJSON());
  put("on");
}

async function stop() {
  const subscription = await held();
  if (subscription) {
    await ask("DELETE", { endpoint: subscription.endpoint });
    await subscription.unsubscribe();
  }
  put("off");
}

function pressed(button, deed) {
  button.addEventListener("click", async () => {
    button.setAttribute("aria-busy", "true");
    fault.hidden = true;
    try {
      await deed();
    } catch (error) {
      fault.textContent = error instanceof Refused ? error.message
        : error.name === "NotAllowedError" ? `This browser does not let Dido wake it; a private window never does. ${STILL}`
        : `This browser’s push service does not answer. Try again later. ${STILL}`;
      fault.hidden = false;
    } finally {
      button.removeAttribute("aria-busy");
      if (button.hidden) Object.values(buttons).find((other) => !other.hidden)?.focus();
    }
  });
}

pressed(buttons.on, wake);
pressed(buttons.off, stop);
look().catch(() => put("away"));
