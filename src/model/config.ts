/** What holds where nothing is configured; what can be is in `config.groups.ts`. */
import type { Config, ProbeConfig } from './config.groups.ts';
import { perFamily, type PerFamily } from './family.ts';
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
  type Milliseconds,
} from './units.ts';

export type * from './config.groups.ts';
export * from './uplink-policy.ts';

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
