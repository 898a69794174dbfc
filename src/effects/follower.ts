import { Subject, type Observable, type SchedulerLike } from 'rxjs';
import type { Problem } from '../model/errors.ts';
import type { Operation, OperationResult } from '../model/network.ts';
import { AttemptLimiter, type AttemptNews, type WorkReport } from './attempts.ts';
import { adoptionGrace, Loop } from './loop.ts';
import { operationKey } from './operations.ts';
import { StandingProblems } from './standing-problems.ts';

/** What is followed, and how. */
export interface Followed<One extends Operation> {
  /** Reads what a plan is made from. `hasChanged`: more may have changed than what was carried out just now. */
  readonly read: (hasChanged: boolean) => Promise<void>;
  /** The way from what was read to what is wanted. `keep`: what a former run left is not taken away yet. */
  readonly plan: (keep: boolean) => { readonly operations: readonly One[]; readonly problems: readonly Problem[] };
  /** Never rejects. */
  readonly carryOut: (operation: One) => Promise<OperationResult>;
  /** True: what has failed so is wanted no more; it counts as no attempt. */
  readonly isAbandoned?: (result: OperationResult) => boolean;
}

export interface FollowerOptions {
  /** False: a dry run; plans are made and nothing is done. */
  readonly execute: boolean;
  readonly scheduler: SchedulerLike;
}

interface Plan<One> {
  readonly operations: readonly One[];
  /** Planned, and not to be tried yet. */
  readonly blocked: readonly One[];
  readonly problems: readonly Problem[];
}

/**
 * Has something follow what the machines want, beside the routes: reads, plans, carries out, until the plan is empty.
 *
 * It is a loop of its own, for it starts programs, and no switch may wait for those.
 *
 * INVARIANTS
 * - One operation at a time; after each, or its failure, everything is planned anew.
 * - No operation is repeated without limit (`AttemptLimiter`).
 * - A problem is told once when it comes, and once when it is over.
 * - What a former run left is kept until this one knows a way out, or for 30 s, or until `stop`.
 * - With `execute: false` nothing is ever carried out.
 */
export class Follower<One extends Operation> {
  readonly #followed: Followed<One>;
  readonly #options: FollowerOptions;
  readonly #reports = new Subject<WorkReport<One>>();
  readonly #attempts: AttemptLimiter;
  readonly #problems = new StandingProblems();
  readonly #loop: Loop;
  #keepUntil = 0;
  #plan: Plan<One> = { operations: [], blocked: [], problems: [] };

  /** `isAdopting`: a former run has left something. */
  constructor(followed: Followed<One>, isAdopting: boolean, options: FollowerOptions) {
    const { scheduler } = options;
    this.#followed = followed;
    this.#options = options;
    this.#attempts = new AttemptLimiter(() => scheduler.now());
    this.#loop = new Loop(scheduler, {
      round: async (hasChanged) => this.#round(hasChanged),
      isAtRest: () => this.#plan.blocked.every((operation) => this.#attempts.hasGivenUp(operation)),
      due: (lookedAt) => [this.#attempts.nextChance(lookedAt)],
    });
    if (!isAdopting) return;
    this.#keepUntil = scheduler.now() + adoptionGrace;
    this.#loop.later(adoptionGrace);
  }

  /** Results of operations, failures and conflicts that are new, and those that are over. Ends with `stop`. */
  get reports(): Observable<WorkReport<One>> {
    return this.#reports.asObservable();
  }

  /** From the call of `stop` on: nothing is wanted any more but to give back. */
  get isStopping(): boolean {
    return this.#loop.isStopping;
  }

  /** What is wrong at the moment. */
  get problems(): readonly Problem[] {
    return this.#problems.all();
  }

  /** The operations that would be carried out now, by what was read last. */
  currentPlan(): readonly One[] {
    return this.#makePlan().operations;
  }

  /** A way out is known: what a former run left is of no use any more. */
  forgetAdopted(): void {
    this.#keepUntil = 0;
  }

  /** Something else is wanted. */
  change(): void {
    this.#attempts.forgivePutBacks();
    this.#loop.wake();
  }

  /** Reads everything again. */
  refresh(): void {
    this.#loop.wake();
  }

  /** Reads everything again so long from now, in milliseconds. */
  refreshLater(wait: number): void {
    this.#loop.later(wait);
  }

  /** Resolves when nothing is left to do, or what is left has been given up for now. */
  async settled(): Promise<void> {
    return this.#loop.settled();
  }

  /** Gives everything back, and ends, within 10 s. Returns what could not be. Idempotent. */
  async stop(): Promise<readonly One[]> {
    if (!this.isStopping) this.#attempts.forgivePutBacks();
    await this.#loop.stop();
    this.#reports.complete();
    const { operations, blocked } = this.#makePlan();
    return this.#options.execute ? [...operations, ...blocked] : [];
  }

  /** True when something was carried out. */
  async #round(hasChanged: boolean): Promise<boolean> {
    await this.#followed.read(hasChanged);
    if (this.#loop.isStopped) return false;
    this.#plan = this.#makePlan();
    const { operations, blocked, problems } = this.#plan;
    this.#report(this.#problems.compare(problems));
    this.#report(this.#attempts.settle([...operations, ...blocked]));
    const [operation] = operations;
    if (operation === undefined || !this.#options.execute) return false;
    const result = await this.#followed.carryOut(operation);
    this.#reports.next({ type: 'operation.executed', operation, result });
    if (this.#followed.isAbandoned?.(result) === true) return true;
    const news = this.#attempts.record(operation, result);
    if (news !== null) this.#reports.next(news);
    return true;
  }

  #makePlan(): Plan<One> {
    const { operations, problems } = this.#followed.plan(
      !this.isStopping && this.#keepUntil > this.#options.scheduler.now(),
    );
    const notBefore = this.#attempts.blocked();
    const isBlocked = (operation: One): boolean => notBefore.has(operationKey(operation));
    return { operations: operations.filter((one) => !isBlocked(one)), blocked: operations.filter(isBlocked), problems };
  }

  #report(news: readonly AttemptNews[]): void {
    for (const one of news) this.#reports.next(one);
  }
}
