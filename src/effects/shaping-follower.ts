import { Subject, type Observable, type SchedulerLike, type Subscription } from 'rxjs';
import type { Problem } from '../model/errors.ts';
import { families } from '../model/family.ts';
import { noNetwork, type NetworkIntent, type OperationResult } from '../model/network.ts';
import { noShaping, type DesiredShaping, type ObservedShaping, type ShapingOperation } from '../model/shaping.ts';
import { seconds } from '../model/units.ts';
import { AttemptLimiter, type AttemptNews } from './attempts.ts';
import { operationKey } from './operations.ts';
import { desiredShaping, type ShapingSettings } from './shaping.desired.ts';
import { executeShaping, type ShapingPorts } from './shaping.execute.ts';
import { planShaping, unavailable, type ShapingPlan } from './shaping.plan.ts';
import { StandingProblems } from './standing-problems.ts';

/** How long what a former run left is kept while this one does not know a way out. */
const adoptionGrace = seconds(30);
/** How long the end may take: a program that never ends must not keep the process alive. */
const longestStop = seconds(10);

export interface ShapingFollowerOptions extends ShapingPorts {
  readonly settings: ShapingSettings;
  /** False: plans are made and nothing is done. */
  readonly execute: boolean;
  readonly scheduler: SchedulerLike;
}

/** What the follower tells of its work. */
export type ShapingReport =
  | AttemptNews
  | { readonly type: 'operation.executed'; readonly operation: ShapingOperation; readonly result: OperationResult };

type BlockedPlan = ShapingPlan & { readonly blocked: readonly ShapingOperation[] };

/**
 * Has traffic shared out where it shall be: on the hotspot, on the active uplink, and on those that are slowed down.
 *
 * It is a loop of its own beside that of routes, for it starts programs, and no switch may wait for those.
 *
 * INVARIANTS
 * - One operation at a time; after each, or its failure, everything is read and planned anew.
 * - Between changes nothing is read but by `refresh`: nobody reports changes of qdiscs cheaply.
 * - What a former run left is taken away only after this one knows a way out, or after 30 s, or at `stop`.
 * - A kernel that shares nothing out is asked once; it is said, and traffic flows as it does.
 */
export class ShapingFollower {
  readonly #options: ShapingFollowerOptions;
  readonly #reports = new Subject<ShapingReport>();
  readonly #attempts: AttemptLimiter;
  readonly #problems = new StandingProblems();
  readonly #waiters = new Set<() => void>();
  #network: NetworkIntent = noNetwork;
  #hotspot: string | null = null;
  #isRelaying = false;
  #desiredText = '';
  /** Null before the first reading, and where nothing can be read. */
  #observed: ObservedShaping | null = null;
  /** Why nothing can be shared out here, for good, or as long as nothing can be read. */
  #unavailable: Problem | null = null;
  #unreadable: Problem | null = null;
  #keepUntil: number;
  #phase: 'idle' | 'running' | 'stopped' = 'idle';
  #isStopping = false;
  #isChanged = false;
  #timers: Subscription[] = [];
  #plan: BlockedPlan = { operations: [], problems: [], blocked: [] };

  constructor(options: ShapingFollowerOptions) {
    this.#options = options;
    const now = (): number => options.scheduler.now();
    this.#attempts = new AttemptLimiter(now);
    this.#keepUntil = options.journal.isRecorded ? now() + adoptionGrace : 0;
    if (this.#keepUntil > 0) this.#later(adoptionGrace);
  }

  /** Results of operations, failures and conflicts that are new, and those that are over. Ends with `stop`. */
  get reports(): Observable<ShapingReport> {
    return this.#reports.asObservable();
  }

  /** Takes the newest intent. One that changes nothing here costs nothing. */
  setIntent(network: NetworkIntent): void {
    this.#network = network;
    if (families.some((family) => network.ranking[family].length > 0)) this.#keepUntil = 0;
    this.#reconsider();
  }

  /** The interface that clients are on; null: there is no hotspot. */
  setHotspot(name: string | null): void {
    this.#hotspot = name;
    this.#reconsider();
  }

  /** Whether relayed traffic is shared out on the active uplink. */
  setRelaying(isRelaying: boolean): void {
    this.#isRelaying = isRelaying;
    this.#reconsider();
  }

  /** Reads everything again. */
  refresh(): void {
    this.#wake();
  }

  /** The operations that would be carried out now, by what was read last. */
  currentPlan(): readonly ShapingOperation[] {
    return this.#makePlan().operations;
  }

  /** Why traffic is not shared out as it should be; empty: it is, or nobody wants it. */
  problems(): readonly Problem[] {
    return this.#problems.all();
  }

  /** Resolves when nothing is left to do, or what is left has been given up for now. */
  async settled(): Promise<void> {
    if (this.#isAtRest()) return;
    await new Promise<void>((resolve) => {
      this.#waiters.add(resolve);
    });
  }

  /** Gives everything back, and ends, within 10 s. Returns what could not be. Idempotent. */
  async stop(): Promise<readonly ShapingOperation[]> {
    if (!this.#isStopping) {
      this.#isStopping = true;
      this.#keepUntil = 0;
      this.#attempts.forgivePutBacks();
      this.#wake();
    }
    const limit = this.#options.scheduler.schedule(() => this.#releaseWaiters(), longestStop);
    await this.settled();
    limit.unsubscribe();
    this.#phase = 'stopped';
    for (const timer of this.#timers) timer.unsubscribe();
    this.#reports.complete();
    if (!this.#options.execute) return [];
    const { operations, blocked } = this.#makePlan();
    const left = [...operations, ...blocked];
    if (left.length === 0 && this.#observed !== null) this.#options.journal.forget();
    return left;
  }

  #reconsider(): void {
    if (this.#isStopping) return;
    // With the indexes: a link that is made anew under its old name has nothing on it.
    const text = JSON.stringify([this.#desired(), this.#network.uplinks.map(({ index, name }) => [index, name])]);
    if (text === this.#desiredText) return;
    this.#desiredText = text;
    this.#attempts.forgivePutBacks();
    this.#wake();
  }

  #desired(): DesiredShaping {
    if (this.#isStopping || this.#unavailable !== null) return noShaping;
    const wishes = { network: this.#network, hotspot: this.#hotspot, isRelaying: this.#isRelaying };
    return desiredShaping(wishes, this.#options.settings);
  }

  #wake(): void {
    this.#isChanged = true;
    if (this.#phase !== 'idle') return;
    this.#phase = 'running';
    queueMicrotask(() => void this.#run());
  }

  #later(wait: number): void {
    const timer = this.#options.scheduler.schedule(() => {
      this.#timers = this.#timers.filter((one) => one !== timer);
      this.#wake();
    }, wait);
    this.#timers.push(timer);
  }

  async #run(): Promise<void> {
    let startedAt = this.#options.scheduler.now();
    let isCarriedOut = false;
    while (this.#phase === 'running' && (this.#isChanged || isCarriedOut)) {
      startedAt = this.#options.scheduler.now();
      this.#isChanged = false;
      await this.#read();
      this.#plan = this.#makePlan();
      const { operations, blocked, problems } = this.#plan;
      this.#report(this.#problems.compare(problems));
      this.#report(this.#attempts.settle([...operations, ...blocked]));
      const [operation] = operations;
      isCarriedOut = operation !== undefined && this.#options.execute;
      if (isCarriedOut && operation !== undefined) await this.#carryOut(operation);
    }
    if (this.#phase === 'stopped') return;
    this.#phase = 'idle';
    const next = this.#attempts.nextChance(startedAt);
    if (next !== null) this.#later(Math.max(0, next - this.#options.scheduler.now()));
    if (this.#isAtRest()) this.#releaseWaiters();
  }

  async #read(): Promise<void> {
    const reading = await this.#options.target.read(this.#desired().sorting);
    this.#observed = reading.ok ? reading.observed : null;
    this.#unreadable = reading.ok ? null : unavailable(reading.problem.message);
  }

  #makePlan(): BlockedPlan {
    const obstacle = this.#unavailable ?? this.#unreadable;
    const own = obstacle === null || this.#isStopping ? [] : [obstacle];
    if (this.#observed === null) return { operations: [], blocked: [], problems: own };
    const keep = this.#keepUntil > this.#options.scheduler.now();
    const plan = planShaping(this.#desired(), this.#observed, { keep });
    const notBefore = this.#attempts.blocked();
    const isBlocked = (operation: ShapingOperation): boolean => notBefore.has(operationKey(operation));
    return {
      operations: plan.operations.filter((one) => !isBlocked(one)),
      blocked: plan.operations.filter(isBlocked),
      problems: [...own, ...plan.problems],
    };
  }

  async #carryOut(operation: ShapingOperation): Promise<void> {
    const result = await executeShaping(operation, this.#options);
    this.#reports.next({ type: 'operation.executed', operation, result });
    if (!result.ok && result.code === 'kernel.featureMissing') {
      // It will be as little possible in a minute: what is wanted of it is wanted no more.
      this.#unavailable = unavailable(result.message);
      this.#isChanged = true;
      return;
    }
    const news = this.#attempts.record(operation, result);
    if (news !== null) this.#reports.next(news);
  }

  #report(news: readonly AttemptNews[]): void {
    for (const one of news) this.#reports.next(one);
  }

  #isAtRest(): boolean {
    if (this.#phase === 'stopped') return true;
    if (this.#phase === 'running') return false;
    return this.#plan.blocked.every((operation) => this.#attempts.hasGivenUp(operation));
  }

  #releaseWaiters(): void {
    for (const resolve of this.#waiters) resolve();
    this.#waiters.clear();
  }
}
