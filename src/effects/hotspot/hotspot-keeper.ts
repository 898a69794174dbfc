import { Subject, type Observable } from 'rxjs';
import type { Problem } from '../../model/errors.ts';
import {
  hotspotPartKey,
  type HotspotOperation,
  type HotspotPart,
  type HotspotPartKind,
} from '../../model/hotspot-parts.ts';
import type { HotspotIntent } from '../../model/hotspot.ts';
import { noNetwork, type NetworkIntent } from '../../model/network.ts';
import { desiredHotspot, hotspotDigest, upstreamOf, type DesiredHotspot } from './hotspot.desired.ts';
import { executeHotspot } from './hotspot.execute.ts';
import { Opening, type HotspotKeeperOptions, type HotspotReport } from './hotspot.opening.ts';
import { LeftParts } from './hotspot.left.ts';
import { planHotspot } from './hotspot.plan.ts';
import { Restarts } from './hotspot.restarts.ts';
import { StandingParts } from './hotspot.standing.ts';
import { Loop } from '../loop.ts';

/** What cannot be taken away is tried again so much later, in milliseconds. */
const stopWait = 500;

/**
 * Brings the access point to what the machines want of it: desired parts → those that stand → plan → execute, until the
 * plan is empty.
 *
 * It is a loop of its own beside that of routes, for it starts programs, and no switch may wait for those.
 *
 * INVARIANTS
 * - One operation at a time; after each, or its failure, everything is planned anew.
 * - What is changed is in the journal before it is changed, and leaves it when it is put back.
 * - Nothing of an opening begins before nothing is left of the one before it, a former run's included.
 * - An opening that has failed is taken down and stays down; the machines may ask for another.
 * - A new wish ends the start of a service that is under way.
 */
export class HotspotKeeper {
  readonly #options: HotspotKeeperOptions;
  readonly #reports = new Subject<HotspotReport>();
  readonly #restarts: Restarts;
  readonly #parts: StandingParts;
  readonly #loop: Loop;
  #intent: HotspotIntent | null = null;
  #network: NetworkIntent = noNetwork;
  #digest = '';
  #opening: Opening | null = null;
  #operations: readonly HotspotOperation[] = [];
  #abort = new AbortController();
  /** When something is to be tried that may not be tried yet. */
  #againAt: number | null = null;
  readonly #left: LeftParts;

  constructor(options: HotspotKeeperOptions) {
    this.#options = options;
    this.#restarts = new Restarts(() => options.scheduler.now());
    this.#left = new LeftParts(
      () => options.scheduler.now(),
      (report) => this.#reports.next(report),
    );
    this.#parts = new StandingParts(options.journal.records.map(({ part }) => part));
    this.#loop = new Loop(options.scheduler, {
      round: async () => this.#step(),
      isAtRest: () => this.#againAt === null,
      due: () => [this.#againAt, this.#left.dueAt],
    });
    options.target.listen({
      ended: (kind, problem) => this.#noteEnd(kind, problem),
      clients: (count) => this.#opening?.countClients(count),
      noted: (problem) => this.#note(problem),
    });
    if (this.#parts.standing.length > 0) this.#loop.wake();
  }

  /** Ends with `stop`. */
  get reports(): Observable<HotspotReport> {
    return this.#reports.asObservable();
  }

  /** Takes the newest wishes. Those that change nothing here cost nothing. */
  setIntent(intent: HotspotIntent | null, network: NetworkIntent): void {
    const digest = hotspotDigest(intent, network);
    if (this.#loop.isStopping || digest === this.#digest) return;
    this.#digest = digest;
    this.#network = network;
    this.#want(intent);
  }

  /** Looks again at what nobody reports: tables that others have flushed, name servers. */
  refresh(): void {
    if (this.#opening !== null) void this.#findMissing();
  }

  /** Plans again: the networks of other links, or name servers, may be others now. */
  reconsider(): void {
    if (this.#opening !== null) this.#loop.wake();
  }

  /** The operations that would be carried out now. */
  currentPlan(): readonly HotspotOperation[] {
    return this.#operations;
  }

  /** Resolves when nothing is left to do for now. */
  async settled(): Promise<void> {
    return this.#loop.settled();
  }

  /** Takes everything down, and ends, within 10 s. Returns what could not be taken away. Idempotent. */
  async stop(): Promise<readonly HotspotOperation[]> {
    if (!this.#loop.isStopping) {
      for (const part of this.#left.take(true)) this.#parts.add(part);
      this.#want(null);
    }
    await this.#loop.stop();
    this.#reports.complete();
    const left = this.#options.journal.records.map(({ part }) => part);
    return this.#options.execute ? planHotspot([], left, 'it could not be taken away') : [];
  }

  #want(intent: HotspotIntent | null): void {
    if (intent?.opening !== this.#opening?.intent.opening) this.#abort.abort();
    this.#intent = intent;
    this.#loop.wake();
  }

  /** True when it is to be looked again at once. */
  async #step(): Promise<boolean> {
    this.#againAt = null;
    // Not while a hotspot is wanted: they are parts of it.
    if (this.#intent === null) for (const part of this.#left.take(false)) this.#parts.add(part);
    const wanted = await this.#desire();
    if (this.#loop.isStopped) return false;
    const because = this.#opening?.phase === 'failed' ? 'it has failed' : this.#intent?.because;
    const present = wanted === null ? this.#parts.traces : this.#parts.standing;
    this.#operations = planHotspot(wanted?.parts ?? [], present, because ?? 'no hotspot is wanted');
    const [operation] = this.#operations;
    if (operation === undefined) return this.#arrive(wanted);
    if (!this.#options.execute) return false;
    const wait = operation.type === 'hotspot.start' ? this.#restarts.remaining(operation.part.kind) : 0;
    return wait > 0 ? this.#tryIn(wait) : this.#carryOut(operation);
  }

  /** What shall stand now; null: nothing. */
  async #desire(): Promise<DesiredHotspot | null> {
    const { config, radio, target, takenBeside, uniquePrefix, serversOf } = this.#options;
    const intent = this.#intent;
    if (intent === null || this.#loop.isStopping) return null;
    if (this.#opening === null) {
      if (this.#parts.standing.length > 0) return null;
      this.#opening = new Opening(intent, (report) => this.#reports.next(report));
    }
    const opening = this.#opening;
    if (opening.intent.opening !== intent.opening || opening.phase === 'failed' || opening.phase === 'closed')
      return null;
    if (opening.phase === 'new') opening.phy = (await radio.read())?.phy ?? null;
    const servers = await serversOf(upstreamOf(this.#network, config, intent.placement));
    const taken = takenBeside(intent.radio);
    const surroundings = { phy: opening.phy, taken, uniquePrefix, servers };
    const desired = desiredHotspot(intent, this.#network, config, surroundings, opening.client);
    if ('problem' in desired) {
      opening.fail(desired.problem);
      return null;
    }
    opening.client = desired.client;
    if (opening.phase === 'new' && this.#options.execute) {
      const obstacle = await target.check(desired.parts);
      if (obstacle !== null) {
        opening.fail(obstacle);
        return null;
      }
    }
    opening.phase = 'wanted';
    return desired;
  }

  /** Everything is as it is wanted. True when something else is wanted already. */
  #arrive(wanted: DesiredHotspot | null): boolean {
    const opening = this.#opening;
    if (opening === null) return false;
    if (wanted !== null) {
      opening.open(wanted.network);
      return false;
    }
    if (opening.phase !== 'closed') this.#restarts.forget();
    opening.close();
    if (this.#intent?.opening === opening.intent.opening) return false;
    this.#opening = null;
    return this.#intent !== null && !this.#loop.isStopping;
  }

  async #carryOut(operation: HotspotOperation): Promise<boolean> {
    const { part } = operation;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const problem = await executeHotspot(operation, this.#options, signal);
    this.#reports.next({ type: 'operation.executed', operation, problem });
    if (operation.type === 'hotspot.stop') return this.#noteStopped(part, problem);
    if (problem === null) {
      this.#parts.add(part);
      this.#left.solve(part);
      return true;
    }
    // What was half made goes, whether it is tried again or not. But rules hold, or are replaced, as a whole: those that
    // are too old are better than none.
    if (part.kind !== 'filter' || operation.type === 'hotspot.start') {
      await this.#carryOut({ type: 'hotspot.stop', target: operation.target, because: 'it could not be made', part });
    }
    if (signal.aborted) return true;
    if (this.#opening?.hasOpened === false) this.#opening.fail(problem);
    else this.#noteEnd(part.kind, problem);
    return true;
  }

  #noteStopped(part: HotspotPart, problem: Problem | null): boolean {
    if (problem !== null && this.#parts.refuse(part)) return this.#tryIn(stopWait);
    this.#parts.remove(part);
    if (problem === null) this.#left.solve(part);
    else this.#left.note(part, problem);
    return true;
  }

  #tryIn(wait: number): false {
    this.#againAt = this.#options.scheduler.now() + wait;
    return false;
  }

  /** A service is gone: it is started again, unless that has been tried too often. */
  #noteEnd(kind: HotspotPartKind, problem: Problem): void {
    // The address of an interface may have gone with its access point; to put it there twice is no mistake.
    const lost: readonly HotspotPartKind[] = kind === 'accessPoint' ? [kind, 'address'] : [kind];
    this.#parts.lose(({ kind: one }) => lost.includes(one));
    if (kind === 'accessPoint') this.#opening?.countClients(0);
    if (this.#restarts.note(kind) === null) this.#opening?.fail(problem);
    else this.#note(problem);
    this.#loop.wake();
  }

  #note(problem: Problem): void {
    if (this.#opening === null) this.#reports.next({ type: 'noted', problem });
    else this.#opening.note(problem);
  }

  async #findMissing(): Promise<void> {
    const missing = await this.#options.target.missing(this.#parts.standing);
    this.#parts.lose((part) => missing.includes(hotspotPartKey(part)));
    this.#loop.wake();
  }
}
