import {
  BehaviorSubject,
  map,
  merge,
  mergeMap,
  Subject,
  Subscription,
  tap,
  timer,
  type Observable,
  type SchedulerLike,
} from 'rxjs';
import type { ProbeConfig } from '../model/config.ts';
import type { NodeEvent, ProbeIntent } from '../model/events.ts';
import { hasAnswered, isLost, type Round, type Target } from '../model/probe.ts';
import { instant, type Instant, type Milliseconds } from '../model/units.ts';
import type { Clock, Prober } from './ports.ts';
import {
  isRare,
  probeSchedule,
  type BurstMemory,
  type BurstReason,
  type CommonRounds,
} from './probe-schedule.stream.ts';
import { adaptiveTimeout, withRtt, type RttEstimate } from './probe-timeout.ts';
import { isDark, isUnsent, lostBesideAnswers, maxHoldOf, ripen, type OpenRound } from './round-hold.ts';
import { sendRound, type ProbeNews } from './round.stream.ts';
import type { TargetLedger, Witness } from './target-ledger.ts';

export type RoundEvent = Extract<NodeEvent, { type: 'probe.finished' | 'probe.answeredLate' }>;

/** What all uplinks share. */
export interface ProbeTools {
  readonly config: ProbeConfig;
  readonly minTimeout: Milliseconds;
  readonly prober: Prober;
  readonly clock: Clock;
  readonly scheduler: SchedulerLike;
  readonly random: () => number;
  readonly common: CommonRounds;
  readonly ledger: TargetLedger;
  readonly nextRound: () => number;
  /** Puts an event in the outbox. */
  readonly tell: (event: RoundEvent) => void;
  /** Emits what is in the outbox: the last thing that is done, for the listener may change the intents. */
  readonly flush: () => void;
}

/** A round that was sent, until its last probe is over. */
interface SentRound {
  readonly round: OpenRound;
  /** Null while the round is not told yet. A late answer to any other loss is no news. */
  lossesTold: ReadonlySet<string> | null;
  /** Losses that the ledger knows of. */
  readonly reported: Set<string>;
  isDark: boolean;
}

/**
 * The probes of one uplink and family on one path: sends rounds as the schedule says, waits for each target as long as
 * its own round-trip times call for, and tells each round when it is known what its losses mean.
 */
export class UplinkProbes implements Witness {
  readonly #intent$: BehaviorSubject<ProbeIntent>;
  readonly #tools: ProbeTools;
  readonly #targets: ReadonlyMap<string, Target>;
  readonly #wishes$ = new Subject<BurstReason>();
  readonly #changes$ = new Subject<Instant>();
  readonly #checks$ = new Subject<Target>();
  readonly #running = new Subscription();
  readonly #estimates = new Map<string, RttEstimate>();
  readonly #lastAnswered = new Map<string, Instant>();
  readonly #lastSent = new Map<string, Instant>();
  /** Rounds that are not told yet. */
  readonly #untold = new Set<SentRound>();
  /** Set while an alarm will look at the held rounds again. */
  #isWatched = false;
  #lastCheck = -Infinity;
  /** When the latest round started that nothing answered; null: an answer has come since. */
  #darkSince: Instant | null = null;

  constructor(intent: ProbeIntent, tools: ProbeTools) {
    this.#intent$ = new BehaviorSubject(intent);
    this.#tools = tools;
    this.#targets = new Map(
      (intent.targets ?? tools.config.targets[intent.family]).map((target) => [target.text, target]),
    );
  }

  get index(): number {
    return this.#intent$.value.index;
  }

  get family(): ProbeIntent['family'] {
    return this.#intent$.value.family;
  }

  get isReachable(): boolean {
    return this.#intent$.value.isReachable;
  }

  start(memory: BurstMemory): void {
    if (this.#targets.size === 0) return;
    const { config, clock, scheduler, random, common } = this.#tools;
    const checks$ = this.#checks$.pipe(map((target) => this.#send('crossCheck', [target])));
    const asked = { intent$: this.#intent$, wishes$: this.#wishes$, changes$: this.#changes$ };
    const plan = { ...asked, memory, config, clock, scheduler, random, common };
    const schedule$ = probeSchedule(plan).pipe(map((cause) => this.#send(cause, [...this.#targets.values()])));
    this.#running.add(
      merge(checks$, schedule$)
        .pipe(mergeMap((round$) => round$))
        .subscribe(),
    );
  }

  /** Role, interval and reachability may change at any time; a change of path or targets needs new probes. */
  update(intent: ProbeIntent): void {
    this.#intent$.next(intent);
  }

  /** Something looks wrong: measure closely for a while. */
  suspect(): void {
    this.#wishes$.next('signal');
  }

  /** Ends everything; what is under way is aborted, what is not told yet never is. */
  stop(): void {
    this.#running.unsubscribe();
    this.#untold.clear();
  }

  hasAskedSince(target: Target, since: Instant): boolean {
    return (this.#lastSent.get(target.text) ?? -Infinity) >= since;
  }

  crossCheck(target: Target): void {
    const { config, clock } = this.#tools;
    if (isRare(this.#intent$.value, config) && clock.now() - this.#lastCheck < config.standbyBurstInterval) return;
    this.#lastCheck = clock.now();
    this.#checks$.next(target);
  }

  excuse(target: Target): void {
    for (const { round } of this.#untold) {
      if (round.samples.has(target.text)) round.excused.add(target.text);
    }
    this.#tellRipe();
  }

  #send(cause: Round['cause'], targets: readonly Target[]): Observable<ProbeNews> {
    const { config, minTimeout, ledger, nextRound, prober, clock, scheduler } = this.#tools;
    const { index, name, source } = this.#intent$.value;
    const startedAt = instant(clock.now());
    const sent: SentRound = {
      round: {
        id: nextRound(),
        startedAt,
        cause,
        samples: new Map(targets.map(({ text }) => [text, null])),
        excused: new Set(targets.filter((target) => ledger.isBlamed(this, target)).map(({ text }) => text)),
      },
      lossesTold: null,
      reported: new Set(),
      isDark: false,
    };
    this.#untold.add(sent);
    for (const { text } of targets) this.#lastSent.set(text, startedAt);
    const { timeout } = config;
    const bounds = { min: minTimeout, max: timeout };
    const shots = targets.map((target) => ({
      target,
      patience: adaptiveTimeout(this.#estimates.get(target.text), bounds),
    }));
    return sendRound({ interface: { index, name }, source, shots, timeout, prober, clock, scheduler }).pipe(
      tap((news) => this.#hear(sent, news)),
    );
  }

  #hear(sent: SentRound, { target: text, sample, isLate }: ProbeNews): void {
    const { ledger } = this.#tools;
    const { round } = sent;
    const target = this.#targets.get(text);
    if (target === undefined) return;
    if (sample.rtt !== null && sample.failure === null) {
      this.#estimates.set(text, withRtt(this.#estimates.get(text), sample.rtt));
    }
    if (sent.lossesTold === null) round.samples.set(text, sample);
    else if (sent.lossesTold.has(text)) {
      this.#tools.tell({ ...this.#origin(), type: 'probe.answeredLate', round: round.id, sample });
    }
    if (hasAnswered(sample)) {
      const before = this.#lastAnswered.get(text);
      if (before === undefined || before < round.startedAt) this.#lastAnswered.set(text, round.startedAt);
      ledger.answered(this, target, round.startedAt);
      if (this.#darkSince !== null && round.startedAt > this.#darkSince) {
        this.#darkSince = null;
        this.#changes$.next(round.startedAt);
      }
    }
    this.#report(sent);
    if (isLost(sample) && !isUnsent(sample) && !isLate && !ledger.isBlamed(this, target)) this.#wishes$.next('loss');
    this.#tellRipe();
    this.#tools.flush();
  }

  /** Lets the ledger know of losses as soon as it is clear whether another target answered beside them. */
  #report(sent: SentRound): void {
    const { ledger } = this.#tools;
    const { round, reported } = sent;
    const report = (text: string, otherAnswered: boolean): void => {
      const target = this.#targets.get(text);
      if (target === undefined || reported.has(text)) return;
      reported.add(text);
      ledger.failed(this, target, round.startedAt, otherAnswered);
    };
    for (const text of lostBesideAnswers(round)) report(text, true);
    if (sent.isDark || !isDark(round)) return;
    sent.isDark = true;
    const isAlone = round.cause === 'crossCheck';
    for (const [text, sample] of round.samples) {
      // What a cross-check says of its target rests on what the others last said here.
      if (sample !== null) report(text, isAlone && ledger.isAnotherAnswering(this, text));
    }
    if (isAlone) return;
    this.#darkSince = round.startedAt;
    this.#wishes$.next('dark');
    if (round.cause === 'interval') this.#changes$.next(round.startedAt);
  }

  #tellRipe(): void {
    const now = instant(this.#tools.clock.now());
    const maxHold = maxHoldOf(this.#tools.config);
    const context = { now, maxHold, lastAnswered: (text: string) => this.#lastAnswered.get(text) };
    for (const sent of this.#untold) {
      const round = ripen(sent.round, context);
      if (round === 'wait') continue;
      if (round === 'hold') {
        this.#lookAgain(sent.round.startedAt + maxHold - now);
        continue;
      }
      this.#untold.delete(sent);
      const told = round === 'drop' ? [] : round.samples;
      sent.lossesTold = new Set(told.filter((sample) => !hasAnswered(sample)).map(({ target }) => target));
      if (round !== 'drop') this.#tools.tell({ ...this.#origin(), type: 'probe.finished', round });
    }
  }

  /** Looks again when the oldest loss that is held has been waited for long enough. */
  #lookAgain(delay: number): void {
    if (this.#isWatched) return;
    this.#isWatched = true;
    this.#running.add(
      // Rounded up: a timer that is early by a fraction would find the loss still held, again and again.
      timer(Math.max(1, Math.ceil(delay)), this.#tools.scheduler).subscribe(() => {
        this.#isWatched = false;
        this.#tellRipe();
        this.#tools.flush();
      }),
    );
  }

  #origin(): Pick<RoundEvent, 'at' | 'index' | 'family' | 'path'> {
    const { index, family, path } = this.#intent$.value;
    return { at: instant(this.#tools.clock.now()), index, family, path };
  }
}
