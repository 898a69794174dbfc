import type { InterfaceFacts } from '../model/interface.ts';
import type { WallTime } from '../model/period.ts';
import { isAbove, type BudgetLevel } from '../model/usage.ts';
import { milliseconds } from '../model/units.ts';
import type { CounterReader, LevelChange, UsageCounter } from './ports.ts';
import { currentOf, levelIn, told } from './usage-account.ts';
import type { Metering, UsageLedger } from './usage-ledger.ts';

/** Milliseconds between two reads where nothing can run out. */
const unhurried = 30_000;
/** A timer that fires a little early must not put a look off to the next. */
const early = 250;

export interface MeterSources {
  readonly ledger: UsageLedger;
  readonly counters: CounterReader;
  /** Null for an interface that is not looked at. */
  readonly meteringOf: (facts: InterfaceFacts) => Metering | null;
  /** The wall clock: to which period bytes belong. */
  readonly wall: () => WallTime;
}

/**
 * Reads the counters of all interfaces into the ledger (TETH-4): those of metered ones at each look, for a fast link
 * uses up what is left in a moment, the others each 30 s; and each once more when its interface goes, as far as the kernel
 * still says.
 */
export class UsageMeter implements UsageCounter {
  readonly #sources: MeterSources;
  readonly #facts = new Map<number, InterfaceFacts>();
  /** When the counters of an interface were read, on the monotonic clock. */
  readonly #readAt = new Map<number, number>();
  /** What the machines know. */
  readonly #levels = new Map<number, BudgetLevel>();

  constructor(sources: MeterSources) {
    this.#sources = sources;
  }

  found(facts: InterfaceFacts, isNew: boolean, at: number): void {
    this.#facts.set(facts.index, facts);
    this.#levels.delete(facts.index);
    this.#attach(facts, isNew, at);
  }

  changed(facts: InterfaceFacts, at: number): void {
    const { index } = facts;
    const before = this.#facts.get(index);
    this.#facts.set(index, facts);
    // Most that changes is no other device: this is where a pulled cable comes by.
    if (before !== undefined && isSameDevice(before, facts)) return;
    this.#read(index, at);
    this.#attach(facts, false, at);
  }

  lost(index: number, at: number): void {
    const { ledger, counters, wall } = this.#sources;
    const final = ledger.attached.has(index) ? counters.finalCounters(index) : null;
    if (final !== null) ledger.count(index, final, this.#since(index, at), wall());
    ledger.detach(index, true);
    this.#facts.delete(index);
    this.#readAt.delete(index);
    this.#levels.delete(index);
  }

  look(at: number): void {
    for (const [index, { policy }] of this.#sources.ledger.attached) {
      const isDue = policy.kind === 'metered' || this.#since(index, at) >= unhurried - early;
      if (isDue) this.#read(index, at);
    }
  }

  /** Reads all counters, however long ago they were read. */
  readAll(at: number): void {
    for (const index of this.#sources.ledger.attached.keys()) this.#read(index, at);
  }

  takeLevels(): readonly LevelChange[] {
    const { ledger, wall } = this.#sources;
    const now = wall();
    const changes: LevelChange[] = [];
    for (const [index, { identity, policy }] of ledger.attached) {
      const account = policy.kind === 'metered' ? ledger.accountAt(identity, now) : undefined;
      const level = account === undefined ? 'below' : levelIn(account);
      const before = this.#levels.get(index) ?? 'below';
      if (level === before) continue;
      this.#levels.set(index, level);
      const wasTold = account === undefined ? 'below' : (currentOf(account)?.told ?? 'below');
      changes.push({ index, level, isKnown: isAbove(level, before) && !isAbove(level, wasTold) });
      if (account !== undefined) ledger.replace(told(account));
    }
    return changes;
  }

  #attach(facts: InterfaceFacts, isNew: boolean, at: number): void {
    const { ledger, counters, meteringOf, wall } = this.#sources;
    const { index, name } = facts;
    const metering = meteringOf(facts);
    const shown = counters.counters(index);
    // One that shows nothing is gone already, which is told in a moment.
    if (metering === null || (shown === null && !isNew)) {
      ledger.detach(index, false);
      return;
    }
    ledger.attach(index, name, metering, shown, isNew, wall());
    this.#readAt.set(index, at);
  }

  #read(index: number, at: number): void {
    const { ledger, counters, wall } = this.#sources;
    const now = counters.counters(index);
    if (now === null) return;
    ledger.count(index, now, this.#since(index, at), wall());
    this.#readAt.set(index, at);
  }

  #since(index: number, at: number) {
    return milliseconds(at - (this.#readAt.get(index) ?? at));
  }
}

const isSameDevice = (a: InterfaceFacts, b: InterfaceFacts): boolean =>
  a.name === b.name && a.macAddress === b.macAddress && a.device === b.device && a.isEnslaved === b.isEnslaved;
