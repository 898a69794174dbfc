/** What may happen to the hotspot. */
import type { SnapshotFrom } from 'xstate';
import type { HotspotInput, HotspotMemory } from '../../../src/machines/hotspot/hotspot.context.ts';
import { hotspotMachine } from '../../../src/machines/hotspot/hotspot.machine.ts';
import { defaultConfig, type HotspotConfig } from '../../../src/model/config.ts';
import type { HotspotMode, HotspotNetwork, RadioFacts } from '../../../src/model/hotspot.ts';
import { hours, instant, milliseconds, minutes } from '../../../src/model/units.ts';
import { violations } from './hotspot.rules.ts';
import { defineSubject, type WorldOf } from './world.ts';

type Snapshot = SnapshotFrom<typeof hotspotMachine>;
type World = WorldOf<typeof hotspotMachine>;
type Happening = World['happenings'][string];

const radio: RadioFacts = {
  index: 3,
  interface: 'wlan0',
  phy: 'phy0',
  supportsAccessPoint: true,
  supportsBoth: false,
  stationChannel: null,
};
const network: HotspotNetwork = {
  interface: 'wlan0',
  ipv4: { address: '192.168.50.1', prefixLength: 24, peer: null },
  dhcpStart: '192.168.50.100',
  dhcpEnd: '192.168.50.200',
  ipv6: null,
};
const configured: HotspotConfig = { ...defaultConfig.hotspot, enabled: true, country: 'DE' };

const reachable =
  (wayOut: string | null, isRadioUplink = true): Happening =>
  ({ context }, at) =>
    context.wayOut === wayOut && context.isRadioUplink === isRadioUplink
      ? null
      : { type: 'surroundings.changed', wayOut, isRadioUplink, at };
const radioIs =
  (now: RadioFacts | null): Happening =>
  (_, at) => ({ type: 'radio.changed', radio: now, at });
const told =
  (mode: HotspotMode): Happening =>
  (_, at) => ({ type: 'command.hotspot', mode, at });
const opened =
  (behind = 0): Happening =>
  ({ context }, at) => ({ type: 'hotspot.opened', opening: context.opening - behind, network, at });
const failed =
  (behind = 0): Happening =>
  ({ context }, at) => ({ type: 'hotspot.failed', opening: context.opening - behind, problem, at });
const closed =
  (behind = 0): Happening =>
  ({ context }, at) => ({ type: 'hotspot.closed', opening: context.opening - behind, at });
const joined =
  (clients: number, behind = 0): Happening =>
  ({ context }, at) => ({ type: 'hotspot.clients', opening: context.opening - behind, clients, at });
const slept: Happening = (_, at) => ({ type: 'node.resumed', slept: minutes(1), at });
const remembered =
  (key: number, age: number): Happening =>
  (_, at) => ({ type: 'hotspot.remembered', key, age: milliseconds(age), at });
const problem = { code: 'hotspot.portTaken', message: 'port 53 is taken by another' } as const;

const input = (config: HotspotConfig, given: Partial<HotspotInput> = {}): HotspotInput => ({
  config,
  wayOut: null,
  isRadioUplink: true,
  radio: undefined,
  mode: 'auto',
  memory: null,
  at: instant(0),
  ...given,
});

const serviceKey: World['keyOf'] = ({ context }) => [
  context.mode,
  context.wayOut,
  context.radio === undefined ? '?' : [context.radio?.stationChannel, context.radio?.supportsAccessPoint],
  context.clients > 0,
  context.closing?.isSearch,
  context.failures > 0,
  context.wanted?.placement,
];

const whatHappens: World['happenings'] = {
  'nothing is reachable': reachable(null),
  'eth0 is reachable': reachable('eth0'),
  'the radio is there': radioIs(radio),
  'the radio is gone': radioIs(null),
  'it is on air': opened(),
  'it is gone': closed(),
  'someone is connected': joined(1),
  'nobody is connected': joined(0),
  'it is switched on': told('on'),
  'it is switched off': told('off'),
  'it is left to itself': told('auto'),
  'the machine slept': slept,
  'the next timer fires': { wait: 'deadline' },
};

const alone: World = {
  name: 'a radio that is an uplink itself',
  input: input(configured),
  happenings: whatHappens,
  keyOf: serviceKey,
};

const unfit: World = {
  name: 'a radio that comes, goes and cannot',
  input: input(configured),
  happenings: {
    'nothing is reachable': reachable(null),
    'eth0 is reachable': reachable('eth0'),
    'the radio is there': radioIs(radio),
    'the radio is gone': radioIs(null),
    'the radio cannot be one': radioIs({ ...radio, supportsAccessPoint: false }),
    'it is on air': opened(),
    'it fails': failed(),
    'it is gone': closed(),
    'an older one is gone': closed(1),
    'someone is connected to an older one': joined(1, 1),
    'it is switched off': told('off'),
    'it is left to itself': told('auto'),
    'the next timer fires': { wait: 'deadline' },
  },
  keyOf: serviceKey,
};

const station: World = {
  name: 'a radio that is a station',
  input: input(configured, { radio: { ...radio, stationChannel: 11 } }),
  happenings: {
    'nothing is reachable': reachable(null),
    'eth0 is reachable': reachable('eth0'),
    'it is a station': radioIs({ ...radio, stationChannel: 11 }),
    'it is none any more': radioIs(radio),
    'it can do both': radioIs({ ...radio, supportsBoth: true, stationChannel: 1 }),
    'its network moves': radioIs({ ...radio, supportsBoth: true, stationChannel: 36 }),
    'it is on air': opened(),
    'it is gone': closed(),
    'it is switched on': told('on'),
    'it is left to itself': told('auto'),
    'the next timer fires': { wait: 'deadline' },
  },
  keyOf: serviceKey,
};

const onAir: HotspotMemory = {
  mode: 'auto',
  phase: 'serving',
  since: instant(-1000),
  opening: 7,
  wanted: { radio: 'wlan0', placement: 'alone', channel: 6, because: 'no uplink was reachable' },
  network,
  openedAt: instant(-1000),
  clients: 2,
  holdsRadio: true,
  closing: null,
  failures: 0,
  problem: null,
  deadline: null,
  key: 4,
  rotatedAt: instant(-60_000),
  previousKey: 3,
  previousEndsAt: instant(540_000),
};

const inPlace: World = {
  name: 'one that takes the place of one that failed',
  input: input(configured, { radio, memory: onAir }),
  happenings: {
    'nothing is reachable': reachable(null),
    'eth0 is reachable': reachable('eth0'),
    'an older one is on air': opened(1),
    'an older one fails': failed(1),
    'it is gone': closed(),
    'it is switched off': told('off'),
    'the next timer fires': { wait: 'deadline' },
  },
  keyOf: serviceKey,
};

const keys = (name: string, interval: number): World => ({
  name,
  input: input({
    ...configured,
    security: {
      ...configured.security,
      pskRotation: { enabled: true, interval: milliseconds(interval), overlap: minutes(10) },
    },
  }),
  happenings: {
    'the key is to be changed': (_, at) => ({ type: 'command.rotateKey', at }),
    'the first key is remembered': remembered(1, 60_000),
    'an old key is remembered': remembered(3, 3_600_000),
    'a new key is remembered': remembered(3, 60_000),
    'the machine slept': slept,
    'it opens': (snapshot, at) => opening(snapshot, at),
    'the next timer fires': { wait: 'deadline' },
  },
  keyOf: ({ context }) => [context.key > 2, context.previousKey !== null, context.wanted !== null],
});

const opening: Extract<Happening, (...args: never[]) => unknown> = ({ context }, at) =>
  context.mode === 'on' ? radioEvent(at) : { type: 'command.hotspot', mode: 'on', at };
const radioEvent = (at: ReturnType<typeof instant>) => ({ type: 'radio.changed', radio, at }) as const;

export const hotspotSubject = defineSubject({
  machine: hotspotMachine,
  worlds: [
    alone,
    unfit,
    station,
    inPlace,
    keys('a key that is changed often', 1_020_000),
    keys('a key that is changed while the one before it works', 300_000),
    keys('a key that lasts longer than a timer can wait', hours(24 * 40)),
  ],
  violations: (sight) => violations(sight),
});

export type { Snapshot };
