import type { Problem } from '../model/errors.ts';
import type { Family } from '../model/family.ts';
import type { Lease } from '../model/lease.ts';
import type { ConnectedSocket, TrackedConnection } from '../model/flows.ts';
import type { DnsManager, DnsPlace, DnsRecord, DnsValue, UplinkServers } from '../model/dns.ts';
import type { HotspotPart, HotspotPartKind, HotspotRecord } from '../model/hotspot-parts.ts';
import type { RadioFacts } from '../model/hotspot.ts';
import type { KernelChange, KernelState } from '../model/kernel.ts';
import type {
  AddressRecord,
  Holdings,
  LinkRecord,
  Operation,
  OperationResult,
  Setting,
  SettingRecord,
} from '../model/network.ts';
import type { DesiredSorting, DesiredTree, ObservedShaping, ShapingOperation } from '../model/shaping.ts';

export type KernelOperation = Extract<
  Operation,
  {
    type:
      | 'route.replace'
      | 'route.delete'
      | 'rule.add'
      | 'rule.delete'
      | 'neighbour.resolve'
      | 'address.add'
      | 'address.delete'
      | 'link.set';
  }
>;

/** The kernel as something that can be told. */
export interface KernelTarget {
  readonly state: KernelState;
  subscribe(listener: (changes: readonly KernelChange[]) => void): () => void;
  /**
   * Carries out one operation and waits for the kernel's acknowledgement. Never rejects.
   * `neighbour.resolve` only asks: the answer comes as a change of the neighbour.
   */
  execute(operation: KernelOperation): Promise<OperationResult>;
  /** Resolves when `state` holds everything the kernel did up to now, one's own operations included. */
  settle(): Promise<void>;
  /** Dumps everything anew, compares it with `state`, and reports the differences as changes. */
  resync(): Promise<void>;
}

/** Per-interface settings in /proc/sys. */
export interface SettingsTarget {
  /** The value now; null when there is no such setting (no interface, no IPv6, an older kernel). */
  read(setting: Setting): string | null;
  write(setting: Setting, value: string): OperationResult;
}

/** The record of what was changed; on disk before the change is made. */
export interface SettingsJournal {
  /** By `settingKey`. */
  readonly records: ReadonlyMap<string, SettingRecord>;
  add(record: SettingRecord): OperationResult;
  remove(record: SettingRecord): OperationResult;
}

/** The record of what was put on links, and of what these were like before; on disk before it is done. */
export interface LinkJournal extends Holdings {
  putAddress(record: AddressRecord): OperationResult;
  removeAddress(record: AddressRecord): OperationResult;
  /** Adds a record, or replaces that of the same link. */
  putLink(record: LinkRecord): OperationResult;
  removeLink(record: LinkRecord): OperationResult;
}

/** What a DHCP client tells. */
export type DhcpNews =
  /** Granted, or renewed. `leftOut`: what else it said that is of no use, in half sentences. */
  | { readonly type: 'granted'; readonly lease: Lease; readonly leftOut: readonly string[] }
  /** Another program holds the lease, or is about to: it was not started. */
  | { readonly type: 'managed'; readonly problem: Problem }
  /** What it was granted cannot be used. */
  | { readonly type: 'unusable'; readonly problem: Problem }
  /** The server has refused what it held, or asked for (DHCPNAK). */
  | { readonly type: 'refused' }
  /** It holds nothing: at its start, and when a lease is over. */
  | { readonly type: 'empty' }
  /** It has ended by itself, or could not be started. */
  | { readonly type: 'ended'; readonly problem: Problem };

export interface DhcpRequest {
  readonly index: number;
  readonly name: string;
  /** The address that it had before, which it would like to have again; null for none. */
  readonly wanted: string | null;
}

/** One client on one interface. It asks as soon as it is started, with a DHCPDISCOVER, and goes on asking. */
export interface DhcpClient {
  /** Asks the server that granted the lease for more time. */
  renew(): void;
  /** Ends it; `release`: the server is told that the address is free. Resolves when it has ended. Nothing is told after it. */
  stop(release: boolean): Promise<void>;
}

/** Where DHCP clients run. */
export interface DhcpTarget {
  /** Never throws; that it could not be started is news. */
  start(request: DhcpRequest, onNews: (news: DhcpNews) => void): DhcpClient;
}

/** How many flows were ended, and why others could not be. */
export interface EndedFlows {
  readonly tcp: number;
  readonly udp: number;
  /** Tracked connections of forwarded clients. */
  readonly forwarded: number;
  readonly problems: readonly Problem[];
}

/** Which flows are to be ended. */
export interface FlowSelection {
  readonly family: Family;
  /** The source addresses of sockets, and those that clients are translated to. */
  readonly sources: readonly string[];
  readonly isStrandedSocket: (socket: ConnectedSocket) => boolean;
  readonly isStrandedConnection: (connection: TrackedConnection) => boolean;
}

/** The flows of this node and of the clients that it forwards for. */
export interface FlowTarget {
  /** Ends the flows that are selected. Never rejects; the event loop goes on meanwhile. */
  end(selection: FlowSelection): Promise<EndedFlows>;
}

/** The path manager of MPTCP in the kernel. Synchronous: a few requests by netlink. */
export interface MptcpTarget {
  /** The addresses that backhauld has announced. */
  readonly announced: readonly string[];
  /** Connections may open paths from this address from now on. */
  announce(address: string, linkIndex: number): Problem | null;
  /** Connections give up their paths from this address, and go on by the others at once. */
  withdraw(address: string): Problem | null;
}

/** A key of the hotspot. */
export interface HotspotKey {
  readonly number: number;
  /** 8 to 63 printable ASCII characters, or the key itself as 64 hexadecimal digits (IEEE 802.11, J.4). */
  readonly passphrase: string;
}

/** The keys of the hotspot by number: the machines know numbers alone. */
export interface KeySource {
  /** In the order of the numbers. Makes those that are missing, and forgets those that are older than all of these. */
  keysFor(numbers: readonly number[]): readonly HotspotKey[];
  /**
   * The key that a number will have, which nobody is given yet: `keysFor` makes this one. Missing, or null: it is not
   * known before.
   */
  upcoming?(number: number): HotspotKey | null;
}

/** What those that make the parts of the hotspot tell, without having been asked. */
export interface HotspotListener {
  /** A service has ended by itself; its last words are in the problem, secrets left out. */
  ended(kind: HotspotPartKind, problem: Problem): void;
  /** So many clients are there now. */
  clients(count: number): void;
  /** Something is less than it should be, and the hotspot goes on. */
  noted(problem: Problem): void;
}

/** Makes the parts of the hotspot. Nothing here rejects; what goes wrong is a problem. */
export interface HotspotTarget {
  listen(listener: HotspotListener): void;
  /** What stands in the way of these parts; null: nothing. Changes nothing. */
  check(parts: readonly HotspotPart[]): Promise<Problem | null>;
  /** What `start` would change, as it is now. */
  before(part: HotspotPart): Promise<HotspotRecord['before']>;
  /** Makes the part. One that is there already is no problem. `signal` ends it early. */
  start(part: HotspotPart, signal: AbortSignal): Promise<Problem | null>;
  /** Makes another of it while it goes on; only for what `planHotspot` changes. */
  change(from: HotspotPart, to: HotspotPart): Promise<Problem | null>;
  /** Takes it away, also one that a former run has made, and puts back what was there. One that is gone is no problem. */
  stop(record: HotspotRecord): Promise<Problem | null>;
  /** Which of these have been taken away by somebody else; by `hotspotPartKey`. */
  missing(parts: readonly HotspotPart[]): Promise<readonly string[]>;
}

/** The record of what was changed for the hotspot; on disk before the change is made. */
export interface HotspotJournal {
  /** Oldest first. */
  readonly records: readonly HotspotRecord[];
  /** Adds a record, or replaces that of the same part. */
  put(record: HotspotRecord): OperationResult;
  /** By `hotspotPartKey`. */
  remove(key: string): OperationResult;
}

/** Knows the hotspot's radio. */
export interface RadioSource {
  /** Null: there is no such radio, nor a bridge in its place. Never rejects. */
  read(): Promise<RadioFacts | null>;
}

/** What stands in a place, or why backhauld leaves that place alone. */
export type DnsReading =
  | { readonly value: DnsValue }
  /** `isGone`: what was recorded of it is of no use any more: the link is gone, or someone has put something else there. */
  | { readonly problem: Problem | null; readonly isGone: boolean };

/** Where programs are told their name servers. */
export interface DnsTarget {
  /** Who tells them on this machine; null when it is nobody backhauld may speak to. Synchronous: a few reads. */
  manager(): { readonly manager: DnsManager | null; readonly problem: Problem | null };
  /** The file that programs read. */
  readonly file: string;
  read(place: DnsPlace): DnsReading;
  /** Puts a value there, or with null takes it away. Never rejects. May start a program, and take its time. */
  write(place: DnsPlace, value: DnsValue): Promise<OperationResult>;
}

/** The record of what was changed; on disk before the change is made. */
export interface DnsJournal {
  /** By `dnsPlaceKey`. */
  readonly records: ReadonlyMap<string, DnsRecord>;
  /** Adds a record, or replaces the one of the same place. */
  put(record: DnsRecord): OperationResult;
  remove(record: DnsRecord): OperationResult;
}

/** Knows the name servers of links: from the configuration, or from what other programs have written down. */
export interface DnsSource {
  /** Never rejects. */
  serversOf(index: number, name: string): Promise<UplinkServers>;
}

/** How traffic is shared out, or why that cannot be seen. */
export type ShapingReading =
  | { readonly ok: true; readonly observed: ObservedShaping }
  | { readonly ok: false; readonly problem: Problem };

/** Where traffic is shared out. Each call starts a program, and takes its time; none rejects. */
export interface ShapingTarget {
  /** `sorting`: the one that what is there is compared with. */
  read(sorting: DesiredSorting | null): Promise<ShapingReading>;
  /** `kernel.featureMissing`: this kernel shares nothing out. A tree that cannot be had as a whole is not left by half. */
  replaceTree(
    tree: DesiredTree,
    how: Extract<ShapingOperation, { type: 'qdisc.replace' }>['how'],
  ): Promise<OperationResult>;
  deleteTree(name: string): Promise<OperationResult>;
  replaceSorting(sorting: DesiredSorting): Promise<OperationResult>;
  deleteSorting(): Promise<OperationResult>;
}

/** The record that something has been changed; on disk before the change is made. What it was is seen by its marks. */
export interface ShapingJournal {
  readonly isRecorded: boolean;
  record(): OperationResult;
  forget(): OperationResult;
}
