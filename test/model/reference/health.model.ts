import type { ProbeConfig } from '../../../src/model/config.ts';
import { hasAnswered, isLost, type Round, type Sample, type Verdict } from '../../../src/model/probe.ts';
import { instant } from '../../../src/model/units.ts';

interface Known {
  readonly round: Round;
  readonly samples: Sample[];
}

/**
 * What the probes of one family say of one uplink (HLTH-1, HLTH-4, HLTH-5, HLTH-7): every round
 * is kept, and all is counted anew each time.
 */
export class HealthModel {
  readonly lifetime = {
    total: 0,
    successful: 0,
    lastSuccess: null as number | null,
    lastFailure: null as number | null,
  };
  finishedRounds = 0;
  #known: Known[] = [];
  #blamed: readonly string[] = [];
  readonly #config: ProbeConfig;
  readonly #targets: readonly string[];

  constructor(config: ProbeConfig, targets: readonly string[]) {
    this.#config = config;
    this.#targets = targets;
  }

  /** The path is another: what was measured says nothing any more. */
  clear(): void {
    this.#known = [];
    this.finishedRounds = 0;
  }

  get isBlank(): boolean {
    return this.#known.length === 0;
  }

  /** Rounds of an earlier run: evidence, and none of this run's doing. */
  recall(rounds: readonly (readonly Sample[])[]): void {
    this.#known = rounds.map((samples, i) => ({
      round: { id: i - rounds.length, startedAt: instant(0), cause: 'interval', samples },
      samples: [...samples],
    }));
  }

  blame(targets: readonly string[]): void {
    const isAnyLeft = this.#targets.some((target) => !targets.includes(target));
    this.#blamed = isAnyLeft ? targets : [];
  }

  finish(round: Round, now: number): void {
    // What could not be sent says nothing of the way.
    const samples = round.samples.filter(({ failure }) => failure !== 'notPermitted' && failure !== 'internal');
    if (samples.length === 0 || this.#known.some((known) => known.round.id === round.id)) return;
    this.#known.push({ round, samples: [...samples] });
    this.#known.sort((a, b) => a.round.id - b.round.id);
    if (round.cause !== 'crossCheck') this.finishedRounds += 1;
    for (const sample of samples) this.#count(sample, now);
  }

  answerLate(id: number, answer: Sample, now: number): void {
    const known = this.#known.find(({ round }) => round.id === id);
    const at = known?.samples.findIndex((sample) => sample.target === answer.target && !hasAnswered(sample)) ?? -1;
    if (known === undefined || at < 0) return;
    known.samples[at] = answer;
    if (isLost(answer)) return;
    this.lifetime.successful += 1;
    this.lifetime.lastSuccess = now;
  }

  get verdict(): Verdict {
    const { downThreshold, degradedThreshold, degradedLoss } = this.#config;
    if (this.#rounds().length === 0) return 'unknown';
    if (this.consecutiveFailures >= downThreshold) return 'failed';
    const isLossy = this.lossPercent >= degradedLoss;
    return this.consecutiveFailures >= degradedThreshold || isLossy || this.isCaptive ? 'degraded' : 'healthy';
  }

  /** Something has come back by this path. */
  get hasAnswered(): boolean {
    return this.#latest().some(({ samples }) => samples.some(hasAnswered));
  }

  get isCaptive(): boolean {
    return (
      this.#rounds()
        .at(-1)
        ?.some(({ failure }) => failure === 'captivePortal') ?? false
    );
  }

  get consecutiveFailures(): number {
    const rounds = this.#rounds();
    const isFailed = (samples: readonly Sample[]): boolean =>
      samples.filter(hasAnswered).length < Math.min(this.#config.quorum, samples.length);
    const lastGood = rounds.findLastIndex((samples) => !isFailed(samples));
    return rounds.length - 1 - lastGood;
  }

  /** The latest samples, in the order of sending, cross-checks among them. */
  get window(): readonly Sample[] {
    return this.#counted().flat().slice(-this.#config.window);
  }

  get lostSamples(): number {
    return this.window.filter(isLost).length;
  }

  get lossPercent(): number {
    return this.window.length === 0 ? 0 : (100 * this.lostSamples) / this.window.length;
  }

  get successRate(): number {
    const { length } = this.window;
    return length === 0 ? 0 : (length - this.lostSamples) / length;
  }

  get roundTripTimes(): readonly number[] {
    return this.window.flatMap(({ rtt }) => (rtt === null ? [] : [rtt]));
  }

  get averageRtt(): number | null {
    const times = this.roundTripTimes;
    return times.length === 0 ? null : times.reduce((sum, one) => sum + one, 0) / times.length;
  }

  /** On these a quorum can be judged. */
  #rounds(): readonly (readonly Sample[])[] {
    return this.#withoutBlamed(this.#known.filter(({ round }) => round.cause !== 'crossCheck'));
  }

  #counted(): readonly (readonly Sample[])[] {
    return this.#withoutBlamed(this.#latest());
  }

  /** Memory is bounded: of each kind as many rounds are looked at as the window has samples. */
  #latest(): readonly Known[] {
    const isCheck = ({ round }: Known): boolean => round.cause === 'crossCheck';
    const { window } = this.#config;
    const checks = this.#known.filter(isCheck).slice(-window);
    const others = this.#known.filter((known) => !isCheck(known)).slice(-window);
    return [...checks, ...others].toSorted((a, b) => a.round.id - b.round.id);
  }

  #withoutBlamed(known: readonly Known[]): readonly (readonly Sample[])[] {
    return known
      .map(({ samples }) => samples.filter(({ target }) => !this.#blamed.includes(target)))
      .filter((samples) => samples.length > 0);
  }

  #count(sample: Sample, now: number): void {
    this.lifetime.total += 1;
    if (isLost(sample)) {
      this.lifetime.lastFailure = now;
    } else {
      this.lifetime.successful += 1;
      this.lifetime.lastSuccess = now;
    }
  }
}
