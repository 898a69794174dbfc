/**
 * The machines' clock while time is only told of. Its timers are numbered from 1 in the order in which they are started,
 * as those of the running daemon are.
 */
import type { MachineTimers } from '../model/recording.ts';
import { instant, later, milliseconds, type Instant, type Milliseconds } from '../model/units.ts';

interface VirtualTimer {
  readonly timer: number;
  readonly startedAt: Instant;
  readonly delay: Milliseconds;
  readonly dueAt: Instant;
  readonly callback: () => void;
}

export class VirtualTimers implements MachineTimers {
  #now: Instant;
  #lastTimer = 0;
  /** What the next timer is started as, where it is one that was running before. */
  #resumed: { readonly timer: number; readonly startedAt: Instant } | null = null;
  readonly #running = new Map<number, VirtualTimer>();

  constructor(now: Instant = instant(0)) {
    this.#now = now;
  }

  get now(): Instant {
    return this.#now;
  }

  get lastTimer(): number {
    return this.#lastTimer;
  }

  get running(): readonly VirtualTimer[] {
    return [...this.#running.values()];
  }

  /** When the next timer is due; null when none runs. */
  get nextDueAt(): Instant | null {
    return this.#next()?.dueAt ?? null;
  }

  readonly setTimeout = (callback: () => void, delay: number): number => {
    const { timer, startedAt } = this.#resumed ?? { timer: this.#lastTimer + 1, startedAt: this.#now };
    this.#resumed = null;
    this.#lastTimer = Math.max(this.#lastTimer, timer);
    const wait = milliseconds(Math.max(0, delay));
    this.#running.set(timer, { timer, startedAt, delay: wait, dueAt: later(startedAt, wait), callback });
    return timer;
  };

  readonly clearTimeout = (timer: number): void => {
    this.#running.delete(timer);
  };

  /** Lets the timer that `start` starts be one that was running before. */
  resume(timer: number, startedAt: Instant, start: () => void): void {
    this.#resumed = { timer, startedAt };
    start();
    this.#resumed = null;
  }

  /** The numbers up to this one have been given away. */
  countFrom(lastTimer: number): void {
    this.#lastTimer = Math.max(this.#lastTimer, lastTimer);
  }

  /** Fires a timer wherever the clock stands; false when no such timer runs. */
  fire(timer: number): boolean {
    const due = this.#running.get(timer);
    if (due === undefined) return false;
    this.#running.delete(timer);
    due.callback();
    return true;
  }

  /** Moves on without firing anything. The clock never goes back. */
  moveTo(end: Instant): void {
    if (end > this.#now) this.#now = end;
  }

  /** Moves on, firing what is due on the way: the timer that is due first, of those due together the one started first. */
  advanceTo(end: Instant): void {
    for (let next = this.#next(); next !== null && next.dueAt <= end; next = this.#next()) {
      this.moveTo(next.dueAt);
      this.fire(next.timer);
    }
    this.moveTo(end);
  }

  #next(): VirtualTimer | null {
    let first: VirtualTimer | null = null;
    // In the order of their numbers: of those due together the first stays.
    for (const timer of this.#running.values()) if (first === null || timer.dueAt < first.dueAt) first = timer;
    return first;
  }
}
