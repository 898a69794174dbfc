import type { Observable } from 'rxjs';
import {
  dnsPlaceKey,
  type DnsManager,
  type DnsOperation,
  type DnsRecord,
  type DnsValue,
  type UplinkServers,
} from '../../model/dns.ts';
import type { Problem } from '../../model/errors.ts';
import { families } from '../../model/family.ts';
import { noNetwork, type NetworkIntent, type OperationResult } from '../../model/network.ts';
import { seconds } from '../../model/units.ts';
import type { WorkReport } from '../attempts.ts';
import { desiredDns, lookupUplink } from './dns.desired.ts';
import { executeDns, type DnsPorts } from './dns.execute.ts';
import { placesToRead, planDns, type DnsPlan, type ObservedDns } from './dns.plan.ts';
import { Follower, type FollowerOptions } from '../follower.ts';
import type { DnsSource } from '../ports.ts';

/** A lease is written down after its address is set: so long after a change the sources are read once more. */
const afterthought = seconds(2);

export interface DnsFollowerOptions extends DnsPorts, FollowerOptions {
  readonly source: DnsSource;
  /** Whenever the name servers of the uplinks are known anew. By ifindex. */
  readonly onServers: (servers: ReadonlyMap<number, UplinkServers>) => void;
}

export type DnsReport = WorkReport<DnsOperation>;

/**
 * Has lookups follow the active uplink.
 *
 * INVARIANTS, besides those of every follower
 * - With no way out nothing is changed: the servers that were good last are as good as any.
 * - A file that someone else has changed after backhauld had is theirs until the end of this run.
 */
export class DnsFollower {
  readonly #options: DnsFollowerOptions;
  readonly #follower: Follower<DnsOperation>;
  readonly #written = new Set<string>();
  readonly #theirs = new Set<string>();
  #servers: ReadonlyMap<number, UplinkServers> = new Map();
  #intent: NetworkIntent = noNetwork;
  /** What of the intent matters here. */
  #intentText = '';

  constructor(options: DnsFollowerOptions) {
    this.#options = options;
    const followed = {
      read: async (hasChanged: boolean) => (hasChanged ? this.#readSources() : undefined),
      plan: (keep: boolean) => this.#plan(keep),
      carryOut: async (operation: DnsOperation) => this.#carryOut(operation),
    };
    this.#follower = new Follower(followed, options.journal.records.size > 0, options);
  }

  get reports(): Observable<DnsReport> {
    return this.#follower.reports;
  }

  /** Who knows the name servers of links, and which of them are backhauld's own doing. */
  get source(): DnsSource {
    return this.#options.source;
  }

  /** Takes the newest intent. One that changes neither uplinks nor the active ones costs nothing. */
  setIntent(intent: NetworkIntent): void {
    if (this.#follower.isStopping || lookupUplink(intent) === null) return;
    const text = JSON.stringify([
      intent.uplinks,
      families.map((family) => intent.ranking[family][0]?.index),
      (intent.leases ?? []).map(({ index, lease }) => [index, lease.dns]),
    ]);
    if (text === this.#intentText) return;
    this.#intentText = text;
    this.#intent = intent;
    this.#follower.forgetAdopted();
    this.#follower.change();
    this.#follower.refreshLater(afterthought);
  }

  /** Nobody reports changes of files and of other programs' servers. */
  refresh(): void {
    this.#follower.refresh();
  }

  currentPlan(): readonly DnsOperation[] {
    return this.#follower.currentPlan();
  }

  async settled(): Promise<void> {
    return this.#follower.settled();
  }

  async stop(): Promise<readonly DnsOperation[]> {
    return this.#follower.stop();
  }

  async #readSources(): Promise<void> {
    if (this.#follower.isStopping) return;
    const { source, onServers } = this.#options;
    const found = await Promise.all(
      this.#intent.uplinks.map(
        async ({ index, name }): Promise<[number, UplinkServers]> => [index, await source.serversOf(index, name)],
      ),
    );
    this.#servers = new Map(found);
    onServers(this.#servers);
  }

  #plan(keep: boolean): DnsPlan {
    const { manager, problem } = this.#options.target.manager();
    const { observed, problems } = this.#observe(manager);
    const desired = this.#follower.isStopping ? null : desiredDns(this.#intent, this.#servers);
    const plan = planDns(desired, observed, { written: this.#written, theirs: this.#theirs, keep });
    const own = [...(problem === null ? [] : [problem]), ...problems, ...this.#aboutServers(manager)];
    return {
      operations: plan.operations,
      problems: [...(this.#follower.isStopping ? [] : own), ...plan.problems],
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

  async #carryOut(operation: DnsOperation): Promise<OperationResult> {
    const key = dnsPlaceKey(operation.record);
    const result = await executeDns(operation, this.#options);
    if (operation.type === 'dns.forget' && this.#isTheirs(operation.record)) this.#theirs.add(key);
    if (operation.type === 'dns.set' && result.ok) this.#written.add(key);
    else if (operation.type !== 'dns.set') this.#written.delete(key);
    return result;
  }

  /** A file that is as it was before backhauld came is theirs only when this run had changed it. */
  #isTheirs(record: DnsRecord): boolean {
    if (record.manager !== 'file') return false;
    const reading = this.#options.target.read(record);
    const isAsBefore = 'value' in reading && reading.value === record.before;
    return !isAsBefore || this.#written.has(dnsPlaceKey(record));
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
