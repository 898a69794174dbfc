import { hotspotPartKey, type HotspotPart } from '../../model/hotspot-parts.ts';

/** What cannot be taken away is tried so often. */
const stopAttempts = 3;

/** The parts of a hotspot that stand, and those that have gone by themselves. */
export class StandingParts {
  #standing: readonly HotspotPart[];
  /** Not put back yet: what was before them is still to be. By key. */
  readonly #lost = new Map<string, HotspotPart>();
  readonly #refusals = new Map<string, number>();

  /** `left`: what a former run has made. */
  constructor(left: readonly HotspotPart[]) {
    this.#standing = left;
  }

  get standing(): readonly HotspotPart[] {
    return this.#standing;
  }

  /** What there is to take away. */
  get traces(): readonly HotspotPart[] {
    return [...this.#standing, ...this.#lost.values()];
  }

  add(part: HotspotPart): void {
    this.remove(part);
    this.#standing = [...this.#standing, part];
  }

  remove(part: HotspotPart): void {
    const key = hotspotPartKey(part);
    this.#lost.delete(key);
    this.#refusals.delete(key);
    this.#standing = this.#standing.filter((one) => hotspotPartKey(one) !== key);
  }

  /** These have gone by themselves. */
  lose(isLost: (part: HotspotPart) => boolean): void {
    for (const part of this.#standing) if (isLost(part)) this.#lost.set(hotspotPartKey(part), part);
    this.#standing = this.#standing.filter((part) => !isLost(part));
  }

  /** It could not be taken away. True: it is to be tried again. */
  refuse(part: HotspotPart): boolean {
    const key = hotspotPartKey(part);
    const refusals = (this.#refusals.get(key) ?? 0) + 1;
    this.#refusals.set(key, refusals);
    return refusals < stopAttempts;
  }
}
