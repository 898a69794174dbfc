import { seconds, type Milliseconds } from '../../model/units.ts';
import type { HotspotPartKind } from '../../model/hotspot-parts.ts';

/** From an end to the next start; doubled after each. */
const firstWait = 500;
/** So many ends within the window are one too many: it does not come up again. */
const mostEnds = 5;
const window = seconds(120);

/** Counts how often services have ended by themselves, and says when they may be started again. */
export class Restarts {
  readonly #now: () => number;
  readonly #ends = new Map<HotspotPartKind, readonly number[]>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Notes an end. The wait until the next start, in milliseconds; null when it has ended too often. */
  note(kind: HotspotPartKind): Milliseconds | null {
    const now = this.#now();
    const ends = [...(this.#ends.get(kind) ?? []).filter((at) => now - at < window), now];
    this.#ends.set(kind, ends);
    return ends.length > mostEnds ? null : this.#waitAfter(ends.length);
  }

  /** How long from now no start may be tried, in milliseconds; 0: it may. */
  remaining(kind: HotspotPartKind): number {
    const ends = this.#ends.get(kind) ?? [];
    const last = ends.at(-1);
    return last === undefined ? 0 : Math.max(0, last + this.#waitAfter(ends.length) - this.#now());
  }

  forget(): void {
    this.#ends.clear();
  }

  #waitAfter(count: number): Milliseconds {
    return (firstWait * 2 ** (count - 1)) as Milliseconds;
  }
}
