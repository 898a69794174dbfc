/** Ends the flows that are stuck to an uplink, each order once: as soon as the kernel sends new ones another way. */
import type { RoutingConfig } from '../../model/config.ts';
import type { Problem } from '../../model/errors.ts';
import type { StrandedFlows } from '../../model/flows.ts';
import type { KernelState } from '../../model/kernel.ts';
import { elapsed, type Instant, type Milliseconds } from '../../model/units.ts';
import { adoptedIncumbents } from '../network/adopt.ts';
import { selectFlows } from './flow-selection.ts';
import type { EndedFlows, FlowTarget } from '../ports.ts';

/** What came of an order. */
export interface EndingReport {
  readonly flows: StrandedFlows;
  /** Null: nothing was done, for nothing may be. */
  readonly ended: EndedFlows | null;
  /** From the order to the last flow. */
  readonly took: Milliseconds;
}

export interface FlowEndingsOptions {
  readonly kernel: { readonly state: KernelState };
  readonly target: FlowTarget;
  readonly routing: RoutingConfig;
  readonly now: () => Instant;
  readonly onReport: (report: EndingReport) => void;
  /** Each problem once, however often it comes. */
  readonly onProblem: (problem: Problem) => void;
}

/**
 * INVARIANTS
 * - An order is carried out at most once, and not at all when it was withdrawn before its turn.
 * - Nothing is ended while the kernel's ranking still begins with the uplink that is left, or is empty.
 * - Without leave to change anything (`execute: false`, `monitorOnly: true`) nothing is ended.
 * - One order after the other: they share the kernel's attention with the switch itself.
 */
export class FlowEndings {
  readonly #options: FlowEndingsOptions;
  readonly #told = new Set<string>();
  #wanted: readonly StrandedFlows[] = [];
  #waiting: readonly StrandedFlows[] = [];
  #working: Promise<void> | null = null;
  #isClosed = false;

  constructor(options: FlowEndingsOptions) {
    this.#options = options;
  }

  /** Takes the orders that stand now. Those that were there before are not carried out again. */
  want(orders: readonly StrandedFlows[]): void {
    if (orders === this.#wanted) return;
    const fresh = orders.filter((order) => !this.#wanted.includes(order));
    this.#waiting = [...this.#waiting.filter((order) => orders.includes(order)), ...fresh];
    this.#wanted = orders;
    this.check();
  }

  /** To be called whenever a route was changed. Costs nothing while nothing waits. */
  check(): void {
    if (this.#waiting.length === 0 || this.#isClosed) return;
    this.#working ??= this.#work().finally(() => {
      this.#working = null;
    });
  }

  /** Ends after the order under way. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#working;
  }

  async #work(): Promise<void> {
    for (let order = this.#takeNext(); order !== undefined; order = this.#takeNext()) {
      // oxlint-disable-next-line no-await-in-loop
      await this.#carryOut(order);
    }
  }

  #takeNext(): StrandedFlows | undefined {
    if (this.#isClosed) return undefined;
    const order = this.#waiting.find((candidate) => !this.#mayEnd() || this.#hasMoved(candidate));
    this.#waiting = this.#waiting.filter((candidate) => candidate !== order);
    return order;
  }

  #mayEnd(): boolean {
    const { execute, monitorOnly } = this.#options.routing;
    return execute && !monitorOnly;
  }

  #hasMoved({ family, index }: StrandedFlows): boolean {
    const { kernel, routing } = this.#options;
    const first = adoptedIncumbents(kernel.state, routing)[family];
    return first !== null && first !== index;
  }

  async #carryOut(flows: StrandedFlows): Promise<void> {
    const { kernel, target, now, onReport } = this.#options;
    const ended = this.#mayEnd() ? await target.end(selectFlows(flows, kernel.state)) : null;
    for (const problem of ended?.problems ?? []) this.#tellOnce(problem);
    onReport({ flows, ended, took: elapsed(flows.since, now()) });
  }

  #tellOnce(problem: Problem): void {
    const key = `${problem.code} ${problem.subject ?? ''}`;
    if (this.#told.has(key)) return;
    this.#told.add(key);
    this.#options.onProblem(problem);
  }
}
