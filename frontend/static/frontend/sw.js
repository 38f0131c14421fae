// The part of Dido that a browser keeps awake: a push that carries nothing wakes it, and it says that somebody waits.
// It keeps no page and no fact of a patient, and stands between no page and the network.

self.addEventListener("install", () => self.skipWaiting());

self.addEventListener("push", (event) => event.waitUntil(Promise.all([show(), tell()])));

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  event.waitUntil(open());
});

self.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(move(event.oldSubscription, event.newSubscription)));

function show() {
  return self.registration.showNotification("Dido", {
    body: "Somebody is waiting for your answer. Open Dido.",
    lang: "en-GB",
    tag: "dido",
    renotify: true,
    requireInteraction: true,
  });
}

function post(path, body) {
  return fetch(path, {
    method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json" }, credentials: "same-origin",
  });
}

// Only the screens profit from it, so a fault here is nobody's.
async function tell() {
  try {
    const subscription = await self.registration.pushManager.getSubscription();
    await post("/me/push/woke/", { endpoint: subscription?.endpoint ?? "" });
  } catch {
    // The page stays "sent".
  }
}

// A board shows whatever waits; any other window may hold a form that is half filled in, and is left alone.
async function open() {
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
  const board = windows.find((window) => /^\/(board\/.*)?$/.test(new URL(window.url).pathname));
  return board ? board.focus() : self.clients.openWindow("/");
}

// The push service has given this browser another address.
async function move(old, fresh) {
  if (!old) return;
  const subscription = fresh ?? (await self.registration.pushManager.subscribe(old.options));
  await post("/me/push/moved/", { old: old.endpoint, ...subscription.toJSON() });
}
