import type { Problem } from '../../model/errors.ts';
import { families, type Family } from '../../model/family.ts';
import type { LinkCounters } from '../../model/kernel.ts';
import { trafficKey, type Traffic, type TrafficReader } from '../../streams/ports.ts';
import { loadLibc } from '../libc/libc.ts';
import { NetlinkSocket, netlinkProtocol } from '../netlink/ffi/netlink-socket.ts';
import { Requests } from '../netlink/ffi/requests.ts';
import { applyRuleset } from './nft.ts';
import { PacketCounts } from './packet-counts.ts';
import { counterName, trafficRuleset, trafficTable, type CountedThing, type CountedUplink } from './traffic.ruleset.ts';

/** From one attempt to put the table back to the next, in milliseconds: who removes it may do so again. */
const retryAfter = 10_000;

export interface TrafficCounters extends TrafficReader {
  /** Counts the traffic of these uplinks from now on; the counters begin anew. Returns at once. */
  follow(uplinks: readonly CountedUplink[]): void;
  /** Stops counting and removes the table. Idempotent. */
  close(): Promise<void>;
}

export interface TrafficCountersOptions {
  /** False: nothing is installed, as in a dry run. */
  readonly execute: boolean;
  /** What the link itself counts: it stands in where nothing can be installed. */
  readonly linkCounters: (index: number) => LinkCounters | null;
  readonly onProblem: (problem: Problem) => void;
  /** A problem that was told is over. */
  readonly onSolved: (problem: Problem) => void;
  /** Each change of the system, with what came of it. */
  readonly onChange: (change: { readonly type: string; readonly target: string; readonly result: unknown }) => void;
}

/**
 * Counts, in an nftables table of its own, what each uplink sends beyond its link and what comes back from there.
 *
 * Where that cannot be (no nft, no FFI, no privilege) it is said once, and the counters of the links stand in: with
 * them a router's broadcasts hide a stall. An nft that is there and fails is asked again from time to time.
 */
export async function openTrafficCounters(options: TrafficCountersOptions): Promise<TrafficCounters> {
  const asking = options.execute ? await openAsking() : null;
  if (typeof asking === 'string') options.onProblem(cannotCount('tool.missing', asking));
  return new Counters(options, typeof asking === 'string' ? null : asking);
}

/** Removes the table, if it is there; null when all is well. */
export async function removeTrafficTable(): Promise<Problem | null> {
  return applyRuleset(`table inet ${trafficTable}\ndelete table inet ${trafficTable}\n`);
}

/** The counters of one uplink and family: their names are made once, and not each time they are read. */
interface Counted {
  readonly key: string;
  readonly names: Readonly<Record<CountedThing, string>>;
}

const countedOf = (index: number, family: Family): Counted => ({
  key: trafficKey(index, family),
  names: {
    sent: counterName('sent', index, family),
    received: counterName('received', index, family),
    asked: counterName('asked', index, family),
    told: counterName('told', index, family),
  },
});

interface Asking {
  readonly socket: NetlinkSocket;
  readonly counts: PacketCounts;
}

class Counters implements TrafficCounters {
  readonly #options: TrafficCountersOptions;
  #asking: Asking | null;
  #uplinks: readonly CountedUplink[] = [];
  #counted: readonly Counted[] = [];
  /** The last reading, and what it means for those who are followed now. */
  #packets: ReadonlyMap<string, number> | null = null;
  #traffic: ReadonlyMap<string, Traffic> = new Map();
  /** What was last installed, and what is being installed: one at a time, the latest wins. */
  #installed = '';
  #installing: Promise<void> | null = null;
  #triedAt = -Infinity;
  /** Why the table is not the one that is wanted, as it was told. */
  #failure: Problem | null = null;
  /** There may be a table: one of a daemon that was killed, at first. */
  #mayExist: boolean;

  constructor(options: TrafficCountersOptions, asking: Asking | null) {
    this.#options = options;
    this.#asking = asking;
    this.#mayExist = asking !== null;
  }

  follow(uplinks: readonly CountedUplink[]): void {
    this.#uplinks = uplinks;
    this.#counted = uplinks.flatMap(({ index }) => families.map((family) => countedOf(index, family)));
    this.#packets = null;
    if (this.#asking !== null) this.#installing ??= this.#install();
  }

  read(): ReadonlyMap<string, Traffic> {
    if (this.#asking === null) return this.#readLinks();
    const packets = this.#asking.counts.read();
    if (this.#packets !== packets) this.#traffic = this.#trafficOf(packets);
    this.#packets = packets;
    const traffic = this.#traffic;
    const isComplete = this.#failure === null && traffic.size >= this.#counted.length;
    if (!isComplete) this.#putBack();
    return this.#failure === null ? traffic : this.#readLinks();
  }

  #trafficOf(packets: ReadonlyMap<string, number>): ReadonlyMap<string, Traffic> {
    const traffic = new Map<string, Traffic>();
    for (const { key, names } of this.#counted) {
      const sent = packets.get(names.sent);
      if (sent === undefined) continue;
      traffic.set(key, {
        sent,
        received: packets.get(names.received) ?? 0,
        dnsAsked: packets.get(names.asked) ?? 0,
        dnsAnswered: packets.get(names.told) ?? 0,
      });
    }
    return traffic;
  }

  async close(): Promise<void> {
    const asking = this.#asking;
    this.#asking = null;
    this.#uplinks = [];
    this.#counted = [];
    await this.#installing;
    asking?.socket.close();
    if (!this.#mayExist) return;
    this.#mayExist = false;
    const problem = await removeTrafficTable();
    this.#options.onChange({ type: 'filter.delete', target: `table inet ${trafficTable}`, result: problem ?? 'ok' });
  }

  async #install(): Promise<void> {
    for (;;) {
      const ruleset = trafficRuleset(this.#uplinks);
      if (ruleset === this.#installed || this.#asking === null) break;
      this.#triedAt = performance.now();
      // One after the other: the latest wins.
      // oxlint-disable-next-line no-await-in-loop
      const problem = await applyRuleset(ruleset);
      this.#options.onChange({ type: 'filter.replace', target: `table inet ${trafficTable}`, result: problem ?? 'ok' });
      if (problem !== null) {
        this.#fail(problem);
        break;
      }
      this.#installed = ruleset;
      if (this.#failure !== null) this.#options.onSolved(this.#failure);
      this.#failure = null;
    }
    this.#installing = null;
  }

  #fail({ code, message }: Problem): void {
    const problem = cannotCount(code, message);
    if (this.#failure === null) this.#options.onProblem(problem);
    this.#failure = problem;
    if (code !== 'tool.missing') return;
    // Without nft there never was a table, and there won't be.
    this.#mayExist = false;
    this.#asking?.socket.close();
    this.#asking = null;
  }

  /** Somebody has flushed the ruleset, or nft has failed. */
  #putBack(): void {
    if (this.#installing !== null || performance.now() - this.#triedAt < retryAfter) return;
    this.#installed = '';
    this.#installing = this.#install();
  }

  #readLinks(): ReadonlyMap<string, Traffic> {
    const traffic = new Map<string, Traffic>();
    for (const { index } of this.#uplinks) {
      const counters = this.#options.linkCounters(index);
      if (counters === null) continue;
      const { sentPackets: sent, receivedPackets: received } = counters;
      for (const family of families) {
        traffic.set(trafficKey(index, family), { sent, received, dnsAsked: 0, dnsAnswered: 0 });
      }
    }
    return traffic;
  }
}

async function openAsking(): Promise<Asking | string> {
  const loaded = await loadLibc();
  if (!loaded.ok) return loaded.problem.message;
  const socket = NetlinkSocket.open(loaded.libc, 'requests', netlinkProtocol.netfilter);
  return typeof socket === 'number'
    ? 'this kernel has no nf_tables'
    : { socket, counts: new PacketCounts(new Requests(socket)) };
}

const cannotCount = (code: Problem['code'], why: string): Problem => ({
  code,
  subject: 'nft',
  message: `traffic beyond the links is not counted (${why}); a router's own packets may hide that nothing comes back`,
  remedy: 'install nftables',
});
