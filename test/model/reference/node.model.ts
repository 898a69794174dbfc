import type { Config } from '../../../src/model/config.ts';
import { families, perFamily, type Family, type PerFamily } from '../../../src/model/family.ts';
import type { InterfaceFacts, InterfaceType } from '../../../src/model/interface.ts';
import type { SelectionRule } from '../../../src/model/status.ts';
import type { BudgetLevel } from '../../../src/model/usage.ts';
import { isPresent } from './candidacy.model.ts';
import { InterfaceModel } from './interface.model.ts';
import { SelectionModel, type Candidate } from './selection.model.ts';

/** DISC-3 in so far as names tell. */
const typeOf = (name: string): InterfaceType => {
  const prefixes = { eth: 'ethernet', wlan: 'wifi', wwan: 'lteModem', usb: 'usbTether' } as const;
  return Object.entries(prefixes).find(([prefix]) => name.startsWith(prefix))?.[1] ?? 'unknown';
};

interface Blame {
  readonly family: Family;
  readonly target: string;
  readonly index: number | null;
}

interface Told {
  readonly family: Family;
  readonly from: string | null;
  readonly to: string | null;
  readonly rule: SelectionRule;
}

/** The whole node: interfaces that take each other's addresses into account, and one choice for each family. */
export class NodeModel {
  readonly interfaces = new Map<number, InterfaceModel>();
  selections: PerFamily<SelectionModel> | null = null;
  /** Every change of the active uplink. */
  readonly switches: Told[] = [];
  readonly #config: Config;
  readonly #emergency: readonly string[];
  readonly #candidates = perFamily(() => new Map<number, Candidate>());
  #active: PerFamily<number | null> = { ipv4: null, ipv6: null };
  /** The latest of each, which the interface itself may be told a moment later. */
  readonly #facts = new Map<number, InterfaceFacts>();
  readonly #names = new Map<number, string>();
  readonly #budgets = new Map<number, BudgetLevel>();
  onBattery: boolean | null = null;
  #blames: readonly Blame[] = [];
  #pinned: string | null = null;

  constructor(config: Config, emergency: readonly string[]) {
    this.#config = config;
    this.#emergency = emergency;
  }

  observe(incumbents: PerFamily<number | null>, now: number): void {
    this.#active = incumbents;
    this.selections = perFamily((family) => {
      const candidates = [...this.#candidates[family].values()];
      return new SelectionModel(this.#config.selection, candidates, this.#pinned, incumbents[family], now);
    });
    this.#tell();
  }

  /** `budget`: what is known of it already, for one that only has another name. */
  find(facts: InterfaceFacts, now: number, budget: BudgetLevel = 'below'): void {
    this.#forget(facts.index, now);
    // Nothing that was said of an index before holds for the one that has it now.
    this.#blames = this.#blames.filter((one) => one.index !== facts.index);
    this.#names.set(facts.index, facts.name);
    this.#facts.set(facts.index, facts);
    this.#giveBack(now);
    const claimed = this.#claimedBy(facts);
    const made = new InterfaceModel(facts, typeOf(facts.name), claimed, this.#config, now, budget);
    this.#budgets.set(facts.index, budget);
    this.interfaces.set(facts.index, made);
    for (const family of families) made.blame(family, this.#blamed(family, facts.index), now);
    this.#push(facts.index, now);
    this.#claim(now);
  }

  change(facts: InterfaceFacts, now: number): void {
    const known = this.interfaces.get(facts.index);
    if (known === undefined || known.facts.name !== facts.name) {
      return this.find(facts, now, this.#budgets.get(facts.index));
    }
    this.#facts.set(facts.index, facts);
    // Who gets an address back can take over, and who loses one need not: in this order no moment is without an uplink.
    this.#giveBack(now, facts.index);
    known.change(facts, now);
    this.#push(facts.index, now);
    this.#claim(now);
  }

  use(index: number, level: BudgetLevel, now: number): void {
    this.#budgets.set(index, level);
    this.about(index, now, (one) => one.use(level, now));
  }

  lose(index: number, now: number): void {
    this.#forget(index, now);
    this.#claim(now);
  }

  #forget(index: number, now: number): void {
    if (!this.interfaces.delete(index)) return;
    this.#facts.delete(index);
    this.#blames = this.#blames.filter((one) => one.index !== index);
    for (const family of families) {
      this.#candidates[family].delete(index);
      this.selections?.[family].lose(index, now);
    }
    this.#tell();
  }

  blame(blame: Blame, isBlamed: boolean, now: number): void {
    const key = JSON.stringify(blame);
    this.#blames = this.#blames.filter((one) => JSON.stringify(one) !== key);
    if (isBlamed) this.#blames = [...this.#blames, blame];
    for (const [index, one] of this.interfaces) {
      this.about(index, now, () => one.blame(blame.family, this.#blamed(blame.family, index), now));
    }
  }

  pin(name: string | null, now: number): void {
    this.#pinned = name;
    for (const family of families) this.selections?.[family].pin(name, now);
    this.#tell();
  }

  /** Something comes to one interface, and what follows from it to the choice. */
  about(index: number, now: number, come: (one: InterfaceModel) => void): void {
    const one = this.interfaces.get(index);
    if (one === undefined) return;
    come(one);
    this.#push(index, now);
  }

  /** The next instant at which something happens by itself. */
  nextDeadline(): number | null {
    const ofInterfaces = [...this.interfaces.values()].flatMap(({ lifecycle, damping }) => [
      lifecycle.pending?.dueAt ?? Infinity,
      // The first whole millisecond at which the penalty is below the limit.
      damping.reusedAt === null ? Infinity : Math.floor(damping.reusedAt) + 1,
    ]);
    const ofSelections = families.flatMap((family) => {
      const awaited = this.selections?.[family].awaited ?? null;
      return awaited === null || awaited.roundsLeft > 0 ? [] : [awaited.dueAt];
    });
    const next = Math.min(...ofInterfaces, ...ofSelections);
    return next === Infinity ? null : next;
  }

  advance(now: number): void {
    for (let at = this.nextDeadline(); at !== null && at <= now; at = this.nextDeadline()) {
      const instant = at;
      const inTurn = [...this.interfaces].toSorted(([, a], [, b]) => orderOf(a) - orderOf(b));
      for (const [index] of inTurn) this.about(index, at, (one) => one.advance(instant));
      for (const family of families) this.selections?.[family].advance(at);
      this.#tell();
    }
  }

  #push(index: number, now: number): void {
    const one = this.interfaces.get(index);
    if (one === undefined) return;
    for (const family of families) {
      const health = one.health[family];
      const candidate: Candidate = {
        index,
        name: one.facts.name,
        isUsable: one.paths[family] !== null,
        verdict: health.verdict,
        isEmergencyOnly: this.#emergency.includes(one.facts.name),
        lifecycle: one.lifecycle.state,
        isSuppressed: one.damping.isSuppressed,
        score: one.score(family).total,
        scoreLessOneLoss: one.scoreLessOneLoss(family),
        bias: this.#config.scoring.bias[one.type],
        rounds: health.finishedRounds,
        lostSamples: health.lostSamples,
      };
      this.#candidates[family].set(index, candidate);
      this.selections?.[family].change(candidate, now);
    }
    this.#tell();
  }

  /** DISC-5: of two with the same address only the better one has it: by the bias of the type, then by the name. */
  #claimedBy(facts: InterfaceFacts): readonly string[] {
    const own = addressesOf(facts);
    const isBetter = (other: InterfaceFacts): boolean => {
      const { bias } = this.#config.scoring;
      const lead = bias[typeOf(other.name)] - bias[typeOf(facts.name)];
      return lead > 0 || (lead === 0 && other.name < facts.name);
    };
    return [...this.#facts.values()]
      .filter((other) => other.index !== facts.index && isPresent(other) && typeOf(other.name) !== 'unknown')
      .filter(isBetter)
      .flatMap((other) => addressesOf(other).filter((address) => own.includes(address)));
  }

  /** Tells those who have an address for themselves again, and the one that it comes from (`by`). */
  #giveBack(now: number, by: number | null = null): void {
    for (const [index, one] of this.interfaces) {
      const facts = this.#facts.get(index);
      const claimed = facts === undefined ? [] : this.#claimedBy(facts);
      const isOwnOrLess = index === by || claimed.every((address) => one.claimed.includes(address));
      if (isOwnOrLess) this.about(index, now, () => one.claim(claimed, now));
    }
  }

  #claim(now: number): void {
    for (const [index, facts] of this.#facts) {
      this.about(index, now, (one) => one.claim(this.#claimedBy(facts), now));
    }
  }

  #blamed(family: Family, index: number): readonly string[] {
    const its = this.#blames.filter((one) => one.family === family && (one.index === null || one.index === index));
    return [...new Set(its.map(({ target }) => target))];
  }

  #tell(): void {
    if (this.selections === null) return;
    for (const family of families) {
      const { active } = this.selections[family];
      const before = this.#active[family];
      if ((active?.index ?? null) === before) continue;
      const nameOf = (index: number | null): string | null =>
        index === null ? null : (this.#names.get(index) ?? null);
      const rule = active?.rule ?? 'usable';
      this.switches.push({ family, from: nameOf(before), to: nameOf(active?.index ?? null), rule });
    }
    this.#active = perFamily((family) => this.selections?.[family].active?.index ?? null);
  }
}

const orderOf = ({ lifecycle }: InterfaceModel): number => lifecycle.pending?.order ?? 0;

const addressesOf = ({ addresses: { ipv4, ipv6 } }: InterfaceFacts): readonly string[] =>
  [...ipv4, ...ipv6].map(({ address }) => address);
