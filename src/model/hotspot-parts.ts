/** What an access point is made of, as plain data: it can be compared, recorded and logged. No secret is in it. */
import type { HotspotConfig } from './config.ts';
import type { PerFamily } from './family.ts';

/** What clients may reach and where they may go: one table of rules. */
export interface FilterPart {
  readonly kind: 'filter';
  readonly interface: string;
  /** The node's own addresses there, and the networks around them: `192.168.50.1`, `192.168.50.0/24`. */
  readonly address: PerFamily<string | null>;
  readonly network: PerFamily<string | null>;
  /** The ifindex of the way out; null: none. */
  readonly upstream: PerFamily<number | null>;
  /** What comes in by these is forwarded because of the hotspot: to its clients only. */
  readonly uplinks: readonly { readonly index: number; readonly name: string }[];
  readonly isIsolated: boolean;
  /** Services of the node that clients reach besides DHCP, DNS and the captive-portal checks: `tcp/22`. */
  readonly services: readonly string[];
  /** Networks that clients reach although they are private. */
  readonly allowed: readonly string[];
  /** Networks of the node's links that are not private, and that clients do not reach either. */
  readonly neighbours: readonly string[];
}

/** The kernel forwards IPv6 at all. */
export interface SwitchPart {
  readonly kind: 'ipv6Forwarding';
}

/** A radio for the access point: with its country, and away from the program that uses it as a station. */
export interface RadioPart {
  readonly kind: 'radio';
  readonly interface: string;
  readonly phy: string;
  readonly country: string;
  /** The station gives it up; otherwise it goes on beside. */
  readonly isTaken: boolean;
}

/** A second interface of a radio. */
export interface InterfacePart {
  readonly kind: 'interface';
  readonly interface: string;
  readonly radio: string;
  readonly phy: string;
}

/** The access point itself: hostapd. */
export interface AccessPointPart {
  readonly kind: 'accessPoint';
  readonly interface: string;
  readonly ssid: string;
  readonly country: string;
  readonly channel: number;
  readonly security: HotspotConfig['security']['mode'];
  /** Numbers of keys. */
  readonly key: number;
  readonly previousKey: number | null;
  readonly maxClients: number;
  readonly isIsolated: boolean;
}

/** The node's addresses on the access point, as `address/length`. */
export interface AddressPart {
  readonly kind: 'address';
  readonly interface: string;
  readonly address: PerFamily<string | null>;
}

/** What comes in by an interface is forwarded. */
export interface ForwardingPart {
  readonly kind: 'forwarding';
  readonly interface: string;
}

/** Addresses and names for clients: dnsmasq. */
export interface NamesPart {
  readonly kind: 'names';
  readonly interface: string;
  readonly address: PerFamily<string | null>;
  readonly prefixLength: number;
  readonly dhcpStart: string;
  readonly dhcpEnd: string;
  readonly localDomain: string;
  /** Without a way out the questions by which phones find captive portals are answered here. */
  readonly hasWayOut: boolean;
  /** Whom to ask for the names of others; none: nobody. */
  readonly servers: readonly string[];
  /** Clients are counted by their leases: nobody else knows of them on a bridge. */
  readonly countsClients: boolean;
  readonly isIsolated: boolean;
}

/** The web server that answers phones' captive-portal checks. */
export interface PortalPart {
  readonly kind: 'portal';
  readonly interface: string;
  readonly address: PerFamily<string | null>;
}

export type HotspotPart =
  | FilterPart
  | SwitchPart
  | RadioPart
  | InterfacePart
  | AccessPointPart
  | AddressPart
  | ForwardingPart
  | NamesPart
  | PortalPart;

export type HotspotPartKind = HotspotPart['kind'];
export type HotspotPartOf<Kind extends HotspotPartKind> = Extract<HotspotPart, { kind: Kind }>;

/**
 * The order in which the parts are brought up; they are taken down in reverse. The filter is first: no client comes in,
 * and nothing is forwarded, before it stands. An address is given to an interface that forwards already: the kernel
 * counts its anycast address (RFC 4291, 2.6.1) twice when that begins while it looks for duplicates, and leaves it.
 */
export const hotspotPartKinds: readonly HotspotPartKind[] = [
  'filter',
  'ipv6Forwarding',
  'radio',
  'interface',
  'accessPoint',
  'forwarding',
  'address',
  'names',
  'portal',
];

/** Two parts with the same key are the same thing, perhaps to be made otherwise. */
export const hotspotPartKey = (part: HotspotPart): string =>
  part.kind === 'forwarding' ? `${part.kind} ${part.interface}` : part.kind;

/** A part that stands, or may stand, and what was there before it: on disk before anything is changed. */
export interface HotspotRecord {
  readonly part: HotspotPart;
  /** What is to be put back, in the words of whoever made the part. */
  readonly before: Readonly<Record<string, string>>;
}

interface HotspotOperationBase<Type extends string> {
  readonly type: Type;
  /** The part, in one line of words. */
  readonly target: string;
  readonly because: string;
}

/** One step of a plan that concerns the hotspot. */
export type HotspotOperation =
  | (HotspotOperationBase<'hotspot.start'> & { readonly part: HotspotPart })
  | (HotspotOperationBase<'hotspot.change'> & { readonly part: HotspotPart; readonly from: HotspotPart })
  | (HotspotOperationBase<'hotspot.stop'> & { readonly part: HotspotPart });
