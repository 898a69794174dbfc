import { perFamily, type PerFamily } from './family.ts';
import type { InterfaceType } from './interface.ts';
import type { Target } from './probe.ts';
import {
  bitsPerSecond,
  hours,
  kilobitsPerSecond,
  megabytes,
  milliseconds,
  minutes,
  percent,
  seconds,
  type BitsPerSecond,
  type Bytes,
  type Milliseconds,
  type Percent,
} from './units.ts';

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

/** What may be spent on an uplink. */
export type UplinkPolicy = { readonly kind: 'unrestricted' } | { readonly kind: 'emergencyOnly' } | MeteredPolicy;

export interface MeteredPolicy {
  readonly kind: 'metered';
  readonly budget: Bytes;
  readonly period: 'monthly' | 'days' | 'prepaid';
  /** Day of the month on which a monthly period starts, 1 to 31. */
  readonly startDay: number;
  /** Length of a period of days. */
  readonly days: number;
  /** The IANA zone whose days are meant (`Europe/Berlin`). Missing: that of the machine. */
  readonly timeZone?: string;
  readonly atLimit: 'block' | 'throttle' | 'warn';
  /** What it is slowed down to, in each direction, where `atLimit` is `throttle`. Missing: `defaultThrottleRate`. */
  readonly throttleRate?: BitsPerSecond;
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

const tcpTarget = (family: 'ipv4' | 'ipv6', address: string): Target => ({
  kind: 'tcp',
  text: family === 'ipv4' ? `tcp://${address}:53` : `tcp://[${address}]:53`,
  family,
  address,
  port: 53,
});

const icmpTarget = (family: 'ipv4' | 'ipv6', address: string): Target => ({
  kind: 'icmp',
  text: family === 'ipv4' ? `icmp://${address}` : `icmp://[${address}]`,
  family,
  address,
});

/** What is probed ten times a second where nothing else is configured: half of it by ICMP, which is a quarter of the bytes. */
export const fastTargets: ProbeConfig['targets'] = {
  ipv4: [icmpTarget('ipv4', '1.1.1.1'), tcpTarget('ipv4', '8.8.8.8')],
  ipv6: [icmpTarget('ipv6', '2606:4700:4700::1111'), tcpTarget('ipv6', '2001:4860:4860::8888')],
};

/** An answer is waited for at least as long, however quick the answers before it were. */
export const leastTimeout = ({ profile }: Pick<Config, 'profile'>): Milliseconds =>
  milliseconds(profile === 'fast' ? 100 : 200);

export const unrestrictedPolicy: UplinkPolicy = { kind: 'unrestricted' };

/** Enough for a terminal and for messages, and at most 1.4 GB a day each way. */
export const defaultThrottleRate: BitsPerSecond = kilobitsPerSecond(128);

export const defaultMeteredPolicy: MeteredPolicy = {
  kind: 'metered',
  budget: megabytes(1024),
  period: 'monthly',
  startDay: 1,
  days: 30,
  atLimit: 'block',
  throttleRate: defaultThrottleRate,
};

/** The policy of a type where the configuration names none: phones cost money until someone says otherwise. */
export const defaultPolicy = (type: InterfaceType): UplinkPolicy =>
  type === 'usbTether' || type === 'bluetoothPan' ? defaultMeteredPolicy : unrestrictedPolicy;

const tetherDefaults = {
  enabled: true,
  enableDhcp: true,
  dhcpTimeout: seconds(30),
  validateRoute: true,
  validationTarget: '8.8.8.8',
} as const;

/** Every default of the specification. */
export const defaultConfig: Config = {
  profile: 'default',
  discovery: { resyncInterval: seconds(60), driver: 'auto' },
  interfaces: { include: [], exclude: [] },
  probe: {
    interval: seconds(5),
    timeout: seconds(3),
    targets: {
      ipv4: [tcpTarget('ipv4', '1.1.1.1'), tcpTarget('ipv4', '8.8.8.8')],
      ipv6: [tcpTarget('ipv6', '2606:4700:4700::1111'), tcpTarget('ipv6', '2001:4860:4860::8888')],
    },
    quorum: 1,
    degradedThreshold: 1,
    downThreshold: 2,
    degradedLoss: percent(10),
    window: 20,
    burstRounds: 10,
    burstInterval: milliseconds(250),
    standbyBurstInterval: seconds(30),
    meteredInterval: seconds(300),
    meteredActiveInterval: seconds(30),
    jitter: percent(10),
  },
  stall: { window: milliseconds(500), minSent: 3, sample: milliseconds(250) },
  keepalive: { interval: seconds(30), onMetered: false },
  scoring: {
    weightLatency: 300,
    weightLoss: 200,
    weightSuccess: 500,
    enablePolicyBias: true,
    policyBiasMultiplier: 1,
    maxRtt: milliseconds(200),
    maxLossPercent: percent(10),
    bias: { ethernet: 100, wifi: 80, lteModem: 60, usbTether: 40, bluetoothPan: 30, unknown: 0 },
  },
  selection: {
    switchMargin: 50,
    switchAfter: seconds(10),
    switchRounds: 3,
    urgentMargin: 150,
    urgentLosses: 3,
    damping: { penalty: 1000, suppressAbove: 2000, reuseBelow: 750, ceiling: 4000, halfLife: seconds(60) },
  },
  lifecycle: {
    upToDegraded: seconds(15),
    degradedToDown: seconds(30),
    downToProbing: seconds(60),
    probingToUp: seconds(10),
    minStateDuration: seconds(5),
  },
  routing: { execute: true, monitorOnly: false, interfaceTablePriority: 1000, firstTable: 100, lastTable: 200 },
  failback: { linger: seconds(30) },
  dns: { mode: 'auto' },
  hotspot: {
    enabled: false,
    interface: 'wlan0',
    ssid: 'backhauld',
    channel: 6,
    country: null,
    ipAddress: '192.168.50.1',
    prefixLength: 24,
    dhcpStart: '192.168.50.100',
    dhcpEnd: '192.168.50.200',
    enableNat: true,
    natUpstream: 'auto',
    localDomain: 'local',
    services: [],
    privateNetworks: [],
    startAfter: seconds(30),
    stopAfter: seconds(60),
    searchInterval: minutes(2),
    searchFor: seconds(25),
    security: {
      mode: 'wpa2Wpa3Mixed',
      allowOpen: false,
      passphrase: null,
      pskRotation: { enabled: false, interval: hours(24), overlap: minutes(10) },
      enableClientIsolation: true,
      maxClients: 10,
      onboardingTokens: { enabled: false, lifetime: minutes(5) },
    },
    qos: {
      enabled: true,
      maxBandwidth: bitsPerSecond(1e9),
      control: { dscp: 46, ports: [22, 443], rate: kilobitsPerSecond(1000) },
      interactive: { dscp: 34, ports: [80, 8080], rate: kilobitsPerSecond(5000) },
      bulk: { dscp: 10, ports: [], rate: kilobitsPerSecond(10_000) },
    },
  },
  relayQos: {
    enabled: false,
    relayMin: kilobitsPerSecond(10_000),
    relayMax: kilobitsPerSecond(1_000_000),
    nodeMin: kilobitsPerSecond(1000),
    dscp: 46,
  },
  usbTether: { ...tetherDefaults, interfacePatterns: ['usb0', 'enx'] },
  bluetoothPan: { ...tetherDefaults, interfacePatterns: ['bnep*'], connect: [] },
  battery: { batteryAware: true, probeReduction: 2 },
  recorder: { enabled: true, maxSize: megabytes(50), maxAge: hours(24 * 7) },
  api: { socketMode: 0o660 },
  uplinks: [],
};

/** What may be recorded and shown: whoever needs a secret has the configuration itself. */
export const withoutSecrets = (config: Config): Config =>
  config.hotspot.security.passphrase === null
    ? config
    : { ...config, hotspot: { ...config.hotspot, security: { ...config.hotspot.security, passphrase: null } } };

/** No gateway is configured for either family. */
export const noGateways: PerFamily<string | null> = perFamily(() => null);
