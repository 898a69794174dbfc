import type { Observable } from 'rxjs';
import type { Problem } from '../../model/errors.ts';
import { families } from '../../model/family.ts';
import { noNetwork, type NetworkIntent, type OperationResult } from '../../model/network.ts';
import { noShaping, type DesiredShaping, type ObservedShaping, type ShapingOperation } from '../../model/shaping.ts';
import type { WorkReport } from '../attempts.ts';
import { Follower, type FollowerOptions } from '../follower.ts';
import { desiredShaping, type ShapingSettings } from './shaping.desired.ts';
import { executeShaping, type ShapingPorts } from './shaping.execute.ts';
import { planShaping, unavailable, type ShapingPlan } from './shaping.plan.ts';

export interface ShapingFollowerOptions extends ShapingPorts, FollowerOptions {
  readonly settings: ShapingSettings;
}

export type ShapingReport = WorkReport<ShapingOperation>;

/**
 * Has traffic shared out where it shall be: on the hotspot, on the active uplink, and on those that are slowed down.
 *
 * INVARIANTS, besides those of every follower
 * - Between changes nothing is read but by `refresh`: nobody reports changes of qdiscs cheaply.
 * - A kernel that shares nothing out is asked once; it is said, and traffic flows as it does.
 */
export class ShapingFollower {
  readonly #options: ShapingFollowerOptions;
  readonly #follower: Follower<ShapingOperation>;
  #network: NetworkIntent = noNetwork;
  #hotspot: string | null = null;
  #isRelaying = false;
  #desiredText = '';
  /** Null before the first reading, and where nothing can be read. */
  #observed: ObservedShaping | null = null;
  /** Why nothing can be shared out here, for good, or as long as nothing can be read. */
  #unavailable: Problem | null = null;
  #unreadable: Problem | null = null;

  constructor(options: ShapingFollowerOptions) {
    this.#options = options;
    const followed = {
      read: async () => this.#read(),
      plan: (keep: boolean) => this.#plan(keep),
      carryOut: async (operation: ShapingOperation) => executeShaping(operation, options),
      isAbandoned: (result: OperationResult) => this.#noteImpossible(result),
    };
    this.#follower = new Follower(followed, options.journal.isRecorded, options);
  }

  get reports(): Observable<ShapingReport> {
    return this.#follower.reports;
  }

  /** Takes the newest intent. One that changes nothing here costs nothing. */
  setIntent(network: NetworkIntent): void {
    this.#network = network;
    if (families.some((family) => network.ranking[family].length > 0)) this.#follower.forgetAdopted();
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

  refresh(): void {
    this.#follower.refresh();
  }

  currentPlan(): readonly ShapingOperation[] {
    return this.#follower.currentPlan();
  }

  /** Why traffic is not shared out as it should be; empty: it is, or nobody wants it. */
  problems(): readonly Problem[] {
    return this.#follower.problems;
  }

  async settled(): Promise<void> {
    return this.#follower.settled();
  }

  async stop(): Promise<readonly ShapingOperation[]> {
    const left = await this.#follower.stop();
    if (this.#options.execute && left.length === 0 && this.#observed !== null) this.#options.journal.forget();
    return left;
  }

  #reconsider(): void {
    if (this.#follower.isStopping) return;
    // With the indexes: a link that is made anew under its old name has nothing on it.
    const text = JSON.stringify([this.#desired(), this.#network.uplinks.map(({ index, name }) => [index, name])]);
    if (text === this.#desiredText) return;
    this.#desiredText = text;
    this.#follower.change();
  }

  #desired(): DesiredShaping {
    if (this.#follower.isStopping || this.#unavailable !== null) return noShaping;
    const wishes = { network: this.#network, hotspot: this.#hotspot, isRelaying: this.#isRelaying };
    return desiredShaping(wishes, this.#options.settings);
  }

  async #read(): Promise<void> {
    const reading = await this.#options.target.read(this.#desired().sorting);
    this.#observed = reading.ok ? reading.observed : null;
    this.#unreadable = reading.ok ? null : unavailable(reading.problem.message);
  }

  #plan(keep: boolean): ShapingPlan {
    const obstacle = this.#unavailable ?? this.#unreadable;
    const own = obstacle === null || this.#follower.isStopping ? [] : [obstacle];
    if (this.#observed === null) return { operations: [], problems: own };
    const { operations, problems } = planShaping(this.#desired(), this.#observed, { keep });
    return { operations, problems: [...own, ...problems] };
  }

  /** It will be as little possible in a minute: what is wanted of it is wanted no more. */
  #noteImpossible(result: OperationResult): boolean {
    if (result.ok || result.code !== 'kernel.featureMissing') return false;
    this.#unavailable = unavailable(result.message);
    return true;
  }
}
