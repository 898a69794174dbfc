import { Subscription, type SchedulerLike } from 'rxjs';
import { seconds } from '../model/units.ts';

/** How long what a former run left is kept while this one does not know a way out: a tether's lease and validation. */
export const adoptionGrace = seconds(30);
/** How long the end may take: what is never answered must not keep the process alive. */
const longestStop = seconds(10);

/** What a loop does. */
export interface Rounds {
  /**
   * Looks, and does what is next. True: something was done, so it is looked again at once.
   * `hasChanged`: someone has woken the loop since the round before.
   */
  readonly round: (hasChanged: boolean) => Promise<boolean>;
  /** Asked between rounds: nothing is left that would be done soon. */
  readonly isAtRest: () => boolean;
  /** When time alone calls for a round. Those count that are later than the beginning of the last one. */
  readonly due: (lookedAt: number) => readonly (number | null)[];
}

/**
 * Looks and acts until nothing is left to do, and again whenever it is woken.
 *
 * INVARIANTS
 * - One round at a time. Whatever comes during one, however often, is answered by one more after it.
 * - Between rounds one timer waits for what is due first. What came due during a round is due at once.
 * - Who waits for it to settle waits for its rest, or until 10 s after `stop`.
 * - After the end of `stop` no round begins; a round that is still under way finds `isStopped`, and does no more.
 */
export class Loop {
  readonly #scheduler: SchedulerLike;
  readonly #rounds: Rounds;
  readonly #waiters = new Set<() => void>();
  #phase: 'idle' | 'running' | 'stopped' = 'idle';
  #isStopping = false;
  #hasChanged = false;
  #lookedAt = -Infinity;
  #untilDue: Subscription | null = null;
  readonly #timers = new Subscription();

  constructor(scheduler: SchedulerLike, rounds: Rounds) {
    this.#scheduler = scheduler;
    this.#rounds = rounds;
  }

  /** From the call of `stop` on: nothing is wanted any more but to give back. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** From the end of `stop` on: what is left to do is left. */
  get isStopped(): boolean {
    return this.#phase === 'stopped';
  }

  /** Something has changed: a round begins as soon as this turn of the event loop has said all, or the last is over. */
  wake(): void {
    this.#hasChanged = true;
    if (this.#phase !== 'idle') return;
    this.#phase = 'running';
    queueMicrotask(() => void this.#run());
  }

  /** Wakes it once more so long from now, in milliseconds. */
  later(wait: number): void {
    const timer = this.#scheduler.schedule(() => {
      // One that has fired is not over by itself, and would be kept as long as the loop.
      timer.unsubscribe();
      this.wake();
    }, wait);
    this.#timers.add(timer);
  }

  /** Resolves when the loop is at rest. */
  async settled(): Promise<void> {
    if (this.#isAtRest()) return;
    await new Promise<void>((resolve) => {
      this.#waiters.add(resolve);
    });
  }

  /** Ends the loop when it is at rest again, within 10 s. Idempotent. */
  async stop(): Promise<void> {
    if (!this.#isStopping) {
      this.#isStopping = true;
      this.wake();
    }
    const limit = this.#scheduler.schedule(() => this.#releaseWaiters(), longestStop);
    await this.settled();
    limit.unsubscribe();
    this.#phase = 'stopped';
    this.#untilDue?.unsubscribe();
    this.#timers.unsubscribe();
  }

  async #run(): Promise<void> {
    let isAgain = false;
    while (this.#phase === 'running' && (this.#hasChanged || isAgain)) {
      const hasChanged = this.#hasChanged;
      this.#hasChanged = false;
      this.#lookedAt = this.#scheduler.now();
      isAgain = await this.#rounds.round(hasChanged);
    }
    if (this.#phase === 'stopped') return;
    this.#phase = 'idle';
    this.#awaitDue();
    if (this.#isAtRest()) this.#releaseWaiters();
  }

  #awaitDue(): void {
    this.#untilDue?.unsubscribe();
    const times = this.#rounds
      .due(this.#lookedAt)
      .filter((time) => time !== null && time > this.#lookedAt)
      .map(Number);
    const wait = Math.max(0, Math.min(...times) - this.#scheduler.now());
    this.#untilDue = times.length === 0 ? null : this.#scheduler.schedule(() => this.wake(), wait);
  }

  #isAtRest(): boolean {
    return this.#phase === 'stopped' || (this.#phase === 'idle' && this.#rounds.isAtRest());
  }

  #releaseWaiters(): void {
    for (const resolve of this.#waiters) resolve();
    this.#waiters.clear();
  }
}
