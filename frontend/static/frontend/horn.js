/** The siren's sound: two tones in turn, made here, quiet at first and louder with time. It needs no timer of the page. */

const TONE = 760; // Hz, between the two
const SWING = 190; // Hz, up and down from it
const TURNS = 0.8; // times a second
const QUIET = 0.05;
const LOUD = 0.8;
const LOUD_AFTER = 60; // seconds
const STOPS_WITHIN = 0.03; // seconds; a sound that is cut off clicks

export class Horn {
  #context = null;
  #voice = null;

  /** `changed` is called when the browser lets the sound begin, or stops it. */
  constructor(changed) {
    this.changed = changed;
  }

  get exists() {
    return "AudioContext" in window;
  }

  /** Would a siren be heard now, as far as the browser knows? */
  get isReady() {
    return this.#context?.state === "running";
  }

  get isSounding() {
    return Boolean(this.#voice);
  }

  /** Ask the browser for sound; it may wait for somebody to press something first. */
  open() {
    if (!this.exists) return;
    if (!this.#context) {
      this.#context = new AudioContext();
      this.#context.addEventListener("statechange", this.changed);
    }
    if (!this.isReady) this.#context.resume().then(this.changed, this.changed);
  }

  close() {
    this.hush();
    this.#context?.close();
    this.#context = null;
  }

  /** Sound on; `age` says how long the siren has been wanted, in seconds. */
  sound(age) {
    if (this.#voice || !this.isReady) return;
    const context = this.#context;
    const [tone, turns] = [context.createOscillator(), context.createOscillator()];
    const [swing, volume] = [context.createGain(), context.createGain()];
    tone.type = "triangle";
    tone.frequency.value = TONE;
    turns.type = "square";
    turns.frequency.value = TURNS;
    swing.gain.value = SWING;
    turns.connect(swing).connect(tone.frequency);
    tone.connect(volume).connect(context.destination);
    const grown = Math.min(1, Math.max(0, age) / LOUD_AFTER);
    volume.gain.setValueAtTime(QUIET * (LOUD / QUIET) ** grown, context.currentTime);
    volume.gain.exponentialRampToValueAtTime(LOUD, context.currentTime + Math.max(0.1, LOUD_AFTER * (1 - grown)));
    tone.start();
    turns.start();
    this.#voice = { tone, turns, volume };
  }

  /** Silence, at once. */
  hush() {
    if (!this.#voice) return;
    const { tone, turns, volume } = this.#voice;
    const end = this.#context.currentTime + STOPS_WITHIN;
    volume.gain.cancelScheduledValues(0);
    volume.gain.setTargetAtTime(0, this.#context.currentTime, STOPS_WITHIN / 3);
    tone.stop(end);
    turns.stop(end);
    tone.addEventListener("ended", () => volume.disconnect());
    this.#voice = null;
  }
}
