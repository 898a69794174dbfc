import type { Config } from '../../../src/model/config.ts';
import { families, perFamily, type Family } from '../../../src/model/family.ts';
import type { InterfaceFacts, InterfaceType } from '../../../src/model/interface.ts';
import type { Round, Sample, Verdict } from '../../../src/model/probe.ts';
import type { LifecycleState } from '../../../src/model/status.ts';
import type { BudgetLevel } from '../../../src/model/usage.ts';
import { GatewayModel, isPresent, pathModel } from './candidacy.model.ts';
import { isBlockedModel } from './cost.model.ts';
import { DampingModel } from './damping.model.ts';
import { HealthModel } from './health.model.ts';
import { LifecycleModel } from './lifecycle.model.ts';
import { forgiven, scoreModel } from './score.model.ts';

const fromBest: readonly Verdict[] = ['healthy', 'degraded', 'failed', 'unknown'];

/** One interface: what its parts (lifecycle, health, damping, candidacy, score) say together. */
export class InterfaceModel {
  facts: InterfaceFacts;
  readonly type: InterfaceType;
  readonly lifecycle: LifecycleModel;
  readonly damping: DampingModel;
  readonly health: Readonly<Record<Family, HealthModel>>;
  paths: Record<Family, { readonly source: string; readonly gateway: string } | null>;
  claimed: readonly string[];
  #isBlocked: boolean;
  readonly #gateways = perFamily((family) => new GatewayModel(family));
  readonly #config: Config;

  constructor(
    facts: InterfaceFacts,
    type: InterfaceType,
    claimed: readonly string[],
    config: Config,
    now: number,
    budget: BudgetLevel = 'below',
  ) {
    this.facts = facts;
    this.#isBlocked = isBlockedModel(type, budget);
    this.type = type;
    this.claimed = claimed;
    this.#config = config;
    this.health = perFamily(
      (family) =>
        new HealthModel(
          config.probe,
          config.probe.targets[family].map(({ text }) => text),
        ),
    );
    this.damping = new DampingModel(config.selection.damping);
    this.lifecycle = new LifecycleModel(config.lifecycle, isPresent(facts), now);
    this.paths = this.#newPaths();
  }

  advance(now: number): void {
    this.lifecycle.advance(now);
    this.damping.advance(now);
  }

  change(facts: InterfaceFacts, now: number): void {
    const before = this.facts;
    this.facts = facts;
    if (before.hasCarrier && !facts.hasCarrier) this.damping.flap(now);
    if (isPresent(before) && !isPresent(facts)) this.lifecycle.lose(now);
    this.#follow(now);
    if (!isPresent(before) && isPresent(facts)) this.lifecycle.find(now);
  }

  use(level: BudgetLevel, now: number): void {
    this.#isBlocked = isBlockedModel(this.type, level);
    this.#follow(now);
  }

  claim(claimed: readonly string[], now: number): void {
    this.claimed = claimed;
    this.#follow(now);
  }

  finish(family: Family, round: Round, now: number): void {
    const before = this.verdict;
    this.health[family].finish(round, now);
    this.#judge(before, now);
  }

  answerLate(family: Family, id: number, answer: Sample, now: number): void {
    const before = this.verdict;
    this.health[family].answerLate(id, answer, now);
    this.#judge(before, now);
  }

  blame(family: Family, targets: readonly string[], now: number): void {
    const before = this.verdict;
    this.health[family].blame(targets);
    this.#judge(before, now);
  }

  /** Facts of its own come first; rounds count on the path they left by; where none does, the state is none's. */
  recall(
    known: {
      readonly family: Family;
      readonly rounds: readonly (readonly Sample[])[];
      readonly isSamePath: boolean;
      readonly state: LifecycleState | null;
      readonly since: number;
      readonly penalty: number;
      readonly flappedAt: number;
      readonly isSuppressed: boolean;
    },
    now: number,
  ): void {
    if (!this.damping.isSpotless || families.some((family) => !this.health[family].isBlank)) return;
    this.damping.recall(known.penalty, known.flappedAt, known.isSuppressed, now);
    const counts = known.isSamePath && known.rounds.length > 0 && this.paths[known.family] !== null;
    if (counts) this.health[known.family].recall(known.rounds);
    if (counts && known.state !== null && known.state !== 'probing' && this.lifecycle.state === 'probing') {
      this.lifecycle.recall(known.state, known.since, this.verdict, now);
    } else {
      this.lifecycle.judge(this.verdict, now);
    }
  }

  sleep(duration: number, now: number): void {
    const before = this.verdict;
    for (const family of families) this.health[family].clear();
    this.damping.sleep(duration, now);
    this.#judge(before, now);
  }

  /** Of the better family. */
  get verdict(): Verdict {
    return fromBest.find((one) => families.some((family) => this.health[family].verdict === one)) ?? 'unknown';
  }

  get isCandidate(): boolean {
    const own = families.flatMap((family) => this.facts.addresses[family].map(({ address }) => address));
    return (
      isPresent(this.facts) &&
      this.type !== 'unknown' &&
      !this.#isBlocked &&
      own.some((one) => !this.claimed.includes(one))
    );
  }

  score(family: Family) {
    return scoreModel(this.health[family], this.type, this.#config.scoring);
  }

  scoreLessOneLoss(family: Family): number {
    const health = this.health[family];
    const measured = forgiven(health, health.lostSamples, health.window.length);
    return scoreModel(measured, this.type, this.#config.scoring).total;
  }

  #newPaths() {
    return perFamily((family) => {
      const gateway = this.#gateways[family];
      gateway.see(this.facts);
      return this.type === 'unknown' || this.#isBlocked
        ? null
        : pathModel(this.facts, family, gateway.gateway, this.claimed);
    });
  }

  #follow(now: number): void {
    const before = this.verdict;
    const paths = this.#newPaths();
    for (const family of families) {
      if (JSON.stringify(paths[family]) !== JSON.stringify(this.paths[family])) this.health[family].clear();
    }
    this.paths = paths;
    this.#judge(before, now);
  }

  #judge(before: Verdict, now: number): void {
    const { verdict } = this;
    // What never answered cannot get lost.
    const wasReached = families.some((family) => this.health[family].hasAnswered);
    if (verdict === 'failed' && before !== 'failed' && wasReached) this.damping.flap(now);
    if (verdict !== before) this.lifecycle.judge(verdict, now);
  }
}
