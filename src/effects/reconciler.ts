import { Subject, type Observable, type SchedulerLike, type Subscription } from 'rxjs';
import type { RoutingConfig } from '../model/config.ts';
import type { Problem } from '../model/errors.ts';
import { families, perFamily, type Family } from '../model/family.ts';
import { neighbourKey, type KernelChange } from '../model/kernel.ts';
import {
  noNetwork,
  type Holdings,
  type NetworkIntent,
  type Operation,
  type OperationResult,
} from '../model/network.ts';
import { seconds } from '../model/units.ts';
import { AdoptedHoldings } from './adopted-holdings.ts';
import { AttemptLimiter, type AttemptNews } from './attempts.ts';
import type { Circumstances } from './circumstances.ts';
import type { KnownServers } from './desired-network.ts';
import { execute, type Ports } from './execute.ts';
import { NeighbourWaits } from './neighbour-waits.ts';
import { RoutingIndex } from './observe.ts';
import type { Plan } from './plan.ts';
import { Planner } from './planner.ts';
import { StandingProblems } from './standing-problems.ts';
import { rankedTableOf, type Tables } from './tables.ts';

/** How long what a former run left is kept while this one does not know a way out: a tether's lease and validation. */
const adoptionGrace = seconds(30);
/** How long the addresses of a former run's leases stay where this one gets none: servers take their time. */
const holdingsGrace = seconds(60);
/** How long the end may take: an operation that is never answered must not keep the process alive. */
const longestStop = seconds(10);

export interface ReconcilerOptions extends Ports {
  readonly routing: RoutingConfig;
  /** The clock of back-off, waits and grace. */
  readonly scheduler: SchedulerLike;
}

/** What the reconciler tells of its work. */
export type ReconcilerReport =
  | AttemptNews
  | { readonly type: 'operation.executed'; readonly operation: Operation; readonly result: OperationResult };

/**
 * Makes the network what the machines want: observe, plan, execute, observe again, until the plan is empty.
 *
 * INVARIANTS
 * - Nothing is planned before the first full dump of the kernel is in.
 * - One plan is carried out at a time, one operation after the other. The first step that fails ends it.
 * - After a plan was carried out, also in part, the next one is made from what the kernel has then.
 * - A new intent ends the plan under way after the current operation; changes in the kernel wait for its end, and all
 *   that come meanwhile are answered by one new plan.
 * - No operation is repeated without limit (`AttemptLimiter`), so the loop always comes to rest.
 * - With `execute: false` nothing is ever carried out.
 * - What a former run left is taken away only after this one knows a way out for the family, or after 30 s, or at `stop`;
 *   the address of a lease after this one has a lease there, or after 60 s.
 */
export class Reconciler {
  readonly #options: ReconcilerOptions;
  readonly #reports = new Subject<ReconcilerReport>();
  readonly #attempts: AttemptLimiter;
  readonly #waits: NeighbourWaits;
  readonly #planner: Planner;
  readonly #problems = new StandingProblems();
  readonly #waiters = new Set<() => void>();
  #index: RoutingIndex | null = null;
  #unsubscribe: () => void = () => undefined;
  #timer: Subscription | null = null;

  #intent: NetworkIntent = noNetwork;
  #intentText = '';
  #serversText = '[]';
  #plan: Plan = { operations: [], blocked: [], waitingFor: [], problems: [] };
  #keepUntil: Record<Family, number> = { ipv4: 0, ipv6: 0 };
  #adopted = new AdoptedHoldings(nothingHeld);
  #adoptedUntil = 0;

  #phase: 'idle' | 'running' | 'stopped' = 'idle';
  #isStopping = false;
  #isChanged = false;
  #isSuperseded = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    const now = (): number => options.scheduler.now();
    this.#attempts = new AttemptLimiter(now);
    this.#waits = new NeighbourWaits(now);
    this.#planner = new Planner(options);
  }

  /** Results of operations, failures and conflicts that are new, and those that are over. Ends with `stop`. */
  get reports(): Observable<ReconcilerReport> {
    return this.#reports.asObservable();
  }

  /** Which routing table serves whom. */
  get tables(): Tables {
    return this.#planner.tables;
  }

  /** What others do that is in the way, at the moment. */
  get problems(): readonly Problem[] {
    return this.#problems.all();
  }

  /** Takes the newest intent; several in one tick are one. An equal one costs nothing. */
  setIntent(intent: NetworkIntent): void {
    if (this.#isStopping) return;
    const text = JSON.stringify(intent);
    if (text === this.#intentText) return;
    this.#intentText = text;
    this.#change(intent);
  }

  /** The name servers of the uplinks are these from now on. */
  setServers(servers: KnownServers): void {
    const text = JSON.stringify([...servers].map(([index, known]) => [index, known.servers]));
    if (this.#isStopping || text === this.#serversText) return;
    this.#serversText = text;
    this.#planner.knowServers(servers);
    this.#wake();
  }

  /** Reads again what the kernel does not report (settings), and plans anew. */
  refresh(): void {
    this.#planner.forgetSettings();
    this.#wake();
  }

  /** The operations that would be carried out now; empty when the network is as desired. */
  currentPlan(): readonly Operation[] {
    return this.#index === null ? [] : this.#makePlan(this.#index).operations;
  }

  /** Resolves when nothing is left to do: the plan is empty, or what is left has been given up for now. */
  async settled(): Promise<void> {
    if (this.#isAtRest()) return;
    await new Promise<void>((resolve) => {
      this.#waiters.add(resolve);
    });
  }

  /** Gives the network back as it was found, and ends, within 10 s. Returns what could not be removed. Idempotent. */
  async stop(): Promise<readonly Operation[]> {
    if (!this.#isStopping) {
      this.#isStopping = true;
      this.#planner.forgetSettings();
      this.#change(noNetwork);
    }
    const limit = this.#options.scheduler.schedule(() => this.#releaseWaiters(), longestStop);
    await this.settled();
    limit.unsubscribe();
    this.#phase = 'stopped';
    this.#timer?.unsubscribe();
    this.#unsubscribe();
    this.#reports.complete();
    if (this.#index === null || !this.#options.routing.execute) return [];
    const { operations, blocked } = this.#makePlan(this.#index);
    return [...operations, ...blocked];
  }

  #change(intent: NetworkIntent): void {
    this.#intent = intent;
    this.#isSuperseded = true;
    this.#attempts.forgivePutBacks();
    this.#wake();
  }

  #wake(): void {
    this.#isChanged = true;
    if (this.#phase !== 'idle') return;
    this.#phase = 'running';
    queueMicrotask(() => void this.#run());
  }

  async #run(): Promise<void> {
    const index = this.#index ?? (await this.#observe());
    let isCarriedOut = false;
    let plannedAt = this.#options.scheduler.now();
    while (this.#phase === 'running' && (this.#isChanged || isCarriedOut)) {
      this.#isChanged = false;
      this.#isSuperseded = false;
      plannedAt = this.#options.scheduler.now();
      this.#plan = this.#makePlan(index);
      this.#report(this.#attempts.settle([...this.#plan.operations, ...this.#plan.blocked]));
      this.#waits.retain(this.#planner.neighbours);
      this.#waits.begin(this.#plan.waitingFor);
      isCarriedOut = await this.#carryOut(this.#plan.operations);
      if (isCarriedOut) await this.#options.kernel.settle();
    }
    if (this.#phase === 'stopped') return;
    this.#phase = 'idle';
    this.#armTimer(plannedAt);
    if (this.#isAtRest()) this.#releaseWaiters();
  }

  #releaseWaiters(): void {
    for (const resolve of this.#waiters) resolve();
    this.#waiters.clear();
  }

  async #observe(): Promise<RoutingIndex> {
    const { kernel, routing, scheduler } = this.#options;
    await kernel.settle();
    const index = new RoutingIndex(kernel.state, routing);
    this.#index = index;
    const table = rankedTableOf(index, routing);
    for (const { family, table: its } of index.ownRoutes.values()) {
      if (its === table) this.#keepUntil[family] = scheduler.now() + adoptionGrace;
    }
    this.#adopted = new AdoptedHoldings(this.#options.links ?? nothingHeld);
    if (!this.#adopted.isEmpty) this.#adoptedUntil = scheduler.now() + holdingsGrace;
    this.#unsubscribe = kernel.subscribe((changes) => {
      if (this.#takeIn(index, changes)) this.#wake();
    });
    return index;
  }

  /** True when one of the changes may call for another plan. */
  #takeIn(index: RoutingIndex, changes: readonly KernelChange[]): boolean {
    let isRelevant = false;
    for (const change of changes) {
      if (change.object === 'route' || change.object === 'rule') {
        isRelevant = index.apply(change) || isRelevant;
      } else if (change.object === 'neighbour') {
        const neighbour = change.after ?? change.before;
        if (neighbour === null) continue;
        const key = neighbourKey(neighbour);
        if (change.after === null) this.#waits.noteGone(key);
        isRelevant ||= this.#waits.isWaitingFor(key);
      } else if (change.object === 'link') {
        const { before, after } = change;
        if (before?.name !== after?.name) this.#planner.forgetSettings();
        isRelevant ||= before?.name !== after?.name || before?.isUp !== after?.isUp;
        const index = (after ?? before)?.index;
        if (index === undefined) continue;
        isRelevant ||= before?.mtu !== after?.mtu && this.#planner.holds(index);
        isRelevant = this.#attempts.lift(index) || isRelevant;
      } else {
        const address = change.after ?? change.before;
        if (address === null) continue;
        isRelevant ||= this.#planner.holds(address.linkIndex);
        isRelevant = this.#attempts.lift(address.linkIndex) || isRelevant;
      }
    }
    return isRelevant;
  }

  #makePlan(index: RoutingIndex): Plan {
    const plan = this.#planner.plan(this.#intent, index, this.#circumstances());
    this.#report(this.#problems.compare(plan.problems));
    return plan;
  }

  #circumstances(): Omit<Circumstances, 'written'> {
    const now = this.#options.scheduler.now();
    const isKept = (family: Family): boolean =>
      !this.#isStopping && this.#intent.ranking[family].length === 0 && now < this.#keepUntil[family];
    for (const family of families) if (!isKept(family)) this.#keepUntil[family] = 0;
    this.#adopted.note(this.#intent);
    if (this.#isStopping || now >= this.#adoptedUntil) this.#adopted.clear();
    return {
      blocked: this.#attempts.blocked(),
      asked: this.#waits.asked(),
      waitedFor: this.#waits.over(),
      keep: perFamily(isKept),
      adopted: this.#adopted.all(),
    };
  }

  /** True when anything was carried out. */
  async #carryOut(operations: readonly Operation[]): Promise<boolean> {
    if (!this.#options.routing.execute) return false;
    for (const operation of operations) {
      if (operation.type === 'neighbour.resolve') this.#waits.noteAsked(neighbourKey(operation.neighbour));
      const result = await execute(operation, this.#options);
      this.#planner.noteCarriedOut(operation, result);
      const news = this.#attempts.record(operation, result);
      this.#reports.next({ type: 'operation.executed', operation, result });
      if (news !== null) this.#reports.next(news);
      const isFailed = !result.ok && result.retry !== 'satisfied';
      if (isFailed || this.#isSuperseded) break;
    }
    return operations.length > 0;
  }

  #report(news: readonly AttemptNews[]): void {
    for (const one of news) this.#reports.next(one);
  }

  #isAtRest(): boolean {
    if (this.#phase === 'stopped') return true;
    if (this.#phase === 'running') return false;
    const isLeft = this.#plan.blocked.some((operation) => !this.#attempts.hasGivenUp(operation));
    return this.#plan.waitingFor.length === 0 && !isLeft;
  }

  /** What came due after the plan had looked at the clock is due at once: nothing else would wake the loop for it. */
  #armTimer(plannedAt: number): void {
    this.#timer?.unsubscribe();
    this.#timer = null;
    const { scheduler } = this.#options;
    const times = [
      this.#attempts.nextChance(plannedAt),
      this.#waits.nextEnd(),
      ...families.map((family) => this.#keepUntil[family]),
      this.#adopted.isEmpty ? null : this.#adoptedUntil,
    ].filter((time) => time !== null && time > plannedAt);
    if (times.length === 0) return;
    this.#timer = scheduler.schedule(() => this.#wake(), Math.max(0, Math.min(...times.map(Number)) - scheduler.now()));
  }
}

const nothingHeld: Holdings = { addresses: new Map(), links: new Map() };
