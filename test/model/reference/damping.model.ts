import type { DampingConfig } from '../../../src/model/config.ts';

/** SEL-2: what flapping costs. The penalty halves in each half-life, to the last digit. */
export class DampingModel {
  isSuppressed = false;
  #penalty = 0;
  #at = 0;
  readonly #config: DampingConfig;

  constructor(config: DampingConfig) {
    this.#config = config;
  }

  penaltyAt(now: number): number {
    return this.#penalty * 2 ** (-(now - this.#at) / this.#config.halfLife);
  }

  /** Null while it is not held back. */
  get reusedAt(): number | null {
    if (!this.isSuppressed) return null;
    return this.#at + this.#config.halfLife * Math.log2(this.#penalty / this.#config.reuseBelow);
  }

  get isSpotless(): boolean {
    return this.#penalty === 0;
  }

  /** What it had come to in an earlier run. */
  recall(penalty: number, at: number, isSuppressed: boolean, now: number): void {
    this.#penalty = Math.min(penalty, this.#config.ceiling);
    this.#at = at;
    this.isSuppressed = isSuppressed || this.penaltyAt(now) > this.#config.suppressAbove;
    this.advance(now);
  }

  /** No timer ran, and yet time passed. */
  sleep(duration: number, now: number): void {
    this.#at -= duration;
    this.advance(now);
  }

  flap(now: number): void {
    this.advance(now);
    this.#penalty = Math.min(this.#config.ceiling, this.penaltyAt(now) + this.#config.penalty);
    this.#at = now;
    if (this.#penalty > this.#config.suppressAbove) this.isSuppressed = true;
  }

  advance(now: number): void {
    if (this.penaltyAt(now) < this.#config.reuseBelow) this.isSuppressed = false;
  }
}
