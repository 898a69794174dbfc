import { Subject, type Observable, type SchedulerLike } from 'rxjs';
import type { RoutingConfig } from '../../model/config.ts';
import type { Problem } from '../../model/errors.ts';
import type { Family } from '../../model/family.ts';
import { neighbourKey, type KernelChange } from '../../model/kernel.ts';
import { noNetwork, type Holdings, type NetworkIntent, type Operation } from '../../model/network.ts';
import { AttemptLimiter, type AttemptNews, type WorkReport } from '../attempts.ts';
import type { KnownServers } from './desired-network.ts';
import { execute, type Ports } from './execute.ts';
import { Leftovers } from './leftovers.ts';
import { Loop } from '../loop.ts';
import { NeighbourWaits } from './neighbour-waits.ts';
import { RoutingIndex } from './observe.ts';
import type { Plan } from './plan.ts';
import { Planner } from './planner.ts';
import { StandingProblems } from '../standing-problems.ts';
import { rankedTableOf, type Tables } from './tables.ts';

export interface ReconcilerOptions extends Ports {
  readonly routing: RoutingConfig;
  /** The clock of back-off, waits and grace. */
  readonly scheduler: SchedulerLike;
}

export type ReconcilerReport = WorkReport<Operation>;

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
  readonly #loop: Loop;
  #index: RoutingIndex | null = null;
  #unsubscribe: () => void = () => undefined;

  #intent: NetworkIntent = noNetwork;
  #intentText = '';
  #serversText = '[]';
  #plan: Plan = { operations: [], blocked: [], waitingFor: [], problems: [] };
  #leftovers = new Leftovers(new Set(), nothingHeld, 0);
  #isSuperseded = false;

  constructor(options: ReconcilerOptions) {
    this.#options = options;
    const now = (): number => options.scheduler.now();
    this.#attempts = new AttemptLimiter(now);
    this.#waits = new NeighbourWaits(now);
    this.#planner = new Planner(options);
    this.#loop = new Loop(options.scheduler, {
      round: async () => this.#round(),
      isAtRest: () => this.#isAtRest(),
      due: (lookedAt) => [this.#attempts.nextChance(lookedAt), this.#waits.nextEnd(), ...this.#leftovers.due()],
    });
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
    if (this.#loop.isStopping) return;
    const text = JSON.stringify(intent);
    if (text === this.#intentText) return;
    this.#intentText = text;
    this.#change(intent);
  }

  /** The name servers of the uplinks are these from now on. */
  setServers(servers: KnownServers): void {
    const text = JSON.stringify([...servers].map(([index, known]) => [index, known.servers]));
    if (this.#loop.isStopping || text === this.#serversText) return;
    this.#serversText = text;
    this.#planner.knowServers(servers);
    this.#loop.wake();
  }

  /** Reads again what the kernel does not report (settings), and plans anew. */
  refresh(): void {
    this.#planner.forgetSettings();
    this.#loop.wake();
  }

  /** The operations that would be carried out now; empty when the network is as desired. */
  currentPlan(): readonly Operation[] {
    return this.#index === null ? [] : this.#makePlan(this.#index).operations;
  }

  /** Resolves when nothing is left to do: the plan is empty, or what is left has been given up for now. */
  async settled(): Promise<void> {
    return this.#loop.settled();
  }

  /** Gives the network back as it was found, and ends, within 10 s. Returns what could not be removed. Idempotent. */
  async stop(): Promise<readonly Operation[]> {
    if (!this.#loop.isStopping) {
      this.#planner.forgetSettings();
      this.#change(noNetwork);
    }
    await this.#loop.stop();
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
    this.#loop.wake();
  }

  /** Makes a plan, and carries it out; true when there was anything to carry out. */
  async #round(): Promise<boolean> {
    const index = this.#index ?? (await this.#observe());
    if (this.#loop.isStopped) {
      this.#unsubscribe();
      return false;
    }
    this.#isSuperseded = false;
    this.#plan = this.#makePlan(index);
    this.#report(this.#attempts.settle([...this.#plan.operations, ...this.#plan.blocked]));
    this.#waits.retain(this.#planner.neighbours);
    this.#waits.begin(this.#plan.waitingFor);
    const isCarriedOut = await this.#carryOut(this.#plan.operations);
    if (isCarriedOut) await this.#options.kernel.settle();
    return isCarriedOut;
  }

  async #observe(): Promise<RoutingIndex> {
    const { kernel, routing, scheduler } = this.#options;
    await kernel.settle();
    const index = new RoutingIndex(kernel.state, routing);
    this.#index = index;
    const table = rankedTableOf(index, routing);
    const routed = new Set<Family>();
    for (const { family, table: its } of index.ownRoutes.values()) if (its === table) routed.add(family);
    this.#leftovers = new Leftovers(routed, this.#options.links ?? nothingHeld, scheduler.now());
    this.#unsubscribe = kernel.subscribe((changes) => {
      if (this.#takeIn(index, changes)) this.#loop.wake();
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
    if (this.#loop.isStopping) this.#leftovers.forget();
    const plan = this.#planner.plan(this.#intent, index, {
      blocked: this.#attempts.blocked(),
      asked: this.#waits.asked(),
      waitedFor: this.#waits.over(),
      ...this.#leftovers.kept(this.#intent, this.#options.scheduler.now()),
    });
    this.#report(this.#problems.compare(plan.problems));
    return plan;
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
      if (isFailed || this.#isSuperseded || this.#loop.isStopped) break;
    }
    return operations.length > 0;
  }

  #report(news: readonly AttemptNews[]): void {
    for (const one of news) this.#reports.next(one);
  }

  #isAtRest(): boolean {
    const isLeft = this.#plan.blocked.some((operation) => !this.#attempts.hasGivenUp(operation));
    return this.#plan.waitingFor.length === 0 && !isLeft;
  }
}

const nothingHeld: Holdings = { addresses: new Map(), links: new Map() };
