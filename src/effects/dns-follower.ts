import { Subject, type Observable, type SchedulerLike, type Subscription } from 'rxjs';
import {
  dnsPlaceKey,
  type DnsManager,
  type DnsOperation,
  type DnsRecord,
  type DnsValue,
  type UplinkServers,
} from '../model/dns.ts';
import type { Problem } from '../model/errors.ts';
import { families } from '../model/family.ts';
import { noNetwork, type NetworkIntent, type OperationResult } from '../model/network.ts';
import { seconds } from '../model/units.ts';
import { AttemptLimiter, type AttemptNews } from './attempts.ts';
import { desiredDns, lookupUplink } from './dns.desired.ts';
import { executeDns, type DnsPorts } from './dns.execute.ts';
import { placesToRead, planDns, type DnsPlan, type ObservedDns } from './dns.plan.ts';
import { operationKey } from './operations.ts';
import type { DnsSource } from './ports.ts';
import { StandingProblems } from './standing-problems.ts';

/** How long what a former run left is kept while this one does not know a way out: a tether's lease and validation. */
const adoptionGrace = seconds(30);
/** A lease is written down after its address is set: so long after a change the sources are read once more. */
const afterthought = seconds(2);
/** How long the end may take: a program that never ends must not keep the process alive. */
const longestStop = seconds(10);

export interface DnsFollowerOptions extends DnsPorts {
  readonly source: DnsSource;
  /** False: a dry run; plans are made and nothing is done. */
  readonly execute: boolean;
  readonly scheduler: SchedulerLike;
  /** Whenever the name servers of the uplinks are known anew. By ifindex. */
  readonly onServers: (servers: ReadonlyMap<number, UplinkServers>) => void;
}

/** What the follower tells of its work. */
export type DnsReport =
  | AttemptNews
  | { readonly type: 'operation.executed'; readonly operation: DnsOperation; readonly result: OperationResult };

/**
 * Has lookups follow the active uplink: read what servers the uplinks have, plan, execute, until the plan is empty.
 *
 * It is a loop of its own beside that of routes, for it starts programs, and no switch may wait for those.
 *
 * INVARIANTS
 * - One operation at a time; after each, or its failure, everything is read and planned anew.
 * - With no way out nothing is changed: the servers that were good last are as good as any.
 * - What a former run left is given back only after this one knows a way out, or after 30 s, or at `stop`.
 * - A file that someone else has changed after backhauld had is theirs until the end of this run.
 */
export class DnsFollower {
  readonly #options: DnsFollowerOptions;
  readonly #reports = new Subject<DnsReport>();
  readonly #attempts: AttemptLimiter;
  readonly #problems = new StandingProblems();
  readonly #written = new Set<string>();
  readonly #theirs = new Set<string>();
  readonly #waiters = new Set<() => void>();
  #servers: ReadonlyMap<number, UplinkServers> = new Map();
  #intent: NetworkIntent = noNetwork;
  /** What of the intent matters here. */
  #intentText = '';
  #keepUntil: number;
  #phase: 'idle' | 'running' | 'stopped' = 'idle';
  #isStopping = false;
  #isChanged = false;
  #timers: Subscription[] = [];
  #plan: DnsPlan & { readonly blocked: readonly DnsOperation[] } = { operations: [], problems: [], blocked: [] };

  constructor(options: DnsFollowerOptions) {
    this.#options = options;
    const now = (): number => options.scheduler.now();
    this.#attempts = new AttemptLimiter(now);
    this.#keepUntil = options.journal.records.size === 0 ? 0 : now() + adoptionGrace;
    if (this.#keepUntil > 0) this.#later(adoptionGrace);
  }

  /** Results of operations, failures and conflicts that are new, and those that are over. Ends with `stop`. */
  get reports(): Observable<DnsReport> {
    return this.#reports.asObservable();
  }

  /** Who knows the name servers of links, and which of them are backhauld's own doing. */
  get source(): DnsSource {
    return this.#options.source;
  }

  /** Takes the newest intent. One that changes neither uplinks nor the active ones costs nothing. */
  setIntent(intent: NetworkIntent): void {
    if (this.#isStopping || lookupUplink(intent) === null) return;
    const text = JSON.stringify([
      intent.uplinks,
      families.map((family) => intent.ranking[family][0]?.index),
      (intent.leases ?? []).map(({ index, lease }) => [index, lease.dns]),
    ]);
    if (text === this.#intentText) return;
    this.#intentText = text;
    this.#intent = intent;
    this.#keepUntil = 0;
    this.#attempts.forgivePutBacks();
    this.#wake();
    this.#later(afterthought);
  }

  /** Reads everything again: nobody reports changes of files and of other programs' servers. */
  refresh(): void {
    this.#wake();
  }

  /** The operations that would be carried out now. */
  currentPlan(): readonly DnsOperation[] {
    return this.#makePlan().operations;
  }

  /** Resolves when nothing is left to do, or what is left has been given up for now. */
  async settled(): Promise<void> {
    if (this.#isAtRest()) return;
    await new Promise<void>((resolve) => {
      this.#waiters.add(resolve);
    });
  }

  /** Gives everything back, and ends, within 10 s. Returns what could not be. Idempotent. */
  async stop(): Promise<readonly DnsOperation[]> {
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
    const { operations, blocked } = this.#makePlan();
    return this.#options.execute ? [...operations, ...blocked] : [];
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
      if (this.#isChanged) {
        this.#isChanged = false;
        if (!this.#isStopping) await this.#readSources();
      }
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

  async #readSources(): Promise<void> {
    const { source, onServers } = this.#options;
    const found = await Promise.all(
      this.#intent.uplinks.map(
        async ({ index, name }): Promise<[number, UplinkServers]> => [index, await source.serversOf(index, name)],
      ),
    );
    this.#servers = new Map(found);
    onServers(this.#servers);
  }

  #makePlan(): DnsPlan & { readonly blocked: readonly DnsOperation[] } {
    const { manager, problem } = this.#options.target.manager();
    const { observed, problems } = this.#observe(manager);
    const desired = this.#isStopping ? null : desiredDns(this.#intent, this.#servers);
    const plan = planDns(desired, observed, {
      written: this.#written,
      theirs: this.#theirs,
      keep: this.#keepUntil > this.#options.scheduler.now(),
    });
    const notBefore = this.#attempts.blocked();
    const isBlocked = (operation: DnsOperation): boolean => notBefore.has(operationKey(operation));
    const own = [...(problem === null ? [] : [problem]), ...problems, ...this.#aboutServers(manager)];
    return {
      operations: plan.operations.filter((one) => !isBlocked(one)),
      blocked: plan.operations.filter(isBlocked),
      problems: [...(this.#isStopping ? [] : own), ...plan.problems],
    };
  }

  #observe(manager: DnsManager | null): { readonly observed: ObservedDns; readonly problems: readonly Problem[] } {
    const { target, journal } = this.#options;
    const { file } = target;
    const { uplinks } = this.#intent;
    const { records } = journal;
    const values = new Map<string, DnsValue>();
    const gone = new Set<string>();
    const problems: Problem[] = [];
    for (const place of placesToRead({ manager, file, uplinks, records })) {
      const reading = target.read(place);
      const key = dnsPlaceKey(place);
      if ('value' in reading) {
        values.set(key, reading.value);
        continue;
      }
      if (reading.isGone) gone.add(key);
      if (reading.problem !== null) problems.push(reading.problem);
    }
    return { observed: { manager, file, uplinks, values, gone, records }, problems };
  }

  #aboutServers(manager: DnsManager | null): readonly Problem[] {
    if (manager === null) return [];
    const problems: Problem[] = [];
    for (const { index, name } of this.#intent.uplinks) {
      const refused = this.#servers.get(index)?.refused ?? [];
      if (refused.length > 0) problems.push(badServers(name, refused));
    }
    const uplink = lookupUplink(this.#intent);
    const isUnknown =
      uplink !== null && this.#servers.has(uplink.index) && desiredDns(this.#intent, this.#servers) === null;
    return isUnknown ? [...problems, noServers(uplink.name)] : problems;
  }

  async #carryOut(operation: DnsOperation): Promise<void> {
    const key = dnsPlaceKey(operation.record);
    const result = await executeDns(operation, this.#options);
    if (operation.type === 'dns.forget' && this.#isTheirs(operation.record)) this.#theirs.add(key);
    if (operation.type === 'dns.set' && result.ok) this.#written.add(key);
    else if (operation.type !== 'dns.set') this.#written.delete(key);
    const news = this.#attempts.record(operation, result);
    this.#reports.next({ type: 'operation.executed', operation, result });
    if (news !== null) this.#reports.next(news);
  }

  /** A file that is as it was before backhauld came is theirs only when this run had changed it. */
  #isTheirs(record: DnsRecord): boolean {
    if (record.manager !== 'file') return false;
    const reading = this.#options.target.read(record);
    const isAsBefore = 'value' in reading && reading.value === record.before;
    return !isAsBefore || this.#written.has(dnsPlaceKey(record));
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

const noServers = (name: string): Problem => ({
  code: 'dns.unknown',
  subject: `name servers of ${name}`,
  message: 'nobody on this machine knows any that can be reached by it; lookups go on as the machine itself has them',
  remedy: 'name them in the configuration: [[uplink]] dns = ["…"]',
});

const badServers = (name: string, refused: readonly string[]): Problem => ({
  code: 'dns.invalid',
  subject: `name servers of ${name}, as they are given`,
  message: `${refused.map((one) => JSON.stringify(one)).join(', ')} can be no address of a name server; it is left out`,
});
