/**
 * Virtual time for actors: a discrete-event clock. Timers fire one by one in the order they are due, and the clock
 * stands at each one's own instant meanwhile, so that a chain of delays comes out exactly.
 *
 *     const clock = new DiscreteClock();
 *     const actor = createActor(machine, { clock });
 *     clock.advance(5_000);
 */
import { instant, type Instant } from '../../src/model/units.ts';

export class DiscreteClock {
  #now = 0;
  #nextId = 1;
  readonly #timers = new Map<number, { readonly dueAt: number; readonly callback: () => void }>();

  readonly setTimeout = (callback: () => void, delay: number): number => {
    this.#timers.set(this.#nextId, { dueAt: this.#now + Math.max(0, delay), callback });
    return this.#nextId++;
  };

  readonly clearTimeout = (id: number): void => {
    this.#timers.delete(id);
  };

  now(): Instant {
    return instant(this.#now);
  }

  /** How many timers wait. */
  get pending(): number {
    return this.#timers.size;
  }

  /** When the next timer is due; null when none waits. */
  get nextDueAt(): number | null {
    return this.#next()?.[1].dueAt ?? null;
  }

  /** Moves on by a duration, firing what is due on the way. */
  advance(duration: number): void {
    this.advanceTo(this.#now + duration);
  }

  advanceTo(end: number): void {
    for (let next = this.#next(); next !== null && next[1].dueAt <= end; next = this.#next()) {
      const [id, { dueAt, callback }] = next;
      this.#timers.delete(id);
      this.#now = dueAt;
      callback();
    }
    this.#now = end;
  }

  /** The timer that is due first; of those due together, the one set first. */
  #next(): [number, { readonly dueAt: number; readonly callback: () => void }] | null {
    let first: [number, { readonly dueAt: number; readonly callback: () => void }] | null = null;
    for (const entry of this.#timers) {
      if (first === null || entry[1].dueAt < first[1].dueAt) first = entry;
    }
    return first;
  }
}
