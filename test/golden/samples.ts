import type { HotspotStatus } from '../../src/model/hotspot.ts';
import { noDeviceFacts } from '../../src/model/interface.ts';
import type { Operation } from '../../src/model/network.ts';
import type { Explanation, InterfaceStatus, StatisticsStatus, Status } from '../../src/model/status.ts';
import { bytes, milliseconds } from '../../src/model/units.ts';
import type { HotspotAccess } from '../../src/model/wifi-uri.ts';

/** The time at which the samples were taken. */
export const now = new Date('2030-01-02T12:00:00.000Z');

const noStats: StatisticsStatus = {
  totalProbes: 0,
  successfulProbes: 0,
  failedProbes: 0,
  avgRttMs: null,
  minRttMs: null,
  maxRttMs: null,
  p95RttMs: null,
  jitterMs: null,
  packetLossPercent: 0,
  consecutiveFailures: 0,
  lastSuccess: null,
  lastFailure: null,
};

const stats = (avgRttMs: number, packetLossPercent: number): StatisticsStatus => ({
  ...noStats,
  totalProbes: 400,
  successfulProbes: 398,
  failedProbes: 2,
  avgRttMs,
  packetLossPercent,
});

const noScore = { total: 0, latency: 0, loss: 0, success: 0, bias: 0 };
const healthy = { ipv4: 'healthy', ipv6: 'unknown' } as const;

const interfaceSample = (
  own: Partial<InterfaceStatus> & Pick<InterfaceStatus, 'name' | 'ifindex' | 'type'>,
): InterfaceStatus => ({
  evidence: 'the name',
  isUp: true,
  hasCarrier: true,
  hasAddress: true,
  mtu: 1500,
  macAddress: '02:00:00:00:00:01',
  ipv4Addresses: [],
  ipv6Addresses: [],
  gateways: { ipv4: null, ipv6: null },
  driver: noDeviceFacts.driver,
  state: 'up',
  since: '2030-01-02T09:30:00.000Z',
  verdict: healthy,
  holdDown: null,
  candidate: true,
  notCandidateBecause: null,
  usable: { ipv4: true, ipv6: false },
  reachable: { ipv4: true, ipv6: false },
  damping: { merit: 0, suppressed: false, reuseInMs: null },
  score: noScore,
  scores: { ipv4: noScore, ipv6: noScore },
  stats: { ipv4: noStats, ipv6: noStats },
  policy: 'unrestricted',
  usage: null,
  modem: null,
  ...own,
});

const address = (text: string, prefixLength: number) => ({ address: text, prefixLength, peer: null });

/** A hotspot that closes soon: there is a way out again. */
export const hotspot: HotspotStatus = {
  state: 'active',
  mode: 'auto',
  since: '2030-01-02T11:48:00.000Z',
  because: 'eth0 is reachable again; it closes when that has lasted 60s',
  ssid: 'node "7"',
  security: 'wpa2Wpa3Mixed',
  interface: 'wlan0',
  placement: 'beside',
  channel: 6,
  address: '192.168.50.1',
  clients: 2,
  maxClients: 10,
  due: { what: 'close', inMs: 42_000 },
  key: { number: 3, rotatesInMs: milliseconds(82_800_000), previousEndsInMs: milliseconds(125_000) },
  problem: null,
};

export const failedHotspot: HotspotStatus = {
  ...hotspot,
  state: 'error',
  mode: 'on',
  because: 'it could not be opened',
  interface: null,
  placement: null,
  channel: null,
  address: null,
  clients: 0,
  due: { what: 'retry', inMs: 8000 },
  key: { number: 1, rotatesInMs: null, previousEndsInMs: null },
  problem: {
    code: 'hotspot.noCountry',
    subject: 'wlan0',
    message: 'no country is configured',
    remedy: 'set country in [hotspot]',
  },
};

export const access: HotspotAccess = {
  ssid: 'node "7"',
  security: 'wpa2Wpa3Mixed',
  passphrase: 'k7wm-2hxa-9tqe-dz4n',
  uri: String.raw`WIFI:T:WPA;S:node \"7\";P:k7wm-2hxa-9tqe-dz4n;;`,
};

export const token = {
  token: '000102030405060708090a0b0c0d0e0f',
  expiresInMs: 300_000,
  url: 'http://192.168.50.1/join?token=000102030405060708090a0b0c0d0e0f',
};

/** A node with a good cable, a shaky Wi-Fi, a phone that was just plugged in and a modem without a network. */
export const busy: Status = {
  active: {
    ipv4: {
      iface: 'eth0',
      state: 'up',
      score: 1081,
      since: '2030-01-02T09:30:00.000Z',
      rule: 'score',
      because: 'eth0 scores 1081, wlan0 912: a lead of 169 over 50',
    },
    ipv6: null,
  },
  challenges: {
    ipv4: {
      iface: 'wlan0',
      dueInMs: 125_000,
      roundsLeft: 1,
      because: 'wlan0 scores 1140, eth0 scores 1081, but not for 300 s yet: it was left by score 2 times lately',
    },
    ipv6: null,
  },
  ranking: { ipv4: ['eth0', 'enx0a1b2c3d4e5f', 'wlan0'], ipv6: [] },
  pinned: 'eth0',
  interfaces: [
    interfaceSample({
      name: 'eth0',
      ifindex: 2,
      type: 'ethernet',
      ipv4Addresses: [address('192.168.101.2', 24)],
      ipv6Addresses: [address('2001:db8::2', 64)],
      usable: { ipv4: true, ipv6: true },
      verdict: { ipv4: 'healthy', ipv6: 'failed' },
      score: { total: 1081, latency: 282, loss: 200, success: 500, bias: 100 },
      stats: { ipv4: stats(12.4, 0), ipv6: noStats },
    }),
    interfaceSample({
      name: 'wlan0',
      ifindex: 3,
      type: 'wifi',
      state: 'degraded',
      holdDown: { to: 'down', remainingMs: 12_400 },
      damping: { merit: 2400, suppressed: true, reuseInMs: 100_000 },
      verdict: { ipv4: 'failed', ipv6: 'unknown' },
      ipv4Addresses: [address('10.0.0.17', 16)],
      score: { total: 912, latency: 290, loss: 42, success: 500, bias: 80 },
      stats: { ipv4: stats(6.62, 35), ipv6: noStats },
    }),
    interfaceSample({
      name: 'enx0a1b2c3d4e5f',
      ifindex: 7,
      type: 'usbTether',
      state: 'probing',
      verdict: { ipv4: 'unknown', ipv6: 'unknown' },
      ipv4Addresses: [address('192.168.42.129', 24), address('192.168.42.130', 24)],
      policy: 'metered',
      score: { total: 40, latency: 0, loss: 0, success: 0, bias: 40 },
    }),
    interfaceSample({
      name: 'wwan0',
      ifindex: 4,
      type: 'lteModem',
      state: 'down',
      hasCarrier: false,
      candidate: false,
      notCandidateBecause: 'it has no carrier',
      usable: { ipv4: false, ipv6: false },
    }),
  ],
  blamedTargets: [{ family: 'ipv4', target: 'tcp://8.8.8.8:53', iface: null }],
  departures: [],
  problems: [
    {
      code: 'kernel.conflict',
      subject: 'ipv4 rp_filter of eth0',
      message: 'Someone else has set it to 1',
      remedy: 'see to it that only one program sets it',
    },
  ],
  hotspot,
  tethers: [
    {
      iface: 'enx0a1b2c3d4e5f',
      type: 'usbTether',
      state: 'validating',
      since: '2030-01-02T11:59:58.000Z',
      because: 'it is probed before it carries anything',
      identity: 'usb serial R58M123ABC',
      driver: 'rndis_host',
      managedBy: 'backhauld',
      retryInMs: null,
      problem: null,
    },
  ],
  budgets: [
    {
      identity: 'usb serial R58M123ABC',
      iface: 'enx0a1b2c3d4e5f',
      usedBytes: bytes(921_600_000),
      budgetBytes: bytes(1_024_000_000),
      usedPercent: 90,
      level: 'at90',
      period: 'monthly',
      periodStart: '2030-01-01T00:00:00.000Z',
      periodEnd: '2030-02-01T00:00:00.000Z',
      atLimit: 'block',
    },
  ],
  onBattery: true,
};

export const bare: Status = {
  active: { ipv4: null, ipv6: null },
  challenges: { ipv4: null, ipv6: null },
  ranking: { ipv4: [], ipv6: [] },
  pinned: null,
  interfaces: [],
  blamedTargets: [],
  departures: [],
  problems: [],
  hotspot: null,
  tethers: [],
  budgets: [],
  onBattery: null,
};

/** The kernel allows such names: they must not reach the terminal as they are. */
export const hostile: Status = {
  ...bare,
  interfaces: [interfaceSample({ name: 'e\u001b[31m\u0007\u202e', ifindex: 9, type: 'ethernet' })],
};

export const explanation: Explanation = {
  uplinks: [
    {
      family: 'ipv4',
      name: 'wlan0',
      against: 'eth0',
      isActive: false,
      because: 'eth0 is up and wlan0 degraded',
      rules: [
        { rule: 'usable', left: 'yes', right: 'yes', prefers: null, decides: false },
        { rule: 'reachable', left: 'yes', right: 'yes', prefers: null, decides: false },
        { rule: 'pinned', left: 'no', right: 'no', prefers: null, decides: false },
        { rule: 'cost', left: 'unrestricted', right: 'unrestricted', prefers: null, decides: false },
        { rule: 'lifecycle', left: 'degraded', right: 'up', prefers: 'right', decides: true },
        { rule: 'score', left: '912', right: '881', prefers: 'left', decides: false },
      ],
    },
    {
      family: 'ipv6',
      name: 'wlan0',
      against: null,
      isActive: true,
      because: 'it is the only uplink',
      rules: [],
    },
  ],
};

export const operations: readonly Operation[] = [
  {
    type: 'route.replace',
    target: 'route default via 192.168.101.1 dev eth0 table 100 metric 10',
    because: 'eth0 is first in the ranking',
    route: {
      family: 'ipv4',
      table: 100,
      destination: '0.0.0.0/0',
      metric: 10,
      linkIndex: 2,
      gateway: '192.168.101.1',
      isOnLink: false,
      because: 'eth0 is first in the ranking',
    },
  },
  {
    type: 'rule.add',
    target: 'rule priority 32765 lookup 100',
    because: 'all other traffic follows the ranking',
    rule: {
      family: 'ipv4',
      priority: 32_765,
      table: 100,
      from: null,
      outputInterface: null,
      suppressPrefixLength: null,
      because: 'all other traffic follows the ranking',
    },
  },
];
