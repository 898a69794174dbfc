import type { UplinkPolicy } from '../model/config.ts';
import type { LinkCounters } from '../model/kernel.ts';
import type { WallTime } from '../model/period.ts';
import type { BudgetStatus, CounterBaseline, UsageAccount, UsageRecord, UsageStatus } from '../model/usage.ts';
import { bytes, seconds, type Milliseconds } from '../model/units.ts';
import { growth } from './counter-growth.ts';
import { begunAnew, budgetStatusOf, corrected, counted, newAccount, settled, underPolicy } from './usage-account.ts';

/** What an interface's bytes are counted to, and what may be spent there. */
export interface Metering {
  readonly identity: string;
  readonly policy: UplinkPolicy;
}

/**
 * Where counters of a link begin that is there when the ledger is opened.
 * `continued`: the record is of the same boot and namespace, so that its baselines hold. `restarted`: the machine has
 * been started since, and every link is younger than the record. `unrelated`: nothing is known of what was counted.
 */
export type Continuity = 'continued' | 'restarted' | 'unrelated';

interface Attached extends Metering {
  readonly name: string;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** How long counters may have wrapped unseen that nobody looked at: rather too little is counted than 4 GiB that never were. */
const unseen = seconds(4);

/** Devices that are not seen again are forgotten, the one that was seen longest ago first. */
const mostAccounts = 256;

/** Who has used how much: each byte that the kernel counts is counted to one identity and one period, once. */
export class UsageLedger {
  readonly #accounts = new Map<string, UsageAccount>();
  readonly #attached = new Map<number, Attached>();
  /** What links showed that are not counted, or not yet. */
  readonly #baselines: Map<number, CounterBaseline>;
  readonly #continuity: Continuity;
  #revision = 0;

  constructor(record: UsageRecord | null, continuity: Continuity) {
    for (const account of record?.accounts ?? []) this.#accounts.set(account.identity, account);
    const baselines = continuity === 'continued' ? (record?.baselines ?? []) : [];
    this.#baselines = new Map(baselines.map((baseline) => [baseline.index, baseline]));
    this.#continuity = continuity;
  }

  /** Another number: something is different from what was recorded. */
  get revision(): number {
    return this.#revision;
  }

  /** Of the interfaces that are counted, by ifindex. */
  get attached(): ReadonlyMap<number, Metering> {
    return this.#attached;
  }

  /**
   * Counts an interface from now on, and what it has carried since it was counted last.
   *
   * @param isNew the link was made just now: its counters began at zero
   */
  attach(
    index: number,
    name: string,
    metering: Metering,
    counters: LinkCounters | null,
    isNew: boolean,
    at: WallTime,
  ): void {
    const { identity, policy } = metering;
    const isKnown = this.#accounts.has(identity);
    const account = this.#accounts.get(identity) ?? newAccount(identity, at);
    this.#put(underPolicy({ ...account, name, lastSeen: at }, policy, at));
    const { receivedBytes, sentBytes } = this.#startOf(index, counters, isNew, isKnown);
    this.#attached.set(index, { identity, policy, name, receivedBytes, sentBytes });
    this.#baselines.delete(index);
    if (counters !== null) this.count(index, counters, unseen, at);
  }

  /** Takes in what the counters of an interface show, so long after they were looked at before. */
  count(index: number, counters: LinkCounters, elapsed: Milliseconds, at: WallTime): void {
    const attached = this.#attached.get(index);
    const account = attached === undefined ? undefined : this.#accounts.get(attached.identity);
    if (attached === undefined || account === undefined) return;
    const received = growth(attached.receivedBytes, counters.receivedBytes, elapsed);
    const sent = growth(attached.sentBytes, counters.sentBytes, elapsed);
    if (received + sent === 0) return;
    const { receivedBytes, sentBytes } = counters;
    this.#attached.set(index, { ...attached, receivedBytes, sentBytes });
    this.#put(counted(account, received, sent, at));
  }

  /** The interface is not counted any more. One that is not gone may be again: it is counted on from here. */
  detach(index: number, isGone: boolean): void {
    const attached = this.#attached.get(index);
    if (isGone) this.#baselines.delete(index);
    else if (attached !== undefined) this.#baselines.set(index, { index, ...attached });
    if (this.#attached.delete(index)) this.#revision += 1;
  }

  /** The account of an identity as it stands at that time; undefined when there is none. */
  accountAt(identity: string, at: WallTime): UsageAccount | undefined {
    const account = this.#accounts.get(identity);
    if (account === undefined) return undefined;
    const now = settled(account, at);
    if (now !== account) this.#put(now);
    return now;
  }

  replace(account: UsageAccount): void {
    if (this.#accounts.get(account.identity) !== account) this.#put(account);
  }

  /** Nothing is used any more. False when there is no budget of that name: an interface's, or an identity. */
  reset(name: string, at: WallTime): boolean {
    return this.#change(name, (account) => begunAnew(account, at));
  }

  /** So much is used. False when there is no budget of that name. */
  set(name: string, usedBytes: number, at: WallTime): boolean {
    return this.#change(name, (account) => corrected(account, usedBytes, at));
  }

  budgets(at: WallTime): readonly BudgetStatus[] {
    const names = new Map([...this.#attached.values()].map(({ identity, name }) => [identity, name]));
    return [...this.#accounts.keys()].flatMap((identity) => {
      const account = this.accountAt(identity, at);
      const status = account === undefined ? null : budgetStatusOf(account, names.get(identity) ?? null);
      return status === null ? [] : [status];
    });
  }

  /** What an interface's device has carried; null for one that is not counted. */
  usageOf(index: number): UsageStatus | null {
    const account = this.#accounts.get(this.#attached.get(index)?.identity ?? '');
    if (account === undefined) return null;
    const { receivedBytes, sentBytes, since } = account;
    return {
      receivedBytes: bytes(receivedBytes),
      sentBytes: bytes(sentBytes),
      since: new Date(since).toISOString(),
    };
  }

  record(): UsageRecord {
    const accounts = [...this.#accounts.values()];
    const present = new Set([...this.#attached.values()].map(({ identity }) => identity));
    const kept = accounts
      .toSorted((a, b) => Number(present.has(b.identity)) - Number(present.has(a.identity)) || b.lastSeen - a.lastSeen)
      .slice(0, mostAccounts);
    return {
      accounts: accounts.filter((account) => kept.includes(account)),
      baselines: [...this.#attached].map(([index, { identity, receivedBytes, sentBytes }]) => ({
        index,
        identity,
        receivedBytes,
        sentBytes,
      })),
    };
  }

  #startOf(
    index: number,
    counters: LinkCounters | null,
    isNew: boolean,
    isKnown: boolean,
  ): Pick<LinkCounters, 'receivedBytes' | 'sentBytes'> {
    const nothing = { receivedBytes: 0, sentBytes: 0 };
    const before = this.#attached.get(index) ?? (isNew ? undefined : this.#baselines.get(index));
    if (isNew) return nothing;
    if (before !== undefined) return before;
    // A device that was counted by an earlier run has been plugged in, or the machine started, since.
    return isKnown && this.#continuity !== 'unrelated' ? nothing : (counters ?? nothing);
  }

  #change(name: string, change: (account: UsageAccount) => UsageAccount): boolean {
    const identity = [...this.#attached.values()].find((each) => each.name === name)?.identity ?? this.#absent(name);
    const account = identity === undefined ? undefined : this.#accounts.get(identity);
    if (account === undefined || account.policy === null) return false;
    this.replace(change(account));
    return true;
  }

  /** By its identity, else by the name that its interface had, if that says which one is meant. */
  #absent(name: string): string | undefined {
    if (this.#accounts.has(name)) return name;
    const named = [...this.#accounts.values()].filter((account) => account.name === name && account.policy !== null);
    return named.length === 1 ? named[0]?.identity : undefined;
  }

  #put(account: UsageAccount): void {
    this.#accounts.set(account.identity, account);
    this.#revision += 1;
  }
}
