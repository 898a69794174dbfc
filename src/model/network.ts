import type { DesiredDns, DnsOperation } from './dns.ts';
import type { Family, PerFamily } from './family.ts';
import type { HotspotOperation } from './hotspot-parts.ts';
import type { InterfaceAddress } from './interface.ts';
import type { KernelState, Route, Rule } from './kernel.ts';
import type { HeldLease } from './lease.ts';
import type { ShapingOperation } from './shaping.ts';

/** How one family leaves by one uplink. */
export interface UplinkPath {
  /** Addresses of global scope on the interface; the first is the source of its probes. */
  readonly addresses: readonly InterfaceAddress[];
  /** Null on a point-to-point link, which needs none. */
  readonly gateway: string | null;
}

/** What the machines want of one uplink. */
export interface UplinkIntent {
  readonly index: number;
  readonly name: string;
  /** Null for a family that has no way out here. */
  readonly paths: PerFamily<UplinkPath | null>;
}

/** A place in the ranking of one family. */
export interface RankedUplink {
  readonly index: number;
  /** Unreachable ones stand last: they are kept so that the kernel still has a way when all else goes. */
  readonly isReachable: boolean;
}

/** What the machines want of the network, as plain data. */
export interface NetworkIntent {
  readonly uplinks: readonly UplinkIntent[];
  /** The order in which the kernel shall use the uplinks, best first. */
  readonly ranking: PerFamily<readonly RankedUplink[]>;
  /** Leases whose addresses shall stand on their interfaces. Missing: none. */
  readonly leases?: readonly HeldLease[];
  /**
   * Interfaces that shall be set up where they are down: tethers come so. One that someone else takes down after that is
   * left to them. By ifindex. Missing: none.
   */
  readonly raised?: readonly number[];
  /** Interfaces whose traffic is slowed down, as their budgets are used up. By ifindex. Missing: none. */
  readonly throttled?: readonly number[];
}

/** The empty intent: what `stop` and `cleanup` want. */
export const noNetwork: NetworkIntent = { uplinks: [], ranking: { ipv4: [], ipv6: [] } };

/** rtm_protocol and FRA_PROTOCOL of everything backhauld installs; free in the kernel's list and in iproute2's. */
export const ownProtocol = 144;

/** A route backhauld wants. Family, table, destination and metric are its place; the rest is what stands there. */
export interface DesiredRoute {
  readonly family: Family;
  readonly table: number;
  readonly destination: string;
  readonly metric: number;
  readonly linkIndex: number;
  readonly gateway: string | null;
  /** The kernel shall not look for a route to the gateway (RTNH_F_ONLINK). */
  readonly isOnLink: boolean;
  readonly because: string;
}

export interface DesiredRule {
  readonly family: Family;
  readonly priority: number;
  readonly table: number;
  readonly from: string | null;
  readonly outputInterface: string | null;
  readonly suppressPrefixLength: number | null;
  readonly because: string;
}

/** Per-interface settings under /proc/sys/net/{ipv4,ipv6}/conf/INTERFACE/. */
export type SettingKey =
  | 'rp_filter'
  | 'ignore_routes_with_linkdown'
  | 'accept_ra'
  | 'arp_ignore'
  | 'arp_announce'
  | 'forwarding'
  | 'promote_secondaries';

export interface Setting {
  readonly linkIndex: number;
  readonly interface: string;
  readonly family: Family;
  readonly key: SettingKey;
}

export interface DesiredSetting extends Setting {
  readonly value: string;
  readonly because: string;
}

/** The value a setting had before backhauld changed it: it is written down before the change, and put back at the end. */
export interface SettingRecord extends Setting {
  readonly before: string;
  readonly written: string;
}

export const settingKey = (s: Setting): string => `${s.linkIndex} ${s.interface} ${s.family} ${s.key}`;

/** A gateway whose neighbour entry shall be resolved before traffic is moved to it. */
export interface DesiredNeighbour {
  readonly family: Family;
  readonly linkIndex: number;
  readonly address: string;
  readonly because: string;
}

/** An address that shall stand on a link, and is put there by backhauld: that of a lease. */
export interface DesiredAddress {
  readonly family: Family;
  readonly linkIndex: number;
  readonly interface: string;
  readonly address: string;
  readonly prefixLength: number;
  /** Metric of the route that the kernel makes for its network, in main. */
  readonly metric: number;
  /** The uplink's path is known to lead by this address: the one before it is needed no more. */
  readonly isTakenUp: boolean;
  readonly because: string;
}

/** How a link shall be for as long as a tether or a lease needs it so. */
export interface DesiredLink {
  readonly linkIndex: number;
  readonly interface: string;
  /** It shall be up. False: whatever it is. */
  readonly isRaised: boolean;
  /** No packet on it shall be larger, in bytes; null: as it is. */
  readonly mtu: number | null;
  readonly because: string;
}

/** An address that backhauld has put on a link: written down before it is put there. No other one is ever deleted. */
export type AddressRecord = Pick<DesiredAddress, 'family' | 'linkIndex' | 'interface' | 'address' | 'prefixLength'>;

/** What a link was like before backhauld changed it: written down before the change, and put back at the end. */
export interface LinkRecord {
  readonly linkIndex: number;
  readonly interface: string;
  /** It was down, and has been set up. */
  readonly wasRaised: boolean;
  /** Null: it was not changed. */
  readonly mtu: { readonly before: number; readonly written: number } | null;
}

export const addressRecordKey = (a: Pick<AddressRecord, 'linkIndex' | 'address' | 'prefixLength'>): string =>
  `${a.linkIndex} ${a.address}/${a.prefixLength}`;

/** What is set on a link; null: it is left as it is. */
export interface LinkChange {
  readonly linkIndex: number;
  readonly isUp: boolean | null;
  readonly mtu: number | null;
}

/** What backhauld has put on links, and what these were like before. */
export interface Holdings {
  /** By `addressRecordKey`. */
  readonly addresses: ReadonlyMap<string, AddressRecord>;
  /** By ifindex. */
  readonly links: ReadonlyMap<number, LinkRecord>;
}

/** Everything backhauld wants the network to be: one immutable value. */
export interface DesiredNetwork {
  readonly routes: readonly DesiredRoute[];
  readonly rules: readonly DesiredRule[];
  readonly settings: readonly DesiredSetting[];
  /** Gateways of all ranked uplinks, best first. */
  readonly neighbours: readonly DesiredNeighbour[];
  /** The table of the ranked defaults; null when none could be had. */
  readonly rankedTable: number | null;
  /** The uplinks of the ranked defaults, best first: a plan never lets a reachable one be missing for an instant. */
  readonly ranking: PerFamily<readonly RankedUplink[]>;
  /** The name servers of the active uplink; null where none are known, or nobody is to follow them. */
  readonly resolvers: DesiredDns | null;
  /** Addresses of leases. */
  readonly addresses: readonly DesiredAddress[];
  readonly links: readonly DesiredLink[];
}

/** What the network is now, as far as backhauld can tell. */
export interface ObservedNetwork {
  readonly kernel: KernelState;
  /** Current values by `settingKey`; a setting that cannot be read is missing. */
  readonly settings: ReadonlyMap<string, string>;
  /** What was recorded before it was changed, by `settingKey`. */
  readonly records: ReadonlyMap<string, SettingRecord>;
  /** Missing where nothing is put on links. */
  readonly holdings?: Holdings;
}

interface OperationBase<Type extends string> {
  readonly type: Type;
  /** The object, in one line of iproute2's words. Attempts are counted by it. */
  readonly target: string;
  readonly because: string;
}

/** One step of a plan. */
export type Operation =
  | (OperationBase<'route.replace'> & { readonly route: DesiredRoute })
  | (OperationBase<'route.delete'> & { readonly route: Route })
  | (OperationBase<'rule.add'> & { readonly rule: DesiredRule })
  | (OperationBase<'rule.delete'> & { readonly rule: Rule })
  | (OperationBase<'neighbour.resolve'> & { readonly neighbour: DesiredNeighbour })
  | (OperationBase<'address.add'> & { readonly address: DesiredAddress })
  | (OperationBase<'address.delete'> & { readonly address: AddressRecord })
  /** Forgets an address that is not there any more. */
  | (OperationBase<'address.forget'> & { readonly address: AddressRecord })
  | (OperationBase<'link.set'> & { readonly change: LinkChange; readonly record: LinkRecord })
  | (OperationBase<'link.restore'> & { readonly change: LinkChange; readonly record: LinkRecord })
  /** Forgets what a link was like that is gone, or that someone else has changed since. */
  | (OperationBase<'link.forget'> & { readonly record: LinkRecord })
  | (OperationBase<'setting.write'> & { readonly setting: DesiredSetting; readonly before: string })
  | (OperationBase<'setting.restore'> & { readonly record: SettingRecord })
  /** Forgets a record whose interface or setting no longer exists. */
  | (OperationBase<'setting.forget'> & { readonly record: SettingRecord })
  | DnsOperation
  | HotspotOperation
  | ShapingOperation;

export type OperationType = Operation['type'];

/** What came of an operation. `satisfied`: the kernel says it was so already, or the object is gone with its link. */
export type OperationResult =
  | { readonly ok: true }
  | {
      readonly ok: false;
      readonly retry: 'retryable' | 'permanent' | 'satisfied';
      readonly code:
        | 'kernel.refused'
        | 'kernel.featureMissing'
        | 'kernel.busy'
        | 'kernel.vanished'
        | 'privilege.missing'
        | 'state.unwritable'
        | 'tool.missing'
        | 'tool.timeout'
        | 'tool.failed';
      readonly message: string;
    };

export const done: OperationResult = { ok: true };
