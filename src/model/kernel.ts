import type { Family } from './family.ts';

/**
 * The kernel's objects as rtnetlink reports them, in the kernel's words. Addresses are canonical text: dotted quads,
 * RFC 5952 for IPv6. Prefixes are `address/length`; `default` is written `0.0.0.0/0` or `::/0`.
 */

/** A network device. `index` is its identity while it lives; the name may change. */
export interface Link {
  readonly index: number;
  readonly name: string;
  /** IFLA_INFO_KIND (`veth`, `bridge`, `tun`, `wireguard` …), null for plain devices. */
  readonly kind: string | null;
  /** ARPHRD_* type: 1 Ethernet, 512 PPP, 772 loopback, 519 raw IP, 65534 none. */
  readonly hardwareType: number;
  /** IFF_UP: the administrator wants it up. */
  readonly isUp: boolean;
  /** IFF_UP, IFF_LOWER_UP and IFF_RUNNING together: up, with a cable and an operational state of UP or UNKNOWN. */
  readonly hasCarrier: boolean;
  readonly isLoopback: boolean;
  readonly isPointToPoint: boolean;
  readonly mtu: number;
  readonly macAddress: string | null;
  /** IFLA_LINK: the ifindex of the device below (equal to `index` for a real NIC). */
  readonly lowerIndex: number;
  /** IFLA_MASTER: the bridge or bond this device belongs to, null for none. */
  readonly masterIndex: number | null;
}

/** An address on a link. */
export interface Address {
  readonly family: Family;
  readonly linkIndex: number;
  readonly address: string;
  readonly prefixLength: number;
  /** The far end of a point-to-point link, null where there is none. */
  readonly peer: string | null;
  readonly scope: 'global' | 'site' | 'link' | 'host';
  /** Duplicate address detection has not finished, or has failed: not to be used yet. */
  readonly isTentative: boolean;
  readonly isDeprecated: boolean;
}

/** A route with one way out. A multipath route is reported as one `Route` for each of its next hops. */
export interface Route {
  readonly family: Family;
  readonly table: number;
  /** `unicast`, `blackhole`, `unreachable`, `prohibit`, `throw`, `local`, `broadcast` … */
  readonly type: string;
  readonly destination: string;
  /** The next hop, null for an on-link route. May be of the other family (RFC 5549); then it is reported as is. */
  readonly gateway: string | null;
  readonly linkIndex: number | null;
  /** RTA_PRIORITY: the lower wins. The kernel writes 0 for IPv4 and 1024 for IPv6 where none was given. */
  readonly metric: number;
  /** rtm_protocol: who installed it (2 kernel, 3 boot, 4 static, 9 ra, 16 dhcp …). */
  readonly protocol: number;
  readonly scope: 'global' | 'site' | 'link' | 'host' | 'nowhere';
  readonly preferredSource: string | null;
  /** RTNH_F_ONLINK: the gateway is reached directly though no prefix covers it. */
  readonly isOnLink: boolean;
}

/** A policy routing rule. */
export interface Rule {
  readonly family: Family;
  readonly priority: number;
  /** `lookup`, or another action by its kernel name (`goto`, `nop`, `blackhole`, `unreachable`, `prohibit`). */
  readonly action: string;
  readonly table: number;
  /** Source prefix, null for all. */
  readonly from: string | null;
  readonly to: string | null;
  readonly inputInterface: string | null;
  readonly outputInterface: string | null;
  readonly mark: number | null;
  readonly mask: number | null;
  /** Routes with a prefix this short or shorter are passed over; null for none. */
  readonly suppressPrefixLength: number | null;
  /** FRA_PROTOCOL: who installed it. */
  readonly protocol: number;
  /** Something the rule also matches on that this model does not name (ports, uid, tos …): never one of ours. */
  readonly hasOtherSelectors: boolean;
}

export type NeighbourState =
  | 'none'
  | 'incomplete'
  | 'reachable'
  | 'stale'
  | 'delay'
  | 'probe'
  | 'failed'
  | 'noarp'
  | 'permanent';

/** An entry of the neighbour table (ARP, NDP). */
export interface Neighbour {
  readonly family: Family;
  readonly linkIndex: number;
  readonly address: string;
  readonly macAddress: string | null;
  readonly state: NeighbourState;
  readonly isRouter: boolean;
}

/** Traffic counters of a link (IFLA_STATS64). */
export interface LinkCounters {
  readonly receivedPackets: number;
  readonly sentPackets: number;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** Everything the kernel said so far. The maps are live views: read them at once, never keep them. */
export interface KernelState {
  readonly links: ReadonlyMap<number, Link>;
  readonly addresses: ReadonlyMap<string, Address>;
  readonly routes: ReadonlyMap<string, Route>;
  readonly rules: ReadonlyMap<string, Rule>;
  readonly neighbours: ReadonlyMap<string, Neighbour>;
}

interface Change<Kind extends string, T> {
  readonly object: Kind;
  /** What stood before; null when it is new. */
  readonly before: T | null;
  /** What stands now; null when it is gone. */
  readonly after: T | null;
}

/** One thing that became different in the kernel. */
export type KernelChange =
  | Change<'link', Link>
  | Change<'address', Address>
  | Change<'route', Route>
  | Change<'rule', Rule>
  | Change<'neighbour', Neighbour>;

export const addressKey = (a: Address): string => `${a.linkIndex} ${a.address}/${a.prefixLength}`;
/** Two routes with the same key are the same object to the kernel. */
export const routeKey = (r: Route): string =>
  `${r.family} ${r.table} ${r.type} ${r.destination} ${r.metric} ${r.linkIndex ?? '-'} ${r.gateway ?? '-'} ${r.protocol}`;
export const ruleKey = (r: Rule): string =>
  [
    r.family,
    r.priority,
    r.action,
    r.table,
    r.from ?? '-',
    r.to ?? '-',
    r.inputInterface ?? '-',
    r.outputInterface ?? '-',
    r.mark ?? '-',
    r.mask ?? '-',
    r.suppressPrefixLength ?? '-',
    r.protocol,
    r.hasOtherSelectors,
  ].join(' ');
export const neighbourKey = (n: Pick<Neighbour, 'linkIndex' | 'address'>): string => `${n.linkIndex} ${n.address}`;

export const defaultDestination = (family: Family): string => (family === 'ipv4' ? '0.0.0.0/0' : '::/0');
export const isDefault = (route: Pick<Route, 'family' | 'destination'>): boolean =>
  route.destination === defaultDestination(route.family);

/** Table numbers the kernel reserves. */
export const mainTable = 254;
export const localTable = 255;
export const defaultTable = 253;
/** rtm_protocol values (linux/rtnetlink.h). */
export const routeProtocol = { kernel: 2, boot: 3, static: 4, ra: 9, dhcp: 16 } as const;
