/** The access point that opens when there is no way out. */
import type { InterfaceAddress } from './interface.ts';
import type { Problem } from './errors.ts';
import type { Milliseconds } from './units.ts';

/** `auto`: it opens and closes by itself. `on`, `off`: an operator has said so. */
export const hotspotModes = ['on', 'off', 'auto'] as const;
export type HotspotMode = (typeof hotspotModes)[number];

/** What is known of the radio that the configuration names. */
export interface RadioFacts {
  readonly index: number;
  readonly interface: string;
  /** The kernel's name of the wiphy (`phy0`). A port of a bridge in a radio's place has none. */
  readonly phy: string | null;
  readonly supportsAccessPoint: boolean;
  /** It can be station and access point at once, on one channel. */
  readonly supportsBoth: boolean;
  /**
   * The channel on which it is a station now; null where it is none. One that can be both: the channel of its network, also
   * while it has lost that and only hears it.
   */
  readonly stationChannel: number | null;
}

/**
 * Where the access point is made. `alone`: the radio is taken from its station. `beside`: on a second interface of the
 * same radio, on the station's channel. `bridge`: there is no radio; a bridge stands in its place, for trying things out.
 */
export type HotspotPlacement = 'alone' | 'beside' | 'bridge';

/** The access point that the machines want on air. */
export interface HotspotIntent {
  /** Each opening has a number of its own: what is told of an older one means nothing any more. */
  readonly opening: number;
  readonly radio: string;
  readonly placement: HotspotPlacement;
  readonly channel: number;
  /** The number of the key that clients are given. Keys themselves never enter the machines. */
  readonly key: number;
  /** The key before it still works; null: it does not. */
  readonly previousKey: number | null;
  readonly because: string;
}

/** The interface of an access point beside a station; at most 15 characters, as the kernel has it. */
export const besideName = (radio: string): string => `ap-${radio}`.slice(0, 15);

/** The network that clients are in. It is another than the configured one where that collides with an uplink's. */
export interface HotspotNetwork {
  /** The interface of the access point: the radio itself, one beside it, or a bridge. */
  readonly interface: string;
  readonly ipv4: InterfaceAddress;
  readonly dhcpStart: string;
  readonly dhcpEnd: string;
  /** A unique local prefix (RFC 4193); null where IPv6 is off. */
  readonly ipv6: InterfaceAddress | null;
}

export type HotspotState = 'inactive' | 'starting' | 'active' | 'stopping' | 'error';

/** What `status` tells of the hotspot. */
export interface HotspotStatus {
  readonly state: HotspotState;
  readonly mode: HotspotMode;
  /** ISO 8601, UTC. */
  readonly since: string;
  /** One sentence: why it is so, or what it waits for. */
  readonly because: string;
  readonly ssid: string;
  readonly security: string;
  readonly interface: string | null;
  readonly placement: HotspotPlacement | null;
  readonly channel: number | null;
  readonly address: string | null;
  readonly clients: number;
  readonly maxClients: number;
  /** Until it opens, closes, or looks for its radio's own network; null: nothing is due. */
  readonly due: { readonly what: 'open' | 'close' | 'search' | 'retry'; readonly inMs: number } | null;
  readonly key: {
    readonly number: number;
    readonly rotatesInMs: Milliseconds | null;
    readonly previousEndsInMs: Milliseconds | null;
  };
  readonly problem: Problem | null;
}
