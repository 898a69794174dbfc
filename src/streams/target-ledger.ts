import type { NodeEvent } from '../model/events.ts';
import type { Family } from '../model/family.ts';
import type { Target } from '../model/probe.ts';
import { instant, type Instant } from '../model/units.ts';
import {
  afterAnswer,
  afterFailure,
  afterUplinkLost,
  blameOf,
  isAnswering,
  isBlamed,
  unknownTarget,
  type TargetState,
} from './blame.ts';
import type { Clock } from './ports.ts';

export type TargetEvent = Extract<NodeEvent, { type: 'target.blamed' | 'target.cleared' }>;

/** An uplink, as far as the ledger has to do with it. */
export interface Witness {
  readonly index: number;
  readonly family: Family;
  readonly isReachable: boolean;
  /** Whether the target was asked at this time or later. */
  hasAskedSince(target: Target, since: Instant): boolean;
  /** Asks one target at once, unless that would cost too much. */
  crossCheck(target: Target): void;
  /** The target is at fault: losses that are not told yet shall never be. */
  excuse(target: Target): void;
}

/** At most one cross-check of a target in this time, in milliseconds. */
const crossCheckSpacing = 2000;

interface Entry {
  readonly target: Target;
  readonly family: Family;
  state: TargetState;
  lastCheck: number;
}

/**
 * Keeps what each uplink last said of each target, tells who is blamed, and asks the other uplinks when one loses a
 * target that may be dead (HLTH-4). With them the question is settled within one round-trip time or one time-out.
 */
export class TargetLedger {
  readonly #entries = new Map<string, Entry>();
  readonly #witnesses: () => Iterable<Witness>;
  readonly #tell: (event: TargetEvent) => void;
  readonly #clock: Clock;

  constructor(witnesses: () => Iterable<Witness>, clock: Clock, tell: (event: TargetEvent) => void) {
    this.#witnesses = witnesses;
    this.#clock = clock;
    this.#tell = tell;
  }

  isBlamed({ family, index }: Witness, target: Target): boolean {
    return isBlamed(this.#entry(family, target).state, index);
  }

  /** Whether the latest that the uplink heard of any other target is an answer. */
  isAnotherAnswering({ family, index }: Witness, target: string): boolean {
    return [...this.#entries.values()].some(
      (entry) => entry.family === family && entry.target.text !== target && isAnswering(entry.state, index),
    );
  }

  answered({ family, index }: Witness, target: Target, sentAt: Instant): void {
    const entry = this.#entry(family, target);
    this.#become(entry, afterAnswer(entry.state, index, sentAt));
  }

  failed(by: Witness, target: Target, sentAt: Instant, otherAnswered: boolean): void {
    const { family, index } = by;
    const entry = this.#entry(family, target);
    const others = [...this.#witnesses()].filter((witness) => witness.family === family);
    const reachable = new Set(others.filter((witness) => witness.isReachable).map((witness) => witness.index));
    this.#become(entry, afterFailure(entry.state, { index, sentAt, otherAnswered, reachable }));
    if (!otherAnswered || isBlamed(entry.state, index)) return;
    const now = this.#clock.now();
    const asked = others.filter(
      (other) => other.index !== index && other.isReachable && !other.hasAskedSince(target, sentAt),
    );
    if (asked.length === 0 || now - entry.lastCheck < crossCheckSpacing) return;
    entry.lastCheck = now;
    for (const other of asked) other.crossCheck(target);
  }

  /** The uplink is gone, or leads another way now. */
  forget({ family, index }: Witness): void {
    for (const entry of this.#entries.values()) {
      if (entry.family === family) this.#become(entry, afterUplinkLost(entry.state, index));
    }
  }

  #entry(family: Family, target: Target): Entry {
    const key = `${family} ${target.text}`;
    let entry = this.#entries.get(key);
    if (entry === undefined) {
      entry = { target, family, state: unknownTarget, lastCheck: -Infinity };
      this.#entries.set(key, entry);
    }
    return entry;
  }

  #become(entry: Entry, state: TargetState): void {
    const before = blameOf(entry.state);
    entry.state = state;
    const after = blameOf(state);
    const { family, target } = entry;
    const tell = (type: TargetEvent['type'], index: number | null): void =>
      this.#tell({ type, at: instant(this.#clock.now()), family, target: target.text, index });
    const blamed = after.filter((index) => !before.includes(index));
    for (const index of blamed) tell('target.blamed', index);
    for (const index of before.filter((one) => !after.includes(one))) tell('target.cleared', index);
    if (blamed.length === 0) return;
    for (const witness of this.#witnesses()) {
      if (witness.family === family && isBlamed(state, witness.index)) witness.excuse(target);
    }
  }
}
