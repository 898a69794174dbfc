import type { Problem } from '../../model/errors.ts';
import { hotspotPartKey, type HotspotPart } from '../../model/hotspot-parts.ts';

/** Whoever is to take a radio back may be starting anew himself: it is tried again so much later, in milliseconds. */
const wait = 60_000;

/** Parts that could not be taken away, however often it was tried. They are in the journal, and are tried again. */
export class LeftParts {
  readonly #now: () => number;
  readonly #report: (report: { readonly type: 'noted' | 'solved'; readonly problem: Problem }) => void;
  readonly #parts = new Map<string, { readonly part: HotspotPart; readonly problem: Problem }>();
  #dueAt: number | null = null;

  constructor(
    now: () => number,
    report: (report: { readonly type: 'noted' | 'solved'; readonly problem: Problem }) => void,
  ) {
    this.#now = now;
    this.#report = report;
  }

  /** When it is to be tried again; null: nothing is left. */
  get dueAt(): number | null {
    return this.#dueAt;
  }

  note(part: HotspotPart, problem: Problem): void {
    this.#parts.set(hotspotPartKey(part), { part, problem });
    this.#report({ type: 'noted', problem });
    this.#dueAt = this.#now() + wait;
  }

  /** It is gone, or wanted again. */
  solve(part: HotspotPart): void {
    const known = this.#parts.get(hotspotPartKey(part));
    if (known === undefined) return;
    this.#parts.delete(hotspotPartKey(part));
    if (this.#parts.size === 0) this.#dueAt = null;
    this.#report({ type: 'solved', problem: known.problem });
  }

  /** Those whose time has come; all of them when the end has. */
  take(isEnd: boolean): readonly HotspotPart[] {
    if (this.#dueAt === null || (!isEnd && this.#now() < this.#dueAt)) return [];
    this.#dueAt = null;
    return [...this.#parts.values()].map(({ part }) => part);
  }
}
