import type { Session } from './session.ts';

export const speeds = [1, 5, 20, 60, 300, 1800] as const;

/** Goes through a history as time does, slower or faster. It knows the moment between two items, too. */
export class Player {
  readonly #session: Session;
  #time = Number.NaN;
  #isPlaying = false;
  #speed = 2;
  #last = 0;

  constructor(session: Session) {
    this.#session = session;
  }

  get isPlaying(): boolean {
    return this.#isPlaying;
  }

  /** How many times as fast as it was. */
  get speed(): number {
    return speeds[this.#speed] ?? 1;
  }

  /** The wall time of the cursor. */
  get time(): number {
    const { history, position, time } = this.#session;
    // Moved by something else: from there it goes on.
    const isWithin = this.#time >= time && (position >= history.end || this.#time < history.timeOf(position));
    return isWithin ? this.#time : time;
  }

  play(isPlaying: boolean, now: number): void {
    const { history } = this.#session;
    if (isPlaying && this.#session.position >= history.end) this.#session.moveTo(history.first + 1);
    this.#time = this.time;
    this.#last = now;
    this.#isPlaying = isPlaying;
  }

  faster(by: 1 | -1): void {
    this.#speed = Math.min(Math.max(this.#speed + by, 0), speeds.length - 1);
  }

  seek(time: number): void {
    const { history } = this.#session;
    this.#time = Math.min(Math.max(time, history.timeOf(history.first)), history.timeOf(history.end));
    this.#session.moveTo(history.positionAt(this.#time));
  }

  /** Goes on to `now`, an instant of the page's clock. */
  advance(now: number): void {
    if (!this.#isPlaying) return;
    const next = this.time + (now - this.#last) * this.speed;
    this.#last = now;
    this.seek(next);
    if (this.#session.position >= this.#session.history.end) this.#isPlaying = false;
  }

  /** The cursor's moment on the machines' own clock. */
  at(): number {
    return this.#session.at + (this.time - this.#session.time);
  }
}
