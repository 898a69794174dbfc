import type { PerFamily } from './family.ts';
import type { InterfaceType } from './interface.ts';
import type { Target } from './probe.ts';
import type { UplinkPolicy } from './uplink-policy.ts';
import type { BitsPerSecond, Bytes, Milliseconds, Percent } from './units.ts';

/** The whole configuration, checked and complete. One group of the file is one group here. */
export interface Config {
  readonly profile: 'default' | 'fast';
  readonly discovery: DiscoveryConfig;
  readonly interfaces: InterfacesConfig;
  readonly probe: ProbeConfig;
  readonly stall: StallConfig;
  readonly keepalive: KeepaliveConfig;
  readonly scoring: ScoringConfig;
  readonly selection: SelectionConfig;
  readonly lifecycle: LifecycleConfig;
  readonly routing: RoutingConfig;
  readonly failback: FailbackConfig;
  readonly dns: DnsConfig;
  readonly hotspot: HotspotConfig;
  readonly relayQos: RelayQosConfig;
  readonly usbTether: TetherConfig;
  readonly bluetoothPan: BluetoothPanConfig;
  readonly battery: BatteryConfig;
  readonly recorder: RecorderConfig;
  readonly api: ApiConfig;
  /** The first entry that matches an interface applies to it. */
  readonly uplinks: readonly UplinkConfig[];
}

export interface DiscoveryConfig {
  /** How often the kernel's state is dumped and compared. 1 s to 1 h. */
  readonly resyncInterval: Milliseconds;
  /** How the kernel is spoken to: `ffi` (netlink from this process), `command` (`ip` as a child), `auto` (the best that works). */
  readonly driver: 'auto' | 'ffi' | 'command';
}

export interface InterfacesConfig {
  /** Globs of names. When given, only these are looked at, also those that would be passed over (bridges, tunnels). */
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

export interface ProbeConfig {
  readonly interval: Milliseconds;
  readonly timeout: Milliseconds;
  readonly targets: PerFamily<readonly Target[]>;
  /** A round fails when fewer targets than this answer. At least 1. */
  readonly quorum: number;
  readonly degradedThreshold: number;
  readonly downThreshold: number;
  /** Window loss from which an uplink is degraded. */
  readonly degradedLoss: Percent;
  /** Samples in the sliding window. */
  readonly window: number;
  readonly burstRounds: number;
  readonly burstInterval: Milliseconds;
  /** On a standby uplink at most one burst starts in this time. */
  readonly standbyBurstInterval: Milliseconds;
  readonly meteredInterval: Milliseconds;
  readonly meteredActiveInterval: Milliseconds;
  /** Share of an interval by which it varies either way, so that a fleet never probes in step. */
  readonly jitter: Percent;
}

export interface StallConfig {
  readonly window: Milliseconds;
  readonly minSent: number;
  readonly sample: Milliseconds;
}

export interface KeepaliveConfig {
  readonly interval: Milliseconds;
  readonly onMetered: boolean;
}

export interface ScoringConfig {
  readonly weightLatency: number;
  readonly weightLoss: number;
  readonly weightSuccess: number;
  readonly enablePolicyBias: boolean;
  readonly policyBiasMultiplier: number;
  readonly maxRtt: Milliseconds;
  readonly maxLossPercent: Percent;
  readonly bias: Readonly<Record<InterfaceType, number>>;
}

export interface SelectionConfig {
  readonly switchMargin: number;
  /** How long a lead must last. After several setbacks it is up to an hour (`setback.decisions.ts`). */
  readonly switchAfter: Milliseconds;
  /** Rounds over which a lead must hold. */
  readonly switchRounds: number;
  readonly urgentMargin: number;
  /** Lost samples in the incumbent's window that make a lead over `urgentMargin` count at once. */
  readonly urgentLosses: number;
  readonly damping: DampingConfig;
}

/** Exponentially decaying flap damping (RFC 2439). */
export interface DampingConfig {
  readonly penalty: number;
  readonly suppressAbove: number;
  readonly reuseBelow: number;
  readonly ceiling: number;
  readonly halfLife: Milliseconds;
}

export interface LifecycleConfig {
  readonly upToDegraded: Milliseconds;
  readonly degradedToDown: Milliseconds;
  readonly downToProbing: Milliseconds;
  readonly probingToUp: Milliseconds;
  readonly minStateDuration: Milliseconds;
}

export interface RoutingConfig {
  /** False: a dry run. Everything is computed and shown, nothing is done. */
  readonly execute: boolean;
  /** True: tables are kept, no rule is installed. */
  readonly monitorOnly: boolean;
  readonly interfaceTablePriority: number;
  readonly firstTable: number;
  readonly lastTable: number;
}

export interface FailbackConfig {
  readonly linger: Milliseconds;
}

export interface DnsConfig {
  readonly mode: 'auto' | 'resolved' | 'resolvconf' | 'file' | 'none';
}

export interface HotspotConfig {
  readonly enabled: boolean;
  readonly interface: string;
  readonly ssid: string;
  readonly channel: number;
  readonly country: string | null;
  readonly ipAddress: string;
  readonly prefixLength: number;
  readonly dhcpStart: string;
  readonly dhcpEnd: string;
  readonly enableNat: boolean;
  /** An interface's name, or `auto`: whichever uplink is active. */
  readonly natUpstream: string;
  readonly localDomain: string;
  /** Services of the node that clients reach besides DHCP, DNS and the captive-portal checks: `tcp/22`. */
  readonly services: readonly string[];
  /** Networks behind an uplink that clients reach although they are private, as `192.168.1.0/24`. */
  readonly privateNetworks: readonly string[];
  readonly startAfter: Milliseconds;
  readonly stopAfter: Milliseconds;
  /** How long nobody may be connected before a radio that is an uplink itself looks for its network again. */
  readonly searchInterval: Milliseconds;
  /** How long it looks: the access point is gone meanwhile. */
  readonly searchFor: Milliseconds;
  readonly security: HotspotSecurityConfig;
  readonly qos: HotspotQosConfig;
}

export interface HotspotSecurityConfig {
  readonly mode: 'open' | 'wpa2Psk' | 'wpa3Sae' | 'wpa2Wpa3Mixed';
  readonly allowOpen: boolean;
  /** 8 to 63 printable ASCII characters, or the key itself as 64 hexadecimal digits; null: keys are made. */
  readonly passphrase: string | null;
  readonly pskRotation: { readonly enabled: boolean; readonly interval: Milliseconds; readonly overlap: Milliseconds };
  readonly enableClientIsolation: boolean;
  readonly maxClients: number;
  readonly onboardingTokens: { readonly enabled: boolean; readonly lifetime: Milliseconds };
}

export interface QosClass {
  readonly dscp: number;
  readonly ports: readonly number[];
  readonly rate: BitsPerSecond;
}

export interface HotspotQosConfig {
  readonly enabled: boolean;
  readonly maxBandwidth: BitsPerSecond;
  readonly control: QosClass;
  readonly interactive: QosClass;
  readonly bulk: QosClass;
}

export interface RelayQosConfig {
  readonly enabled: boolean;
  readonly relayMin: BitsPerSecond;
  readonly relayMax: BitsPerSecond;
  readonly nodeMin: BitsPerSecond;
  readonly dscp: number;
}

export interface TetherConfig {
  readonly enabled: boolean;
  readonly interfacePatterns: readonly string[];
  readonly enableDhcp: boolean;
  readonly dhcpTimeout: Milliseconds;
  readonly validateRoute: boolean;
  readonly validationTarget: string;
}

export interface BluetoothPanConfig extends TetherConfig {
  /** Addresses of paired phones that are kept connected. */
  readonly connect: readonly string[];
}

export interface BatteryConfig {
  readonly batteryAware: boolean;
  readonly probeReduction: number;
}

export interface RecorderConfig {
  readonly enabled: boolean;
  readonly maxSize: Bytes;
  readonly maxAge: Milliseconds;
}

export interface ApiConfig {
  readonly socketMode: number;
}

export interface UplinkMatch {
  /** Glob of the name. */
  readonly name?: string;
  readonly mac?: string;
  readonly driver?: string;
  readonly usbSerial?: string;
}

export interface UplinkConfig {
  readonly match: UplinkMatch;
  readonly type: InterfaceType | null;
  readonly gateway: PerFamily<string | null>;
  /** Its name servers, in place of those that other programs know; missing: theirs. */
  readonly dns?: readonly string[];
  readonly dhcp: boolean;
  readonly policy: UplinkPolicy | null;
}
