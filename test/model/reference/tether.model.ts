/**
 * How far a phone is (TETH-1, TETH-2), by deadlines alone: `dhcpTimeout` for a way out, 15 s for an answer from beyond,
 * 5 s doubled up to 5 min after a failure.
 */
import type { TetherState } from '../../../src/model/tether.ts';

const never = Infinity;

export class TetherModel {
  readonly #dhcpTimeout: number;
  readonly #isTried: boolean;
  #now = 0;
  #lease: string | null = null;
  #hasWay = false;
  #failures = 0;
  dueAt = never;
  state: TetherState = 'initializing';
  /** What went wrong stands until it is solved: it has a way out, or has answered. */
  trouble: 'no way out' | 'no answer' | null = null;

  constructor(dhcpTimeout: number, isTried: boolean) {
    this.#dhcpTimeout = dhcpTimeout;
    this.#isTried = isTried;
    this.#begin();
  }

  advance(to: number): void {
    while (this.dueAt <= to) {
      this.#now = this.dueAt;
      if (this.state === 'failed') this.#begin();
      else this.#fail();
    }
    this.#now = to;
  }

  stands(lease: string | null, hasWay: boolean): void {
    const before = { lease: this.#lease, hasWay: this.#hasWay };
    this.#lease = lease;
    this.#hasWay = hasWay;
    if (lease === 'elsewhere') {
      if (this.state !== 'released') this.#rest('released');
    } else if (this.state === 'released') {
      // Its way was good enough for the other manager.
      const isKept = hasWay || (lease === 'held' && !before.hasWay);
      if (isKept) this.#rest('ready');
      else this.#begin();
    } else if (before.hasWay !== hasWay) {
      if (hasWay && (this.state === 'initializing' || this.state === 'failed')) this.#try();
      else if (!hasWay && (this.state === 'validating' || this.state === 'ready')) this.#begin();
    }
    const isMissing = lease === 'failing' && before.lease !== 'failing';
    if (isMissing && this.state === 'initializing') this.#fail();
  }

  answered(): void {
    if (this.state === 'validating' || this.state === 'failed') this.#rest('ready');
  }

  #begin(): void {
    this.state = 'initializing';
    this.dueAt = this.#now + this.#dhcpTimeout;
    if (this.#hasWay) this.#try();
  }

  #try(): void {
    if (!this.#isTried) return this.#rest('ready');
    this.state = 'validating';
    if (this.trouble === 'no way out') this.trouble = null;
    this.dueAt = this.#now + 15_000;
  }

  #fail(): void {
    this.trouble = this.state === 'validating' ? 'no answer' : 'no way out';
    this.state = 'failed';
    this.dueAt = this.#now + Math.min(300_000, 5000 * 2 ** this.#failures);
    this.#failures++;
  }

  #rest(state: 'ready' | 'released'): void {
    this.state = state;
    this.dueAt = never;
    this.#failures = 0;
    this.trouble = null;
  }
}
