/** Time on the page: goes on, second by second, from what the server wrote, by the server's clock and in its words. */

const london = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Europe/London", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});
let offset = Date.parse(document.documentElement.dataset.now || "") - Date.now() || 0;

/** The server's time in milliseconds. */
export const now = () => Date.now() + offset;

/** Follow the server's clock, as it was said so many milliseconds ago. */
export const follow = (iso, late = 0) => {
  const moment = Date.parse(iso);
  if (!Number.isNaN(moment)) offset = moment + late - Date.now();
};

/** How many milliseconds have passed, whether the machine slept or its clock was set back. */
export const stopwatch = (already = 0) => {
  const [wall, steady] = [Date.now(), performance.now()];
  return () => already + Math.max(Date.now() - wall, performance.now() - steady);
};

/** A moment as the time of day, in London. */
export const hour = (moment) => london.format(moment);

const two = (number) => String(number).padStart(2, "0");
const seconds = (length) => Math.max(0, Math.trunc(length / 1000));

/** 1:18, in hours and minutes. */
const span = (length) => {
  const minutes = Math.trunc(seconds(length) / 60);
  return `${Math.trunc(minutes / 60)}:${two(minutes % 60)}`;
};

/** 4:10, in minutes and seconds; from an hour on in hours and minutes. */
export const tick = (length) => {
  const whole = seconds(length);
  return whole < 3600 ? `${Math.trunc(whole / 60)}:${two(whole % 60)}` : span(length);
};

/** 35 s, 19 min, 2 h 10. */
export const ago = (length) => {
  const whole = seconds(length);
  const minutes = Math.trunc(whole / 60);
  if (whole < 60) return `${whole} s`;
  return minutes < 60 ? `${minutes} min` : `${Math.trunc(minutes / 60)} h ${two(minutes % 60)}`;
};

const written = (element, text) => {
  if (element && element.textContent !== text) element.textContent = text;
};

/** The share of the time until red that has passed; the order on the board. */
export const urgency = ({ since, late }) => {
  if (!since || !late) return 0;
  const allowed = Date.parse(late) - Date.parse(since);
  const passed = now() - Date.parse(since);
  return allowed > 0 ? passed / allowed : 1000 + passed / 1000;
};

const figure = ({ form, since, until }) => {
  if (form === "left" && until) {
    const left = Math.ceil((Date.parse(until) - now()) / 60000);
    return [left > 0 ? String(left) : `+${-left}`, "min"];
  }
  if (!since || form === "still") return null;
  const passed = now() - Date.parse(since);
  return form === "tick" ? [tick(passed), passed < 3600000 ? "min" : "h"] : [span(passed), "h"];
};

const face = (element) => {
  const { soon, late } = element.dataset;
  const shown = figure(element.dataset);
  if (shown) {
    written(element.querySelector("[data-figure]"), shown[0]);
    written(element.querySelector("[data-unit]"), shown[1]);
    const at = now();
    element.dataset.mood = late && at >= Date.parse(late) ? "late" : soon && at >= Date.parse(soon) ? "soon" : "calm";
  }
  const gauge = element.querySelector("progress.gauge");
  if (gauge) gauge.value = Math.round(Math.min(1, Math.max(0, urgency(element.dataset))) * 100);
};

/** Bring every time below this element to the present. */
export const refresh = (root = document) => {
  if (root instanceof Element && root.matches("[data-form]")) face(root);
  for (const element of root.querySelectorAll("[data-form]")) face(element);
  for (const element of root.querySelectorAll("[data-tick]")) {
    const moment = Date.parse(element.dateTime);
    written(element, element.dataset.tick === "ago" ? ago(now() - moment) : tick(moment - now()));
  }
  for (const element of root.querySelectorAll("[data-clock]")) written(element, hour(now()));
};

const go = () => {
  refresh();
  setTimeout(go, 1000 - (now() % 1000) + 5);
};
go();
