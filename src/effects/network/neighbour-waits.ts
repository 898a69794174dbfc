import { neighbourKey } from '../../model/kernel.ts';
import type { DesiredNeighbour } from '../../model/network.ts';

/** How long a planned switch waits for the new gateway to answer, in milliseconds; then it is made all the same. */
const longestWait = 1000;
/** For so long, in milliseconds, a gateway that did not answer is neither asked nor waited for again. */
const memory = 5000;

/** Remembers which gateways were asked for and waited for. Keys are those of `neighbourKey`. */
export class NeighbourWaits {
  readonly #asked = new Map<string, number>();
  readonly #begun = new Map<string, number>();
  #waiting: ReadonlySet<string> = new Set();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  noteAsked(key: string): void {
    this.#asked.set(key, this.#now());
  }

  /** The kernel has forgotten it: it may be asked for again at once. */
  noteGone(key: string): void {
    this.#asked.delete(key);
  }

  /** The plan waits for these, and for no others. */
  begin(neighbours: readonly DesiredNeighbour[]): void {
    this.#waiting = new Set(neighbours.map(neighbourKey));
    const now = this.#now();
    for (const key of this.#waiting) if (!this.#begun.has(key)) this.#begun.set(key, now);
    for (const [key, begun] of this.#begun) {
      const isOver = now - begun >= longestWait && now - begun < memory;
      if (!this.#waiting.has(key) && !isOver) this.#begun.delete(key);
    }
  }

  isWaitingFor(key: string): boolean {
    return this.#waiting.has(key);
  }

  /** Gateways that are not wanted any more are forgotten: when they come back they are asked again. */
  retain(neighbours: readonly DesiredNeighbour[]): void {
    if (this.#asked.size === 0) return;
    const wanted = new Set(neighbours.map(neighbourKey));
    for (const key of this.#asked.keys()) if (!wanted.has(key)) this.#asked.delete(key);
  }

  asked(): ReadonlyMap<string, 'lately' | 'before'> {
    const now = this.#now();
    return new Map([...this.#asked].map(([key, at]) => [key, now - at < memory ? 'lately' : 'before']));
  }

  /** Those that were waited for long enough. */
  over(): ReadonlySet<string> {
    const now = this.#now();
    return new Set([...this.#begun].filter(([, begun]) => now - begun >= longestWait).map(([key]) => key));
  }

  /** When the wait under way ends; null when there is none. */
  nextEnd(): number | null {
    const ends = [...this.#waiting].map((key) => (this.#begun.get(key) ?? 0) + longestWait);
    return ends.length === 0 ? null : Math.min(...ends);
  }
}
