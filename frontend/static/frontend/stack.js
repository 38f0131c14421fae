/** A stack under the thumb: drag up and down for the next image, two fingers to come closer. Drawn by the server. */

import { seen } from "./paper.js";

const AHEAD = 6; // images fetched on either side of the one that is shown
const MOST_KEPT = 60; // decoded images in memory; none is kept anywhere else
const PER_IMAGE = 9; // pixels of a thumb's way to the next image
const MOST_CLOSE = 6;

const stage = document.getElementById("stage");
const canvas = document.getElementById("picture");
const slider = document.getElementById("place");
const count = document.getElementById("count");
const frames = Number(stage.dataset.frames);
const context = canvas.getContext("2d");
const kept = new Map(); // "window/number" → a promise of the image
const fingers = new Map();
let [shown, scale, x, y, rest, spread] = [0, 1, 0, 0, 0, 0];

const preset = () => document.querySelector('[name="window"]:checked').value;

const fetched = async (address) => {
  const response = await fetch(address, { cache: "no-store", signal: AbortSignal.timeout(10000) });
  if (response.status === 404 || response.redirected) location.reload();
  if (!response.ok) throw new Error(String(response.status));
  return createImageBitmap(await response.blob());
};

const image = (number) => {
  const key = `${preset()}/${number}`;
  if (!kept.has(key)) {
    const coming = fetched(`${stage.dataset.from}${number}/${preset()}/`);
    coming.catch(() => kept.delete(key));
    kept.set(key, coming);
    if (kept.size > MOST_KEPT) kept.delete(kept.keys().next().value);
  }
  return kept.get(key);
};

const show = async (number) => {
  shown = Math.min(frames - 1, Math.max(0, number));
  count.textContent = `${shown + 1} / ${frames}`;
  stage.setAttribute("aria-valuenow", shown + 1);
  if (slider) slider.value = shown;
  const wanted = shown;
  try {
    const picture = await image(wanted);
    if (wanted !== shown) return;
    context.drawImage(picture, 0, 0);
    stage.dataset.shown = `${preset()}/${wanted}`;
    seen();
  } catch {
    count.textContent = `${wanted + 1} / ${frames}: it does not come. Trying again.`;
    setTimeout(() => wanted === shown && show(shown), 2000);
    return;
  }
  for (let near = 1; near <= AHEAD; near += 1) {
    for (const next of [wanted + near, wanted - near]) if (next >= 0 && next < frames && wanted === shown) image(next).catch(() => {});
  }
};

const move = () => { canvas.style.transform = `translate(${x}px, ${y}px) scale(${scale})`; };

const zoom = (by) => {
  scale = Math.min(MOST_CLOSE, Math.max(1, scale * by));
  if (scale === 1) [x, y] = [0, 0];
  move();
};

const apart = () => {
  const [one, other] = [...fingers.values()];
  return Math.hypot(one.x - other.x, one.y - other.y);
};

stage.addEventListener("pointerdown", (event) => {
  stage.setPointerCapture(event.pointerId);
  fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  if (fingers.size === 2) spread = apart();
});
stage.addEventListener("pointermove", (event) => {
  const before = fingers.get(event.pointerId);
  if (!before) return;
  fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
  if (fingers.size === 2) {
    const now = apart();
    zoom(now / spread);
    spread = now;
  } else if (scale > 1) {
    [x, y] = [x + event.clientX - before.x, y + event.clientY - before.y];
    move();
  } else {
    rest += event.clientY - before.y;
    const steps = Math.trunc(rest / PER_IMAGE);
    rest -= steps * PER_IMAGE;
    if (steps) show(shown + steps);
  }
});
for (const end of ["pointerup", "pointercancel"]) stage.addEventListener(end, (event) => fingers.delete(event.pointerId));
stage.addEventListener("wheel", (event) => {
  event.preventDefault();
  show(shown + Math.sign(event.deltaY));
}, { passive: false });
stage.addEventListener("keydown", (event) => {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1, PageDown: 10, PageUp: -10, Home: -frames, End: frames }[event.key];
  if (!step) return;
  event.preventDefault();
  show(shown + step);
});
slider?.addEventListener("input", () => show(Number(slider.value)));
for (const choice of document.querySelectorAll('[name="window"]')) choice.addEventListener("change", () => show(shown));
document.getElementById("closer").addEventListener("click", () => zoom(1.4));
document.getElementById("further").addEventListener("click", () => zoom(1 / 1.4));
document.getElementById("fit").addEventListener("click", () => zoom(0));
show(0);
