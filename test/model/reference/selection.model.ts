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
  /** What the active uplink scored when it was taken; null where nothing was known of it. */
  #promise: number | null = null;
  /** When each uplink was left for what it did, one entry for each time that is not forgotten. */
  readonly #falls = new Map<number, { times: number; last: number }>();

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
    this.#falls.delete(index);
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
      const switched = this.#duel(holder, best, now);
      if (switched === null) return;
      if (switched.by === 'score') this.#blame(holder, switched.to, now);
      this.#take(switched.to, switched.by, now);
    }
  }

  #ruleOfFirstChoice(best: Candidate): SelectionRule {
    const second = this.#best([...this.#candidates.values()].filter((one) => one !== best));
    return second === undefined ? 'only' : this.#tell(best, second).rule;
  }

  /** Who takes the place of the holder, and by which rule; null when it stays. */
  #duel(
    holder: Candidate,
    best: Candidate,
    now: number,
  ): { readonly by: SelectionRule; readonly to: Candidate } | null {
    const { switchRounds } = this.#config;
    // SEL-3: if none is reachable the incumbent stays.
    if (!this.usable.some((one) => this.isReachable(one))) return null;
    const isPinned = best.name === this.#pinned && this.isReachable(best);
    // ROUT-8 and D-006: nothing is switched before both sides have a verdict; but an operator's word is one.
    if (holder.verdict === 'unknown' && !isPinned) return null;
    const strict = this.strict(best, promised(holder));
    if (strict !== null) return strict.by > 0 ? { by: strict.rule, to: best } : null;
    const to = this.#firstOfLeaders(holder, best, now);
    if (this.#isUrgent(to, holder)) return { by: 'score', to };
    const lead = this.#leads.get(to.index);
    if (lead === undefined) return null;
    const roundsLeft = Math.max(0, switchRounds - (to.rounds - lead.rounds));
    const dueAt = this.#dueAt(to.index, lead.since);
    if (now >= dueAt && roundsLeft === 0) return { by: 'score', to };
    this.awaited = { index: to.index, since: lead.since, dueAt, roundsLeft };
    return null;
  }

  #isUrgent(one: Candidate, holder: Candidate): boolean {
    const { urgentMargin, urgentLosses } = this.#config;
    return one.score - holder.score > urgentMargin && holder.lostSamples >= urgentLosses;
  }

  /** SEL-2: who has to wait for its falls is asked after all who are due before it. */
  #firstOfLeaders(holder: Candidate, best: Candidate, now: number): Candidate {
    let first = best;
    for (;;) {
      const lead = this.#leads.get(first.index);
      if (lead === undefined || this.#isUrgent(first, holder)) return first;
      const dueAt = this.#dueAt(first.index, lead.since);
      if (dueAt <= now || this.#patience(this.#fallsAt(first.index, now)) === this.#config.switchAfter) return first;
      const sooner = this.usable.filter((one) => {
        const its = this.#leads.get(one.index);
        return its !== undefined && this.#dueAt(one.index, its.since) < dueAt;
      });
      const next = this.#best(sooner);
      if (next === undefined) return first;
      first = next;
    }
  }

  /** SEL-2: the first fall is forgiven; with each further one a lead has to last 30 times as long, up to an hour. */
  #patience(falls: number): number {
    let patience: number = this.#config.switchAfter;
    for (let fall = 2; fall <= falls; fall++) patience = Math.max(patience, Math.min(hour, patience * 30));
    return patience;
  }

  /** SEL-2: each hour one fall is forgotten. */
  #fallsAt(index: number, now: number): number {
    const falls = this.#falls.get(index);
    if (falls === undefined) return 0;
    let left = falls.times;
    for (let forgottenAt = falls.last + hour; left > 0 && forgottenAt <= now; forgottenAt += hour) left--;
    return left;
  }

  /** The first instant at which a lead has lasted for as long as it must at that instant. */
  #dueAt(index: number, since: number): number {
    const { times, last } = this.#falls.get(index) ?? { times: 0, last: 0 };
    const instants = [since + this.#config.switchAfter];
    for (let falls = 0; falls <= times; falls++) {
      instants.push(since + this.#patience(falls), last + (times - falls) * hour);
    }
    return Math.min(...instants.filter((at) => at >= since + this.#patience(this.#fallsAt(index, at))));
  }

  /** SEL-2: whoever is left for a score is to blame when most of the lead is its own fall since it was taken. */
  #blame(left: Candidate, taken: Candidate, now: number): void {
    const fall = this.#promise === null ? Number.POSITIVE_INFINITY : this.#promise - left.score;
    if (fall <= (taken.score - left.score) / 2) return;
    const before = this.#fallsAt(left.index, now);
    const isAtMost = before > 0 && this.#patience(before) === this.#patience(before + 1);
    this.#falls.set(left.index, { times: isAtMost ? before : before + 1, last: now });
  }

  #take({ index, verdict, score }: Candidate, rule: SelectionRule, now: number): void {
    this.#promise = verdict === 'unknown' ? null : score;
    this.active = { index, rule, since: now };
    this.awaited = null;
    this.#leads = new Map();
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

const hour = 3_600_000;

/** A healthy incumbent that is not down counts as up: no hold-down delays the choice (SEL-3, LIFE-2). */
const promised = (holder: Candidate): Candidate =>
  holder.verdict === 'healthy' && holder.lifecycle !== 'down' ? { ...holder, lifecycle: 'up' } : holder;
