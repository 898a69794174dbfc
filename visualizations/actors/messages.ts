/**
 * What the machines send each other. Charts do not show it, so the real machines are run through a few scenes, and
 * listened to.
 */
import { createActor, type InspectionEvent } from 'xstate';

import { VirtualTimers } from '../../src/inspection/virtual-timers.ts';
import { nodeMachine } from '../../src/machines/node/node.machine.ts';
import { defaultConfig } from '../../src/model/config.ts';
import type { NodeEmission, NodeEvent } from '../../src/model/events.ts';
import { noDeviceFacts, type InterfaceFacts } from '../../src/model/interface.ts';
import type { Lease } from '../../src/model/lease.ts';
import type { Sample } from '../../src/model/probe.ts';
import { machineNames, type MachineName } from '../../src/model/trace.ts';
import { instant, milliseconds } from '../../src/model/units.ts';

export interface Message {
  /** Null: from outside the machines. */
  readonly from: MachineName | null;
  readonly to: MachineName;
  readonly type: string;
}

export interface Heard {
  /** Each once, sorted. */
  readonly messages: readonly Message[];
  readonly emissions: readonly NodeEmission['type'][];
}

type Unsent<E = NodeEvent> = E extends NodeEvent ? Omit<E, 'at'> : never;

/** Everything that happens to a node in its life, in a minute. */
export function listen(): Heard {
  const clock = new VirtualTimers();
  const heard = new Map<string, Message>();
  const emissions = new Set<NodeEmission['type']>();
  const node = createActor(nodeMachine, {
    input: { config: { ...defaultConfig, hotspot: { ...defaultConfig.hotspot, enabled: true, country: 'DE' } } },
    clock,
    inspect: (inspected) => {
      const message = messageOf(inspected);
      if (message !== null) heard.set(`${message.from} ${message.to} ${message.type}`, message);
    },
  });
  node.on('*', ({ type }) => emissions.add(type));
  node.start();
  for (const event of scenes()) {
    node.send({ ...event, at: clock.now });
    clock.advanceTo(instant(clock.now + 1000));
  }
  return {
    messages: [...heard].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, message]) => message),
    emissions: [...emissions].toSorted(),
  };
}

function messageOf(inspected: InspectionEvent): Message | null {
  if (inspected.type !== '@xstate.event') return null;
  const { sourceRef, actorRef, event } = inspected;
  const to = machineOf(actorRef);
  // An actor's word to itself is its own affair.
  if (to === null || sourceRef === actorRef || event.type.startsWith('xstate.')) return null;
  return { from: sourceRef === undefined ? null : machineOf(sourceRef), to, type: event.type };
}

function machineOf(actor: object): MachineName | null {
  const logic = 'logic' in actor ? actor.logic : null;
  const id = typeof logic === 'object' && logic !== null && 'id' in logic ? logic.id : null;
  return machineNames.find((name) => name === id) ?? null;
}

const target = 'tcp://1.1.1.1:53';
const sample = (rtt: number | null): Sample => ({
  target,
  rtt: rtt === null ? null : milliseconds(rtt),
  failure: rtt === null ? 'timeout' : null,
  retransmitted: false,
});

function* scenes(): Generator<Unsent> {
  const [ethernet, radio] = [facts(2, 'eth0'), facts(3, 'wlan0')];
  yield { type: 'interface.found', facts: ethernet };
  yield { type: 'network.observed', incumbents: { ipv4: null, ipv6: null } };
  // The same address twice: the better interface claims it.
  yield { type: 'interface.found', facts: { ...radio, addresses: ethernet.addresses } };
  for (let id = 1; id <= 8; id++) yield { type: 'probe.finished', ...aboutPath, round: round(id, 20) };
  yield { type: 'probe.answeredLate', ...aboutPath, round: 1, sample: sample(900) };
  yield { type: 'target.blamed', family: 'ipv4', target, index: null };
  yield { type: 'target.cleared', family: 'ipv4', target, index: null };
  yield { type: 'uplink.suspected', index: 2, family: 'ipv4', signal: 'neighbourFailed' };
  yield { type: 'uplink.remembered', index: 2, memory };
  yield { type: 'node.resumed', slept: milliseconds(60_000) };
  yield { type: 'command.pin', name: 'nobody' };
  yield { type: 'command.unpin' };
  const problem = { code: 'kernel.refused', message: 'a route could not be set', subject: 'route' } as const;
  yield { type: 'operation.failed', object: 'route', problem };
  yield { type: 'operation.recovered', object: 'route' };
  yield { type: 'interface.changed', facts: { ...radio, addresses: { ipv4: [address(3)], ipv6: [] } } };
  yield { type: 'interface.changed', facts: { ...ethernet, hasCarrier: false } };
  yield* phone();
  yield* accessPoint();
  yield { type: 'interface.lost', index: 2 };
}

/** The radio is made an access point, twice. */
function* accessPoint(): Generator<Unsent> {
  const ability = { phy: 'phy0', supportsAccessPoint: true, supportsBoth: true, stationChannel: null } as const;
  yield { type: 'hotspot.remembered', key: 3, age: milliseconds(60_000) };
  yield { type: 'radio.changed', radio: { index: 3, interface: 'wlan0', ...ability } };
  yield { type: 'command.hotspot', mode: 'on' };
  const problem = { code: 'hotspot.serviceFailed', message: 'it ended', subject: 'wlan0' } as const;
  yield { type: 'hotspot.failed', opening: 1, problem };
  yield { type: 'command.hotspot', mode: 'on' };
  const network = {
    interface: 'wlan0',
    ipv4: { address: '192.168.50.1', prefixLength: 24, peer: null },
    dhcpStart: '192.168.50.100',
    dhcpEnd: '192.168.50.200',
    ipv6: null,
  };
  yield { type: 'hotspot.opened', opening: 2, network };
  yield { type: 'hotspot.clients', opening: 2, clients: 1 };
  yield { type: 'command.rotateKey' };
  yield { type: 'command.hotspot', mode: 'off' };
  yield { type: 'hotspot.closed', opening: 2 };
}

/** A phone is plugged in, gets a lease, and is tried. */
function* phone(): Generator<Unsent> {
  const unplugged = { ...facts(4, 'usb0'), addresses: { ipv4: [], ipv6: [] }, defaultRoutes: [] };
  yield { type: 'interface.found', facts: unplugged };
  yield { type: 'lease.failed', index: 4, problem: { code: 'lease.none', message: 'no answer', subject: 'usb0' } };
  yield { type: 'lease.bound', index: 4, lease };
  yield { type: 'interface.changed', facts: { ...unplugged, addresses: { ipv4: [address(4)], ipv6: [] } } };
  const path = '10.0.4.5 via 10.0.4.1 #3.1';
  yield { type: 'probe.finished', index: 4, family: 'ipv4', path, round: round(1, 20) };
  yield { type: 'probe.answeredLate', index: 4, family: 'ipv4', path, round: 1, sample: sample(900) };
  yield { type: 'uplink.suspected', index: 4, family: 'ipv4', signal: 'neighbourFailed' };
  yield { type: 'node.resumed', slept: milliseconds(1000) };
  yield { type: 'budget.changed', index: 4, level: 'at75' };
  yield { type: 'power.changed', onBattery: true };
  yield { type: 'lease.lost', index: 4, because: 'expired' };
  yield { type: 'lease.remembered', index: 4, lease };
  yield { type: 'interface.lost', index: 4 };
}

const lease: Lease = {
  address: '10.0.4.5',
  prefixLength: 24,
  gateway: '10.0.4.1',
  routes: [],
  dns: ['10.0.4.1'],
  mtu: null,
  server: '10.0.4.1',
  duration: milliseconds(3_600_000),
};

const memory = {
  lifecycle: null,
  damping: { merit: 0, at: instant(0), isSuppressed: false },
  measured: { ipv4: null, ipv6: null },
} as const;
const aboutPath = { index: 2, family: 'ipv4', path: 'any' } as const;
const round = (id: number, rtt: number) =>
  ({ id, startedAt: instant(0), cause: 'interval', samples: [sample(rtt)] }) as const;
const address = (index: number) => ({ address: `10.0.${index}.5`, prefixLength: 24, peer: null });

const facts = (index: number, name: string): InterfaceFacts => ({
  index,
  name,
  kind: null,
  hardwareType: 1,
  isLoopback: false,
  isPointToPoint: false,
  isEnslaved: false,
  isUp: true,
  hasCarrier: true,
  mtu: 1500,
  macAddress: '02:00:00:00:00:01',
  addresses: { ipv4: [address(index)], ipv6: [] },
  defaultRoutes: [{ family: 'ipv4', gateway: `10.0.${index}.1`, table: 254, metric: 100, protocol: 16 }],
  device: noDeviceFacts,
});
