/**
 * What may happen to the root, its children's messages included: the children themselves stand still here, and what
 * they would say is one more thing that may happen.
 */
import { fromCallback, type AnyStateMachine, type SnapshotFrom } from 'xstate';
import { departureActor } from '../../../src/machines/node/departure-standing.decisions.ts';
import {
  hotspotActor,
  initialContext as firstHotspot,
  viewOf as hotspotView,
} from '../../../src/machines/hotspot/hotspot.decisions.ts';
import { hotspotInput } from '../../../src/machines/node/hotspot-standing.decisions.ts';
import type { HotspotView } from '../../../src/machines/hotspot/hotspot.context.ts';
import { initialContext } from '../../../src/machines/interface/interface.decisions.ts';
import type { UplinkView } from '../../../src/machines/interface/interface.context.ts';
import { interfaceActor, interfaceInput, selectionActor } from '../../../src/machines/node/node.decisions.ts';
import { nodeMachine } from '../../../src/machines/node/node.machine.ts';
import type { LeaseView } from '../../../src/machines/lease/lease.context.ts';
import { leaseActor } from '../../../src/machines/lease/lease.decisions.ts';
import type { TetherView } from '../../../src/machines/tether/tether.context.ts';
import { tetherActor } from '../../../src/machines/tether/tether.decisions.ts';
import { viewOf } from '../../../src/machines/interface/uplink-view.decisions.ts';
import { defaultConfig } from '../../../src/model/config.ts';
import type { InterfaceFacts } from '../../../src/model/interface.ts';
import type { Lease } from '../../../src/model/lease.ts';
import type { UplinkMemory } from '../../../src/model/memory.ts';
import { instant, seconds } from '../../../src/model/units.ts';
import { answered, facts, goodRound, targets } from '../../unit/machines/examples.ts';
import { lease, phone } from '../../unit/machines/phone-bench.ts';
import { isThere, violations } from './node.rules.ts';
import { defineSubject, type WorldOf } from './world.ts';

type Snapshot = SnapshotFrom<typeof nodeMachine>;
type World = WorldOf<typeof nodeMachine>;
type Happening = World['happenings'][string];

const idle = fromCallback(() => {});
const root: AnyStateMachine = nodeMachine;

const eth0 = facts({ index: 2, name: 'eth0' });
const docker0 = facts({ index: 3, name: 'docker0', kind: 'bridge' });
const apAddress = { address: '192.168.50.1', prefixLength: 24, peer: null };
/** It got the same address as eth0. */
const wlan0 = facts({ index: 4, name: 'wlan0', addresses: eth0.addresses });
const usb0 = phone();
const heldLease = lease();
const noMemory: UplinkMemory = {
  lifecycle: null,
  damping: { merit: 0, at: instant(0), isSuppressed: false },
  measured: { ipv4: null, ipv6: null },
};
const firstTarget = targets[0];

const found =
  (one: InterfaceFacts): Happening =>
  (_, at) => ({ type: 'interface.found', facts: one, at });
const changed =
  (one: InterfaceFacts): Happening =>
  (snapshot, at) =>
    isThere(snapshot, one.index) ? { type: 'interface.changed', facts: one, at } : null;
const gone =
  ({ index }: InterfaceFacts): Happening =>
  (snapshot, at) =>
    isThere(snapshot, index) ? { type: 'interface.lost', index, at } : null;
const observed: Happening = ({ value }, at) =>
  value === 'observing' ? { type: 'network.observed', incumbents: { ipv4: 2, ipv6: null }, at } : null;

/** The actor of an interface says what it would say first, or what became different of what it said. */
const tells =
  (index: number, different: (view: UplinkView) => Partial<UplinkView> = () => ({})): Happening =>
  ({ context }, at) => {
    const input = interfaceInput(context, index);
    if (input === null || !context.actors.has(interfaceActor(index))) return null;
    const view = context.views.get(index) ?? viewOf(initialContext(input));
    return { type: 'interface.updated', index, view: { ...view, ...different(view) }, at };
  };

const fails =
  (actorId: string): Happening =>
  ({ context }) =>
    context.actors.has(actorId)
      ? { type: `xstate.error.actor.${actorId}`, actorId, error: new Error('broken on purpose') }
      : null;

const chooses =
  (index: number | null): Happening =>
  ({ context }, at) => {
    const name = index === null ? null : context.uplinks.get(index)?.facts.name;
    if (name === undefined || !context.actors.has(selectionActor('ipv4'))) return null;
    const active =
      name === null || index === null
        ? null
        : { index, name, rule: 'only' as const, because: 'it is the only one', since: at };
    const ranking = index === null ? [] : [{ index, isReachable: true }];
    return { type: 'selection.changed', family: 'ipv4', active, ranking, at };
  };

/** The actor of an uplink that was left says what becomes of its flows. */
const decides =
  (index: number, isEnded: boolean): Happening =>
  ({ context }, at) => {
    const departure = context.departures.get(departureActor(index, 'ipv4'));
    if (departure === undefined || (departure.stranded !== null) === isEnded) return null;
    const { name, path } = departure.input;
    const stranded = { index, name, family: 'ipv4' as const, path, since: at, because: 'it is dead' };
    return { type: 'departure.decided', index, family: 'ipv4', stranded: isEnded ? stranded : null, at };
  };

const about = (index: number | null, type: 'target.blamed' | 'target.cleared'): Happening => {
  const isSo = (snapshot: Snapshot) => snapshot.context.blamed.some((known) => known.index === index);
  return (snapshot, at) =>
    (index !== null && !isThere(snapshot, index)) || isSo(snapshot) === (type === 'target.blamed')
      ? null
      : { type, family: 'ipv4', target: firstTarget, index, at };
};

/** Who failed, and whether again. */
const failuresOf = ({ failures }: Snapshot['context']): readonly string[] =>
  [...failures].map(([id, { count }]) => `${id} ${Math.min(2, count)}`).toSorted();

const phoneKey: World['keyOf'] = ({ context }) => [
  [...context.actors].toSorted(),
  [...context.leases.values()].map(({ phase }) => phase),
  [...context.tethers.values()].map(({ state }) => state),
  failuresOf(context),
];

const oneInterface: World = {
  name: 'an interface that comes, changes, goes and fails',
  input: { config: defaultConfig },
  happenings: {
    'eth0 is found': found(eth0),
    'eth0 has another MTU': changed({ ...eth0, mtu: 1400 }),
    'eth0 is called lan0': changed({ ...eth0, name: 'lan0' }),
    'eth0 becomes a port': changed({ ...eth0, isEnslaved: true }),
    'eth0 is gone': gone(eth0),
    'the network is observed': observed,
    'the actor of eth0 says how it is': tells(2),
    'the actor of eth0 fails': fails(interfaceActor(2)),
    'the next timer fires': { wait: 'deadline' },
  },
  keyOf: ({ context }) => [
    [...context.uplinks.values()].map(({ facts: { name, mtu } }) => [name, mtu]),
    [...context.ignored.values()].map(({ name }) => name),
    [...context.actors].toSorted(),
    [...context.views.keys()],
    failuresOf(context),
  ],
};

const neighbours: World = {
  name: 'interfaces that are ignored, or have the same address',
  input: { config: defaultConfig },
  happenings: {
    'eth0 is found': found(eth0),
    'eth0 is gone': gone(eth0),
    'docker0 is found': found(docker0),
    'docker0 has another MTU': changed({ ...docker0, mtu: 1400 }),
    'docker0 is called wan0': changed({ ...docker0, name: 'wan0', kind: null }),
    'docker0 is gone': gone(docker0),
    'wlan0 is found with the address of eth0': found(wlan0),
    'wlan0 has an address of its own': changed({ ...wlan0, addresses: facts({ index: 4 }).addresses }),
    'wlan0 is gone': gone(wlan0),
    'the network is observed': observed,
  },
  keyOf: ({ context }) => [
    [...context.uplinks.values()].map(({ facts: { name }, claims }) => `${name} ${claims.length}`).toSorted(),
    [...context.ignored.values()].map(({ name }) => name),
    [...context.actors].toSorted(),
  ],
};

const words: World = {
  name: 'one interface, and what is said of it',
  input: { config: defaultConfig },
  happenings: {
    'eth0 is found': (snapshot, at) => (isThere(snapshot, 2) ? null : { type: 'interface.found', facts: eth0, at }),
    'eth0 is gone': gone(eth0),
    'the network is observed': observed,
    'the actor of eth0 says how it is': tells(2),
    'the actor of eth0 tells of a portal': tells(2, () => ({ captive: { ipv4: true, ipv6: false } })),
    'the actor of eth0 has new figures': tells(2, ({ contenders: { ipv4, ipv6 } }) => ({
      contenders: { ipv4: { ...ipv4, rounds: ipv4.rounds + 1 }, ipv6 },
    })),
    'eth0 is active': chooses(2),
    'nothing is active': chooses(null),
    'the flows by eth0 are ended': decides(2, true),
    'the flows by eth0 may finish': decides(2, false),
    'the actor of the departure of eth0 fails': fails(departureActor(2, 'ipv4')),
    'the actor of IPv4 fails': fails(selectionActor('ipv4')),
    'the next timer fires': { wait: 'deadline' },
    'ten minutes pass': { wait: 600_000 },
    'eth0 is pinned': (_, at) => ({ type: 'command.pin', name: 'eth0', at }),
    'nothing is pinned': (_, at) => ({ type: 'command.unpin', at }),
  },
  keyOf: ({ context }) => [
    [...context.actors].toSorted(),
    [...context.views.values()].map(({ captive }) => captive.ipv4),
    failuresOf(context),
    context.selected.ipv4?.active?.index,
    context.selected.ipv4 === null,
    [...context.departures.values()].map(({ stranded }) => stranded !== null),
    context.pinned,
  ],
};

/** The actors of a phone's lease and of the phone itself say what they would. */
const leaseTells =
  (phase: LeaseView['phase'], held: Lease | null): Happening =>
  ({ context }, at) => {
    if (!context.actors.has(leaseActor(5)) || context.leases.get(5)?.phase === phase) return null;
    const intent = phase === 'idle' ? null : { index: 5, name: 'usb0', request: 1, timeout: seconds(30) };
    return { type: 'lease.updated', index: 5, view: { phase, intent, lease: held, own: [], problem: null }, at };
  };
const tetherTells =
  (state: TetherView['state'], withheldBecause: string | null): Happening =>
  ({ context }, at) =>
    !context.actors.has(tetherActor(5)) || context.tethers.get(5)?.state === state
      ? null
      : {
          type: 'tether.updated',
          index: 5,
          view: {
            state,
            because: 'it is so',
            managedBy: null,
            identity: 'usb port 1-1',
            type: 'usbTether',
            since: at,
            withheldBecause,
            isRaised: true,
            isTried: withheldBecause !== null,
            retryAt: null,
            problem: null,
          },
          at,
        };

const aPhone: World = {
  name: 'a phone, its lease, and what is said of them',
  input: { config: defaultConfig },
  happenings: {
    'usb0 is found': found(usb0),
    'usb0 is gone': gone(usb0),
    'the network is observed': observed,
    'a lease is remembered': (_, at) => ({ type: 'lease.remembered', index: 5, lease: lease(), at }),
    'a lease is granted': (_, at) => ({ type: 'lease.bound', index: 5, lease: lease(), at }),
    'the lease is lost': (_, at) => ({ type: 'lease.lost', index: 5, because: 'expired', at }),
    'no lease is granted': (_, at) => ({
      type: 'lease.failed',
      index: 5,
      problem: { code: 'lease.none', message: 'nobody answers' },
      at,
    }),
    'the lease is asked for': leaseTells('asking', null),
    'the lease is held': leaseTells('held', heldLease),
    'the tether is tried': tetherTells('validating', 'the tether is being validated'),
    'the tether is ready': tetherTells('ready', null),
  },
  keyOf: phoneKey,
};

const failingPhone: World = {
  name: 'a phone whose actors fail',
  input: { config: defaultConfig },
  happenings: {
    'usb0 is found': (snapshot, at) => (isThere(snapshot, 5) ? null : { type: 'interface.found', facts: usb0, at }),
    'usb0 is gone': gone(usb0),
    'the lease is held': leaseTells('held', heldLease),
    'the tether is ready': tetherTells('ready', null),
    'the actor of the lease fails': fails(leaseActor(5)),
    'the actor of the tether fails': fails(tetherActor(5)),
    'the next timer fires': { wait: 'deadline' },
  },
  keyOf: phoneKey,
};

/** The actor of the hotspot says what it would say first, or what became different of it. */
const hotspotTells =
  (different: Partial<HotspotView>): Happening =>
  ({ context }, at) => {
    const { hotspot } = context;
    if (hotspot === null || !context.actors.has(hotspotActor)) return null;
    const view = hotspot.view ?? hotspotView(firstHotspot(hotspotInput(context, hotspot)));
    return { type: 'hotspot.updated', view: { ...view, ...different }, at };
  };

const radio = { index: 4, interface: 'wlan0', phy: 'phy0', supportsAccessPoint: true, supportsBoth: false } as const;
const portTaken = { code: 'hotspot.portTaken', message: 'port 53 is taken', subject: 'wlan0' } as const;
const wanted = { opening: 1, radio: 'wlan0', placement: 'alone', channel: 6, key: 1, previousKey: null } as const;
const nothing = { interface: 'wlan0', dhcpStart: '', dhcpEnd: '', ipv6: null } as const;

const aHotspot: World = {
  name: 'a hotspot, and what is said of it',
  input: { config: { ...defaultConfig, hotspot: { ...defaultConfig.hotspot, enabled: true } } },
  happenings: {
    'wlan0 is found': (snapshot, at) => (isThere(snapshot, 4) ? null : { type: 'interface.found', facts: wlan0, at }),
    'wlan0 is gone': gone(wlan0),
    'the network is observed': observed,
    'wlan0 is active': chooses(4),
    'nothing is active': chooses(null),
    'the actor of wlan0 says how it is': tells(4),
    'the radio is there': (_, at) => ({ type: 'radio.changed', radio: { ...radio, stationChannel: null }, at }),
    'a key is remembered': (_, at) => ({ type: 'hotspot.remembered', key: 3, age: seconds(60), at }),
    'it is switched on': (_, at) => ({ type: 'command.hotspot', mode: 'on', at }),
    'its key is to be changed': (_, at) => ({ type: 'command.rotateKey', at }),
    'it is on air': (_, at) => ({ type: 'hotspot.opened', opening: 1, network: { ...nothing, ipv4: apAddress }, at }),
    'it has failed': (_, at) => ({ type: 'hotspot.failed', opening: 1, problem: portTaken, at }),
    'it is closed': (_, at) => ({ type: 'hotspot.closed', opening: 1, at }),
    'someone is connected': (_, at) => ({ type: 'hotspot.clients', opening: 1, clients: 1, at }),
    'its actor says how it is': hotspotTells({}),
    'its actor wants an access point': hotspotTells({
      state: 'starting',
      problem: null,
      intent: { ...wanted, because: 'nothing is reachable' },
    }),
    'its actor says that it failed': hotspotTells({ state: 'error', problem: portTaken, intent: null }),
    'its actor fails': fails(hotspotActor),
    'the machine slept': (_, at) => ({ type: 'node.resumed', slept: seconds(60), at }),
    'the next timer fires': { wait: 'deadline' },
  },
  keyOf: ({ context }) => [
    [...context.actors].toSorted(),
    failuresOf(context),
    context.hotspot?.told,
    context.hotspot?.view?.state,
  ],
};

const reports: World = {
  name: 'reports of probes, targets and operations',
  input: { config: defaultConfig },
  happenings: {
    'eth0 is found': (snapshot, at) => (isThere(snapshot, 2) ? null : { type: 'interface.found', facts: eth0, at }),
    'eth0 is gone': gone(eth0),
    'a round of eth0 ends': (_, at) => ({
      type: 'probe.finished',
      index: 2,
      family: 'ipv4',
      path: 'any',
      round: goodRound(1),
      at,
    }),
    'a probe of eth0 is answered late': (_, at) => ({
      type: 'probe.answeredLate',
      index: 2,
      family: 'ipv4',
      path: 'any',
      round: 1,
      sample: answered(),
      at,
    }),
    'eth0 is suspected': (_, at) => ({
      type: 'uplink.suspected',
      index: 2,
      family: 'ipv4',
      signal: 'neighbourFailed',
      at,
    }),
    'eth0 is remembered': (_, at) => ({ type: 'uplink.remembered', index: 2, memory: noMemory, at }),
    'the machine slept': (_, at) => ({ type: 'node.resumed', slept: seconds(60), at }),
    'a target is blamed everywhere': about(null, 'target.blamed'),
    'it is cleared everywhere': about(null, 'target.cleared'),
    'a target is blamed on eth0': about(2, 'target.blamed'),
    'it is cleared on eth0': about(2, 'target.cleared'),
    'an operation fails': (_, at) => ({
      type: 'operation.failed',
      object: 'a route',
      problem: { code: 'kernel.refused', message: 'it was refused', remedy: '', subject: 'eth0' },
      at,
    }),
    'the operation succeeds': (_, at) => ({ type: 'operation.recovered', object: 'a route', at }),
    'the actor of eth0 fails': fails(interfaceActor(2)),
    'the next timer fires': { wait: 'deadline' },
  },
  keyOf: ({ context }) => [
    [...context.actors].toSorted(),
    context.blamed,
    context.failedOperations.size,
    failuresOf(context),
  ],
};

const economy: World = {
  name: 'a budget, and the battery',
  input: { config: defaultConfig },
  happenings: {
    'eth0 is found': (snapshot, at) => (isThere(snapshot, 2) ? null : { type: 'interface.found', facts: eth0, at }),
    'eth0 is called lan0': changed({ ...eth0, name: 'lan0' }),
    'eth0 is gone': gone(eth0),
    'the budget of eth0 is used up': (snapshot, at) =>
      isThere(snapshot, 2) ? { type: 'budget.changed', index: 2, level: 'exhausted', at } : null,
    'its budget begins anew': (snapshot, at) =>
      isThere(snapshot, 2) ? { type: 'budget.changed', index: 2, level: 'below', at } : null,
    'the mains fail': (_, at) => ({ type: 'power.changed', onBattery: true, at }),
    'the mains are back': (_, at) => ({ type: 'power.changed', onBattery: false, at }),
    'the actor of eth0 fails': fails(interfaceActor(2)),
    'the next timer fires': { wait: 'deadline' },
  },
  keyOf: ({ context }) => [
    [...context.actors].toSorted(),
    [...context.uplinks.values()].map(({ facts: { name } }) => name),
    failuresOf(context),
    [...context.budgets.values()],
    context.onBattery,
  ],
};

export const nodeSubject = defineSubject({
  machine: root.provide({
    actors: { interface: idle, selection: idle, departure: idle, hotspot: idle, lease: idle, tether: idle },
  }) as typeof nodeMachine,
  worlds: [oneInterface, neighbours, words, aPhone, failingPhone, aHotspot, reports, economy],
  violations,
  delayedEvents: { restartBackOff: 'actor.restartDue' },
  exceptions: {
    'restartBackOff is called off': 'a restart is never called off: it finds nothing to do when the interface is gone',
  },
});
