import { Subject, type Observable, type Subscription } from 'rxjs';
import type { Problem } from '../model/errors.ts';
import {
  hotspotPartKey,
  type HotspotOperation,
  type HotspotPart,
  type HotspotPartKind,
} from '../model/hotspot-parts.ts';
import type { HotspotIntent } from '../model/hotspot.ts';
import { noNetwork, type NetworkIntent } from '../model/network.ts';
import { seconds } from '../model/units.ts';
import { desiredHotspot, hotspotDigest, upstreamOf, type DesiredHotspot } from './hotspot.desired.ts';
import { executeHotspot } from './hotspot.execute.ts';
import {
  newOpening,
  problemKey,
  type HotspotKeeperOptions,
  type HotspotReport,
  type Opening,
} from './hotspot.opening.ts';
import { planHotspot } from './hotspot.plan.ts';
import { Restarts } from './hotspot.restarts.ts';

/** How long the end may take: a program that never ends must not keep the process alive. */
const longestStop = seconds(10);
/** What cannot be taken away is tried so often, this long apart. */
const stopAttempts = 3;
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
  readonly #waiters = new Set<() => void>();
  readonly #refusals = new Map<string, number>();
  #intent: HotspotIntent | null = null;
  #network: NetworkIntent = noNetwork;
  #digest = '';
  #standing: readonly HotspotPart[];
  /** Gone by themselves, and not put back yet: what was before them is still to be. */
  readonly #lost = new Map<string, HotspotPart>();
  #opening: Opening | null = null;
  #operations: readonly HotspotOperation[] = [];
  #abort = new AbortController();
  #phase: 'idle' | 'running' | 'stopped' = 'idle';
  #isChanged = false;
  #isStopping = false;
  #timers: readonly Subscription[] = [];

  constructor(options: HotspotKeeperOptions) {
    this.#options = options;
    this.#restarts = new Restarts(() => options.scheduler.now());
    this.#standing = options.journal.records.map(({ part }) => part);
    options.target.listen({
      ended: (kind, problem) => this.#noteEnd(kind, problem),
      clients: (count) => this.#noteClients(count),
      noted: (problem) => this.#note(problem),
    });
    if (this.#standing.length > 0) this.#wake();
  }

  /** Ends with `stop`. */
  get reports(): Observable<HotspotReport> {
    return this.#reports.asObservable();
  }

  /** Takes the newest wishes. Those that change nothing here cost nothing. */
  setIntent(intent: HotspotIntent | null, network: NetworkIntent): void {
    const digest = hotspotDigest(intent, network);
    if (this.#isStopping || digest === this.#digest) return;
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
    if (this.#opening !== null) this.#wake();
  }

  /** The operations that would be carried out now. */
  currentPlan(): readonly HotspotOperation[] {
    return this.#operations;
  }

  /** Resolves when nothing is left to do for now. */
  async settled(): Promise<void> {
    if (this.#isAtRest()) return;
    await new Promise<void>((resolve) => {
      this.#waiters.add(resolve);
    });
  }

  /** Takes everything down, and ends, within 10 s. Returns what could not be taken away. Idempotent. */
  async stop(): Promise<readonly HotspotOperation[]> {
    if (!this.#isStopping) {
      this.#isStopping = true;
      // Nothing is started any more.
      for (const timer of this.#timers) timer.unsubscribe();
      this.#timers = [];
      this.#want(null);
    }
    const limit = this.#options.scheduler.schedule(() => this.#releaseWaiters(), longestStop);
    await this.settled();
    limit.unsubscribe();
    this.#phase = 'stopped';
    for (const timer of this.#timers) timer.unsubscribe();
    this.#reports.complete();
    const left = this.#options.journal.records.map(({ part }) => part);
    return this.#options.execute ? planHotspot([], left, 'it could not be taken away') : [];
  }

  #want(intent: HotspotIntent | null): void {
    if (intent?.opening !== this.#opening?.intent.opening) this.#abort.abort();
    this.#intent = intent;
    this.#wake();
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
    this.#timers = [...this.#timers, timer];
  }

  async #run(): Promise<void> {
    let isAgain = true;
    while (this.#phase === 'running' && (isAgain || this.#isChanged)) {
      this.#isChanged = false;
      isAgain = await this.#step();
    }
    if (this.#phase === 'stopped') return;
    this.#phase = 'idle';
    if (this.#isAtRest()) this.#releaseWaiters();
  }

  /** True when it is to be looked again at once. */
  async #step(): Promise<boolean> {
    const wanted = await this.#desire();
    const because = this.#opening?.phase === 'failed' ? 'it has failed' : this.#intent?.because;
    const present = wanted === null ? [...this.#standing, ...this.#lost.values()] : this.#standing;
    this.#operations = planHotspot(wanted?.parts ?? [], present, because ?? 'no hotspot is wanted');
    const [operation] = this.#operations;
    if (operation === undefined) return this.#arrive(wanted);
    if (!this.#options.execute) return false;
    const wait = operation.type === 'hotspot.start' ? this.#restarts.remaining(operation.part.kind) : 0;
    if (wait > 0) {
      this.#later(wait);
      return false;
    }
    return this.#carryOut(operation);
  }

  /** What shall stand now; null: nothing. */
  async #desire(): Promise<DesiredHotspot | null> {
    const { config, radio, target, takenBeside, uniquePrefix, serversOf } = this.#options;
    const intent = this.#intent;
    if (intent === null || this.#isStopping) return null;
    if (this.#opening === null) {
      if (this.#standing.length > 0) return null;
      this.#opening = newOpening(intent);
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
      this.#fail(desired.problem);
      return null;
    }
    opening.client = desired.client;
    if (opening.phase === 'new' && this.#options.execute) {
      const obstacle = await target.check(desired.parts);
      if (obstacle !== null) {
        this.#fail(obstacle);
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
    const number = opening.intent.opening;
    if (wanted !== null) {
      for (const problem of opening.noted.values()) {
        if (problem.code === 'hotspot.serviceFailed') this.#solve(problem);
      }
      const text = JSON.stringify(wanted.network);
      if (text === opening.openedAs) return false;
      opening.openedAs = text;
      this.#reports.next({ type: 'hotspot.opened', opening: number, network: wanted.network });
      this.#reports.next({ type: 'hotspot.clients', opening: number, clients: opening.clients });
      return false;
    }
    if (opening.phase !== 'closed') {
      opening.phase = 'closed';
      for (const problem of opening.noted.values()) this.#solve(problem);
      this.#restarts.forget();
      this.#reports.next({ type: 'hotspot.closed', opening: number });
    }
    if (this.#intent?.opening === number) return false;
    this.#opening = null;
    return this.#intent !== null && !this.#isStopping;
  }

  async #carryOut(operation: HotspotOperation): Promise<boolean> {
    const { part } = operation;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    const problem = await executeHotspot(operation, this.#options, signal);
    this.#reports.next({ type: 'operation.executed', operation, problem });
    if (operation.type === 'hotspot.stop') return this.#noteStopped(part, problem);
    if (problem === null) {
      this.#stands(part);
      return true;
    }
    // What was half made goes, whether it is tried again or not. But rules hold, or are replaced, as a whole: those that
    // are too old are better than none.
    if (part.kind !== 'filter' || operation.type === 'hotspot.start') {
      await this.#carryOut({ type: 'hotspot.stop', target: operation.target, because: 'it could not be made', part });
    }
    if (signal.aborted) return true;
    if (this.#opening?.openedAs === '') this.#fail(problem);
    else this.#noteEnd(part.kind, problem);
    return true;
  }

  #stands(part: HotspotPart): void {
    const key = hotspotPartKey(part);
    this.#gone(key);
    this.#lost.delete(key);
    this.#standing = [...this.#standing, part];
  }

  #gone(key: string): void {
    this.#standing = this.#standing.filter((part) => hotspotPartKey(part) !== key);
  }

  #noteStopped(part: HotspotPart, problem: Problem | null): boolean {
    const key = hotspotPartKey(part);
    const refusals = problem === null ? 0 : (this.#refusals.get(key) ?? 0) + 1;
    this.#refusals.set(key, refusals);
    if (problem !== null && refusals < stopAttempts) {
      this.#later(stopWait);
      return false;
    }
    this.#refusals.delete(key);
    this.#gone(key);
    this.#lost.delete(key);
    if (problem !== null) this.#note(problem);
    return true;
  }

  #lose(isLost: (part: HotspotPart) => boolean): void {
    for (const part of this.#standing) if (isLost(part)) this.#lost.set(hotspotPartKey(part), part);
    this.#standing = this.#standing.filter((part) => !isLost(part));
  }

  #fail(problem: Problem): void {
    const opening = this.#opening;
    if (opening === null || opening.phase === 'failed' || opening.phase === 'closed') return;
    opening.phase = 'failed';
    this.#reports.next({ type: 'hotspot.failed', opening: opening.intent.opening, problem });
  }

  /** A service is gone: it is started again, unless that has been tried too often. */
  #noteEnd(kind: HotspotPartKind, problem: Problem): void {
    // The address of an interface may have gone with its access point; to put it there twice is no mistake.
    const lost: readonly HotspotPartKind[] = kind === 'accessPoint' ? [kind, 'address'] : [kind];
    this.#lose(({ kind: one }) => lost.includes(one));
    if (kind === 'accessPoint') this.#noteClients(0);
    if (this.#restarts.note(kind) === null) this.#fail(problem);
    else this.#note(problem);
    this.#wake();
  }

  #noteClients(count: number): void {
    const opening = this.#opening;
    if (opening === null || opening.clients === count) return;
    opening.clients = count;
    if (opening.openedAs === '' || opening.phase !== 'wanted') return;
    this.#reports.next({ type: 'hotspot.clients', opening: opening.intent.opening, clients: count });
  }

  #note(problem: Problem): void {
    this.#opening?.noted.set(problemKey(problem), problem);
    this.#reports.next({ type: 'noted', problem });
  }

  #solve(problem: Problem): void {
    this.#opening?.noted.delete(problemKey(problem));
    this.#reports.next({ type: 'solved', problem });
  }

  async #findMissing(): Promise<void> {
    const missing = await this.#options.target.missing(this.#standing);
    this.#lose((part) => missing.includes(hotspotPartKey(part)));
    this.#wake();
  }

  #isAtRest(): boolean {
    if (this.#phase === 'stopped') return true;
    return this.#phase === 'idle' && this.#timers.length === 0;
  }

  #releaseWaiters(): void {
    for (const resolve of this.#waiters) resolve();
    this.#waiters.clear();
  }
}
