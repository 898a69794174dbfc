import type { SelectionConfig } from '../../../src/model/config.ts';
import type { Verdict } from '../../../src/model/probe.ts';
import type { LifecycleState, SelectionRule } from '../../../src/model/status.ts';

/** An uplink as the choice sees it. */
export interface Candidate {
  readonly index: number;
  readonly name: string;
  readonly isUsable: boolean;
  readonly verdict: Verdict;
  readonly isEmergencyOnly: boolean;
  readonly lifecycle: LifecycleState;
  readonly isSuppressed: boolean;
  readonly score: number;
  readonly scoreLessOneLoss: number;
  readonly bias: number;
  readonly rounds: number;
  readonly lostSamples: number;
}

const fromWorst: readonly LifecycleState[] = ['down', 'probing', 'degraded', 'up'];

/** SEL-1 to SEL-4 for one family: all pairs are compared, rule by rule, in the order in which they are written there. */
export class SelectionModel {
  active: { readonly index: number; readonly rule: SelectionRule; readonly since: number } | null = null;
  awaited: {
    readonly index: number;
    readonly since: number;
    readonly dueAt: number;
    readonly roundsLeft: number;
  } | null = null;
  readonly #config: SelectionConfig;
  readonly #candidates = new Map<number, Candidate>();
  #pinned: string | null;
  #leads = new Map<number, { readonly since: number; readonly rounds: number }>();

  constructor(
    config: SelectionConfig,
    candidates: readonly Candidate[],
    pinned: string | null,
    incumbent: number | null,
    now: number,
  ) {
    this.#config = config;
    this.#pinned = pinned;
    for (const candidate of candidates) this.#candidates.set(candidate.index, candidate);
    // The kernel's ranking names the incumbent (ROUT-8).
    if (incumbent !== null) this.active = { index: incumbent, rule: 'incumbent', since: now };
    this.#decide(now);
  }

  change(candidate: Candidate, now: number): void {
    this.#candidates.set(candidate.index, candidate);
    this.#decide(now);
  }

  lose(index: number, now: number): void {
    this.#candidates.delete(index);
    this.#decide(now);
  }

  pin(name: string | null, now: number): void {
    this.#pinned = name;
    this.#decide(now);
  }

  advance(now: number): void {
    while (this.awaited !== null && this.awaited.roundsLeft <= 0 && this.awaited.dueAt <= now) {
      this.#decide(this.awaited.dueAt);
    }
  }

  get usable(): readonly Candidate[] {
    return [...this.#candidates.values()].filter(({ isUsable }) => isUsable);
  }

  isReachable({ isUsable, verdict }: Candidate): boolean {
    const isUnprobed = this.usable.every((one) => one.verdict === 'unknown');
    return isUsable && (verdict === 'unknown' ? isUnprobed : verdict !== 'failed');
  }

  /** The first rule that tells the two apart, of those that need no patience; above 0 when the first is better. */
  strict(a: Candidate, b: Candidate): { readonly rule: SelectionRule; readonly by: number } | null {
    const worths: readonly (readonly [SelectionRule, (one: Candidate) => number])[] = [
      ['usable', (one) => Number(one.isUsable)],
      ['reachable', (one) => Number(this.isReachable(one))],
      ['pinned', (one) => Number(one.name === this.#pinned)],
      ['cost', (one) => Number(!one.isEmergencyOnly)],
      ['lifecycle', (one) => (one.isSuppressed ? 0 : fromWorst.indexOf(one.lifecycle))],
    ];
    for (const [rule, worth] of worths) if (worth(a) !== worth(b)) return { rule, by: worth(a) - worth(b) };
    return null;
  }

  /** Whether a challenger leads as it must lead to replace a holder, some day (D-008 for the loss that is forgiven). */
  isAhead(challenger: Candidate, holder: Candidate): boolean {
    const lead = challenger.score - holder.scoreLessOneLoss;
    return lead > this.#config.switchMargin || (lead > 0 && challenger.bias > holder.bias);
  }

  /** Of two that do not hold anything. */
  #tell(a: Candidate, b: Candidate): { readonly rule: SelectionRule; readonly by: number } {
    const strict = this.strict(a, b);
    if (strict !== null) return strict;
    if (a.score !== b.score) return { rule: 'score', by: a.score - b.score };
    if (a.bias !== b.bias) return { rule: 'bias', by: a.bias - b.bias };
    return { rule: 'name', by: a.name < b.name ? 1 : -1 };
  }

  #best(list: readonly Candidate[]): Candidate | undefined {
    return list.find((one) => list.every((other) => other === one || this.#tell(one, other).by > 0));
  }

  #decide(now: number): void {
    const { usable } = this;
    const holder = usable.find(({ index }) => index === this.active?.index);
    const others = usable.filter((one) => one !== holder);
    this.#track(holder, others, now);
    this.awaited = null;
    const best = this.#best(others);
    if (best === undefined) {
      if (holder === undefined) this.active = null;
    } else if (holder === undefined) {
      this.#take(best, this.active === null ? this.#ruleOfFirstChoice(best) : 'usable', now);
    } else {
      const rule = this.#duel(holder, best, now);
      if (rule !== null) this.#take(best, rule, now);
    }
  }

  #ruleOfFirstChoice(best: Candidate): SelectionRule {
    const second = this.#best([...this.#candidates.values()].filter((one) => one !== best));
    return second === undefined ? 'only' : this.#tell(best, second).rule;
  }

  /** The rule by which the holder is left; null when it stays. */
  #duel(holder: Candidate, best: Candidate, now: number): SelectionRule | null {
    const { switchAfter, switchRounds, urgentMargin, urgentLosses } = this.#config;
    // SEL-3: if none is reachable the incumbent stays.
    if (!this.usable.some((one) => this.isReachable(one))) return null;
    const isPinned = best.name === this.#pinned && this.isReachable(best);
    // ROUT-8 and D-006: nothing is switched before both sides have a verdict; but an operator's word is one.
    if (holder.verdict === 'unknown' && !isPinned) return null;
    const strict = this.strict(best, promised(holder));
    if (strict !== null) return strict.by > 0 ? strict.rule : null;
    if (best.score - holder.score > urgentMargin && holder.lostSamples >= urgentLosses) return 'score';
    const lead = this.#leads.get(best.index);
    if (lead === undefined) return null;
    const roundsLeft = Math.max(0, switchRounds - (best.rounds - lead.rounds));
    const dueAt = lead.since + switchAfter;
    if (now >= dueAt && roundsLeft === 0) return 'score';
    this.awaited = { index: best.index, since: lead.since, dueAt, roundsLeft };
    return null;
  }

  #take({ index }: Candidate, rule: SelectionRule, now: number): void {
    this.active = { index, rule, since: now };
    this.awaited = null;
    this.#decide(now);
  }

  #track(holder: Candidate | undefined, others: readonly Candidate[], now: number): void {
    const before = this.#leads;
    this.#leads = new Map();
    for (const one of others) {
      if (holder === undefined || !this.isAhead(one, holder) || this.strict(one, promised(holder)) !== null) continue;
      this.#leads.set(one.index, before.get(one.index) ?? { since: now, rounds: one.rounds });
    }
  }
}

/** A healthy incumbent that is not down counts as up: no hold-down delays the choice (SEL-3, LIFE-2). */
const promised = (holder: Candidate): Candidate =>
  holder.verdict === 'healthy' && holder.lifecycle !== 'down' ? { ...holder, lifecycle: 'up' } : holder;
