/** The world in time: since when each uplink leads somewhere, or only seems to, and since when the daemon is there. */
import { families, type Family } from '../../src/model/family.ts';
import type { Fault, FaultKind } from './fault.ts';
import { isGood, isSilentlyDead, slots, uplinkOf, works, type Slot, type World } from './world.ts';

/** How long counters that somebody has removed are missing, in milliseconds: they are put back every 10 s at most. */
const blindFor = 15_000;
/** So long a dead uplink may still be taken for a living one: it is probed each 5 s, and given up after two rounds. */
const unnoticedFor = 25_000;

/** Faults that only the daemon can make good, or that keep it from doing so: everything else is nothing to the traffic. */
const roughKinds: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'ours.removed',
  'killed',
  'stopped',
  'restarted',
  'storm',
  'flap',
  'renamed',
]);
/** How long after them. */
const roughFor = 5000;

/** How the daemon went: by a signal that stopped it, by one that killed it, or politely, giving the network back. */
export type Absence = 'stopped' | 'killed' | 'gave back';

type Since = number | null;
const keyOf = (slot: Slot, family: Family): string => `${slot} ${family}`;

export class Course {
  #world: World;
  readonly #working = new Map<string, Since>();
  readonly #good = new Map<string, Since>();
  readonly #silent = new Map<string, Since>();
  #changedAt = 0;
  #aliveSince: Since = null;
  #lastAwayAt = 0;
  #lastAway: Absence = 'gave back';
  #oursRemovedAt = -Infinity;
  #blindUntil = -Infinity;
  #roughUntil = -Infinity;

  constructor(world: World) {
    this.#world = world;
    this.#settle();
  }

  get world(): World {
    return this.#world;
  }

  get isDaemonThere(): boolean {
    return this.#aliveSince !== null;
  }

  /** Since when nothing has changed, for the daemon either. */
  get quietSince(): number {
    return Math.max(this.#changedAt, this.#aliveSince ?? performance.now(), this.#oursRemovedAt);
  }

  /** When the daemon was not running at least once since then. */
  wasEndedSince(at: number): boolean {
    return this.#lastAway !== 'stopped' && this.#lastAwayAt >= at;
  }

  /** To be called right before a fault happens: what it touches is not counted on while it lasts. */
  begins(fault: Fault, after: World): void {
    const now = performance.now();
    for (const slot of slots) {
      const isTouched = 'slot' in fault && fault.slot === slot;
      for (const family of families) {
        if (isTouched || !works(uplinkOf(after, slot), family)) this.#working.set(keyOf(slot, family), null);
        if (isTouched || !isGood(uplinkOf(after, slot), family)) this.#good.set(keyOf(slot, family), null);
      }
    }
    if (fault.kind === 'ours.removed') this.#oursRemovedAt = now;
    if (fault.kind === 'nft.flushed' || (fault.kind === 'nft.tool' && fault.does !== 'works')) {
      this.#blindUntil = now + blindFor;
    }
    this.#changedAt = now;
  }

  /** To be called when it has happened. */
  happened(fault: Fault, after: World): void {
    this.#world = after;
    const now = performance.now();
    if (fault.kind === 'ours.removed') this.#oursRemovedAt = now;
    if (roughKinds.has(fault.kind)) this.#roughUntil = now + roughFor;
    this.#changedAt = now;
    this.#settle();
  }

  #settle(): void {
    const now = performance.now();
    const note = (map: Map<string, Since>, key: string, isSo: boolean): void => {
      map.set(key, isSo ? (map.get(key) ?? now) : null);
    };
    for (const slot of slots) {
      const uplink = uplinkOf(this.#world, slot);
      for (const family of families) {
        note(this.#working, keyOf(slot, family), works(uplink, family));
        note(this.#good, keyOf(slot, family), isGood(uplink, family));
        note(this.#silent, keyOf(slot, family), isSilentlyDead(uplink, family));
      }
    }
  }

  away(why: Absence): void {
    this.#aliveSince = null;
    this.#lastAwayAt = performance.now();
    this.#lastAway = why;
  }

  back(): void {
    this.#aliveSince = performance.now();
  }

  /**
   * Since when the ranked table must have had a default of this family without interruption; null when it need not have
   * one. A daemon that was not told yet, or cannot act, cannot be asked for what is new.
   */
  rankedSince(family: Family, grace: number): number | null {
    const working = Math.min(...slots.map((slot) => this.#working.get(keyOf(slot, family)) ?? Infinity));
    if (working === Infinity) return null;
    const due = Math.max(working, this.#oursRemovedAt) + grace;
    // What it had installed before it was killed or stopped is there all the time.
    if (this.#lastAway !== 'gave back' && due < this.#lastAwayAt) return due;
    return this.#aliveSince === null ? null : Math.max(due, this.#aliveSince + grace);
  }

  /** Since when an uplink loses nothing; null when each one does. */
  goodSince(family: Family): number | null {
    const oldest = Math.min(...slots.map((slot) => this.#good.get(keyOf(slot, family)) ?? Infinity));
    return oldest === Infinity ? null : oldest;
  }

  /** Uplinks that seem to work, don't, and were perhaps not found out yet. */
  unnoticed(family: Family): number {
    const now = performance.now();
    return slots.filter((slot) => {
      const since = this.#silent.get(keyOf(slot, family)) ?? null;
      return since !== null && now - Math.max(since, this.#aliveSince ?? now) < unnoticedFor;
    }).length;
  }

  /** Traffic beyond the links may not be counted at the moment. */
  get isBlind(): boolean {
    return this.#world.nft !== 'works' || performance.now() < this.#blindUntil;
  }

  /** What happened a moment ago may cost some traffic even with a good uplink at hand. */
  get isRough(): boolean {
    return performance.now() < Math.max(this.#roughUntil, (this.#aliveSince ?? Infinity) + roughFor);
  }

  /** At least one probed target answers. */
  hasTargets(family: Family): boolean {
    const dead = this.#world.deadTargets.filter((address) => address.includes(':') === (family === 'ipv6'));
    return dead.length < 2;
  }
}
