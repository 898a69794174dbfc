/** What may happen to a whole node. */
import { hotspotActor } from '../../../src/machines/hotspot/hotspot.decisions.ts';
import { leaseActor } from '../../../src/machines/lease/lease.decisions.ts';
import { interfaceActor, selectionActor } from '../../../src/machines/node/node.decisions.ts';
import { tetherActor } from '../../../src/machines/tether/tether.decisions.ts';
import { defaultMeteredPolicy, noGateways, type Config } from '../../../src/model/config.ts';
import type { NodeEvent } from '../../../src/model/events.ts';
import type { InterfaceFacts } from '../../../src/model/interface.ts';
import { hasAnswered, type Round } from '../../../src/model/probe.ts';
import { megabytes, seconds, type Instant } from '../../../src/model/units.ts';
import type { BudgetLevel } from '../../../src/model/usage.ts';
import {
  address,
  answered,
  badRound,
  facts,
  goodRound,
  hastyConfig,
  lost,
  round,
  targets,
} from '../../unit/machines/examples.ts';
import { lease, phone } from '../../unit/machines/phone-bench.ts';
import type { NodeSnapshot, System } from './system.ts';

/** Does it, where it can happen; false where it cannot. */
export type Doing = (system: System) => boolean;

export interface SystemWorld {
  readonly name: string;
  /** Another than that of all the others. */
  readonly config?: Config;
  /** What has happened before. */
  readonly before: readonly Doing[];
  readonly happenings: Readonly<Record<string, Doing>>;
}

const eth0 = facts({ index: 2, name: 'eth0' });
const wlan0 = facts({ index: 3, name: 'wlan0' });
const target = targets[0];

const sends =
  (make: (snapshot: NodeSnapshot, at: Instant) => NodeEvent | null): Doing =>
  (system) => {
    const event = make(system.snapshot, system.clock.now());
    if (event !== null) system.send(event);
    return event !== null;
  };

const known = ({ context }: NodeSnapshot, index: number): boolean =>
  context.uplinks.has(index) || context.ignored.has(index);
const found = (one: InterfaceFacts): Doing => sends((_, at) => ({ type: 'interface.found', facts: one, at }));
const gone = ({ index }: InterfaceFacts): Doing =>
  sends((snapshot, at) => (known(snapshot, index) ? { type: 'interface.lost', index, at } : null));
const changes = ({ index }: InterfaceFacts, overrides: Partial<InterfaceFacts>): Doing =>
  sends(({ context }, at) => {
    const now = context.uplinks.get(index)?.facts;
    return now === undefined ? null : { type: 'interface.changed', facts: { ...now, ...overrides }, at };
  });
const observed: Doing = sends(({ value }, at) =>
  value === 'observing' ? { type: 'network.observed', incumbents: { ipv4: null, ipv6: null }, at } : null,
);
const measured = ({ index }: InterfaceFacts, roundOf: (id: number) => Round): Doing =>
  sends((snapshot, at) => {
    const path = snapshot.context.ways.get(index)?.pathIds.ipv4 ?? null;
    const ids = roundsOf(snapshot, index).map(({ id }) => id);
    if (path === null) return null;
    return { type: 'probe.finished', index, family: 'ipv4', path, round: roundOf(1 + Math.max(0, ...ids)), at };
  });
const answeredLate = ({ index }: InterfaceFacts): Doing =>
  sends((snapshot, at) => {
    const path = snapshot.context.ways.get(index)?.pathIds.ipv4 ?? null;
    const latest = roundsOf(snapshot, index).at(-1);
    const given = latest?.samples.find((sample) => !hasAnswered(sample));
    if (path === null || latest === undefined || given === undefined) return null;
    const sample = answered(given.target);
    return { type: 'probe.answeredLate', index, family: 'ipv4', path, round: latest.id, sample, at };
  });
const blamed = (isBlamed: boolean): Doing =>
  sends(({ context }, at) =>
    context.blamed.length > 0 === isBlamed
      ? null
      : { type: isBlamed ? 'target.blamed' : 'target.cleared', family: 'ipv4', target, index: null, at },
  );
const pinned = (name: string | null): Doing =>
  sends(({ context }, at) =>
    context.pinned === name ? null : name === null ? { type: 'command.unpin', at } : { type: 'command.pin', name, at },
  );
const remembered = ({ index }: InterfaceFacts): Doing =>
  sends((snapshot, at) => {
    const path = snapshot.context.views.get(index)?.candidacy.paths.ipv4 ?? null;
    if (path === null || roundsOf(snapshot, index).length > 0) return null;
    const { gateway, addresses } = path;
    const known = { source: addresses[0]?.address ?? '', gateway, verdict: 'failed', rounds: [badRound(1)] } as const;
    return {
      type: 'uplink.remembered',
      index,
      memory: {
        lifecycle: { state: 'down', since: at },
        damping: { merit: 2500, at, isSuppressed: true },
        measured: { ipv4: known, ipv6: null },
      },
      at,
    };
  });
const slept: Doing = sends((_, at) => ({ type: 'node.resumed', slept: seconds(60), at }));
const theNextTimerFires: Doing = ({ clock }) => {
  if (clock.nextDueAt === null) return false;
  clock.advanceTo(clock.nextDueAt);
  return true;
};
const uplinkFails =
  ({ index }: InterfaceFacts): Doing =>
  (system) => {
    const now = system.snapshot.context.uplinks.get(index)?.facts;
    if (now === undefined || !system.snapshot.context.actors.has(interfaceActor(index))) return false;
    system.breakWith(interfaceActor(index), { type: 'interface.changed', facts: now, at: system.clock.now() });
    return true;
  };
const selectionFails: Doing = (system) => {
  if (!system.snapshot.context.actors.has(selectionActor('ipv4'))) return false;
  system.breakWith(selectionActor('ipv4'), { type: 'command.unpin', at: system.clock.now() });
  return true;
};

const hotspotFails: Doing = (system) => {
  if (!system.snapshot.context.actors.has(hotspotActor)) return false;
  system.breakWith(hotspotActor, { type: 'command.rotateKey', at: system.clock.now() });
  return true;
};
const radio = {
  index: 3,
  interface: 'wlan0',
  phy: 'phy0',
  supportsAccessPoint: true,
  supportsBoth: false,
  stationChannel: null,
} as const;
const network = {
  interface: 'wlan0',
  ipv4: address('192.168.50.1'),
  dhcpStart: '192.168.50.100',
  dhcpEnd: '192.168.50.200',
  ipv6: null,
} as const;

/** A phone whose bytes cost money. */
const phoneConfig: Config = {
  ...hastyConfig,
  uplinks: [
    {
      match: { name: 'usb0' },
      type: null,
      gateway: noGateways,
      dhcp: false,
      policy: { ...defaultMeteredPolicy, budget: megabytes(1000), atLimit: 'block' },
    },
  ],
};
const usb0 = phone();
const granted = lease({ duration: null });
const noLease = { code: 'lease.none', message: 'nobody answers' } as const;
const leased: Doing = (system) => {
  const { leases, uplinks } = system.snapshot.context;
  if (leases.get(5)?.phase !== 'asking') return false;
  const now = uplinks.get(5)?.facts ?? usb0;
  const addresses = { ipv4: [address(granted.address)], ipv6: [] };
  system.send({ type: 'lease.bound', index: 5, lease: granted, at: system.clock.now() });
  system.send({ type: 'interface.changed', facts: { ...now, addresses }, at: system.clock.now() });
  return true;
};
const raised = { ...usb0, isUp: true, hasCarrier: true };
const unleased: Doing = (system) => {
  const { leases, uplinks } = system.snapshot.context;
  if (leases.get(5)?.phase !== 'held') return false;
  const now = uplinks.get(5)?.facts ?? usb0;
  const addresses = { ipv4: [], ipv6: [] };
  system.send({ type: 'lease.lost', index: 5, because: 'expired', at: system.clock.now() });
  system.send({ type: 'interface.changed', facts: { ...now, addresses }, at: system.clock.now() });
  return true;
};
const used = (level: BudgetLevel): Doing =>
  sends(({ context: { budgets, uplinks } }, at) =>
    !uplinks.has(5) || (budgets.get(5) ?? 'below') === level ? null : { type: 'budget.changed', index: 5, level, at },
  );
const actorFails =
  (id: string): Doing =>
  (system) => {
    const now = system.snapshot.context.uplinks.get(5)?.facts;
    if (now === undefined || !system.snapshot.context.actors.has(id)) return false;
    system.breakWith(id, { type: 'interface.changed', facts: now, at: system.clock.now() });
    return true;
  };

function roundsOf({ children }: NodeSnapshot, index: number): readonly Round[] {
  const context = children[interfaceActor(index)]?.getSnapshot().context;
  return context !== undefined && 'health' in context ? context.health.ipv4.rounds : [];
}

export const systemWorlds: readonly SystemWorld[] = [
  {
    name: 'an uplink that comes, goes, is made anew, renamed, ignored, and whose actor fails',
    before: [found(wlan0)],
    happenings: {
      'eth0 is found': found(eth0),
      'eth0 is called lan0': changes(eth0, { name: 'lan0' }),
      'eth0 becomes a port': changes(eth0, { isEnslaved: true }),
      'eth0 is gone': gone(eth0),
      'the network is observed': observed,
      'the actor of eth0 fails': uplinkFails(eth0),
      'the actor of IPv4 fails': selectionFails,
      'the next timer fires': theNextTimerFires,
    },
  },
  // Of two that are measured one has the say at a time: both on every path would be ten times as many, and show no more.
  {
    name: 'an uplink that is measured, beside one that was answered and may fail',
    before: [found(eth0), found(wlan0), observed, measured(wlan0, goodRound)],
    happenings: {
      'eth0 is answered': measured(eth0, goodRound),
      'eth0 fails': measured(eth0, badRound),
      'eth0 is answered late': answeredLate(eth0),
      'wlan0 fails': measured(wlan0, badRound),
      'the next timer fires': theNextTimerFires,
    },
  },
  {
    name: 'an uplink that is measured, beside a better one that failed and may be answered late',
    before: [found(eth0), found(wlan0), observed, measured(eth0, badRound)],
    happenings: {
      'eth0 is answered late': answeredLate(eth0),
      'wlan0 is answered': measured(wlan0, goodRound),
      'wlan0 fails': measured(wlan0, badRound),
      'the next timer fires': theNextTimerFires,
    },
  },
  {
    name: 'an uplink that has been up, fell, and is up again',
    before: [
      found(eth0),
      observed,
      ...[goodRound, badRound, goodRound].flatMap((one) => [measured(eth0, one), theNextTimerFires]),
    ],
    happenings: {
      'eth0 is answered': measured(eth0, goodRound),
      'eth0 fails': measured(eth0, badRound),
      'the next timer fires': theNextTimerFires,
    },
  },
  {
    name: 'an uplink that is remembered, and a machine that sleeps',
    before: [found(eth0)],
    happenings: {
      'eth0 is remembered': remembered(eth0),
      'the machine sleeps': slept,
      'the network is observed': observed,
      'eth0 is answered': measured(eth0, goodRound),
      'eth0 fails': measured(eth0, badRound),
      'eth0 is gone': gone(eth0),
      'eth0 is found': found(eth0),
      'the next timer fires': theNextTimerFires,
    },
  },
  {
    name: 'one uplink, and a target at fault',
    before: [found(eth0), observed],
    happenings: {
      'eth0 is answered': measured(eth0, goodRound),
      'eth0 loses one probe': measured(eth0, (id) => round(id, [answered(target), lost(targets[1])])),
      'eth0 fails': measured(eth0, badRound),
      'a target is blamed': blamed(true),
      'the target is cleared': blamed(false),
      'the next timer fires': theNextTimerFires,
    },
  },
  {
    name: 'a hotspot, its radio, and an uplink',
    config: { ...hastyConfig, hotspot: { ...hastyConfig.hotspot, enabled: true, country: 'DE' } },
    before: [found({ ...wlan0, addresses: { ipv4: [], ipv6: [] } }), observed],
    happenings: {
      'eth0 is found': found(eth0),
      'eth0 is gone': gone(eth0),
      'the radio is there': sends((_, at) => ({ type: 'radio.changed', radio, at })),
      'it is on air': sends(({ context: { hotspot } }, at) =>
        hotspot?.view?.state === 'starting'
          ? { type: 'hotspot.opened', opening: hotspot.view.opening, network, at }
          : null,
      ),
      'it fails': sends(({ context: { hotspot } }, at) => ({
        type: 'hotspot.failed',
        opening: hotspot?.view?.opening ?? 0,
        problem: { code: 'hotspot.portTaken', message: 'port 53 is taken' },
        at,
      })),
      'it is closed': sends(({ context: { hotspot } }, at) =>
        hotspot?.view?.state === 'stopping' ? { type: 'hotspot.closed', opening: hotspot.view.opening, at } : null,
      ),
      'someone is connected': sends(({ context: { hotspot } }, at) =>
        hotspot?.view?.state === 'active'
          ? { type: 'hotspot.clients', opening: hotspot.view.opening, clients: 1, at }
          : null,
      ),
      'it is switched off': sends((_, at) => ({ type: 'command.hotspot', mode: 'off', at })),
      'it is left to itself': sends((_, at) => ({ type: 'command.hotspot', mode: 'auto', at })),
      'its key is changed': sends(({ context: { hotspot } }, at) =>
        hotspot?.view?.previousKey === null ? { type: 'command.rotateKey', at } : null,
      ),
      'a key is remembered': sends(({ context: { hotspot } }, at) =>
        hotspot?.view?.key === 1 ? { type: 'hotspot.remembered', key: 3, age: seconds(60), at } : null,
      ),
      'the machine sleeps': slept,
      'its actor fails': hotspotFails,
      'the next timer fires': theNextTimerFires,
    },
  },
  {
    name: 'a phone that is plugged in, and its lease',
    config: phoneConfig,
    before: [observed, found(usb0)],
    happenings: {
      'its link comes up': changes(usb0, { isUp: true, hasCarrier: true }),
      'it is given a lease': leased,
      'its lease is lost': unleased,
      'it is given none': sends(({ context: { leases } }, at) =>
        leases.get(5)?.phase === 'asking' ? { type: 'lease.failed', index: 5, problem: noLease, at } : null,
      ),
      'it is answered': measured(usb0, goodRound),
      'it is pulled out': gone(usb0),
      'it is plugged in': sends((snapshot, at) =>
        known(snapshot, 5) ? null : { type: 'interface.found', facts: usb0, at },
      ),
    },
  },
  {
    name: 'a phone that is measured, and its budget',
    config: phoneConfig,
    before: [observed, found(raised), leased],
    happenings: {
      'it is answered': measured(usb0, goodRound),
      'it fails': measured(usb0, badRound),
      'it is answered late': answeredLate(usb0),
      'its budget is used up': used('exhausted'),
      'its budget begins anew': used('below'),
    },
  },
  {
    name: 'a phone, a gateway that is doubted, and a machine that sleeps',
    config: phoneConfig,
    before: [observed, found(raised)],
    happenings: {
      'a lease is remembered': sends(({ context: { leases } }, at) =>
        leases.get(5)?.phase === 'asking' ? { type: 'lease.remembered', index: 5, lease: granted, at } : null,
      ),
      'it is given a lease': leased,
      'it fails': measured(usb0, badRound),
      'its gateway does not answer': sends(({ context }, at) =>
        context.actors.has(leaseActor(5))
          ? { type: 'uplink.suspected', index: 5, family: 'ipv4', signal: 'neighbourFailed', at }
          : null,
      ),
      'the machine sleeps': slept,
    },
  },
  {
    name: 'a phone whose actors fail',
    config: phoneConfig,
    before: [observed, found(raised), leased],
    happenings: {
      'its lease is lost': unleased,
      'the actor of its lease fails': actorFails(leaseActor(5)),
      'the actor of the phone fails': actorFails(tetherActor(5)),
      'the next timer fires': theNextTimerFires,
    },
  },
  {
    name: 'two uplinks with cables, addresses and a pin',
    before: [found(eth0), found(wlan0), observed],
    happenings: {
      'the cable of eth0 is pulled': changes(eth0, { hasCarrier: false }),
      'the cable of eth0 is plugged in': changes(eth0, { hasCarrier: true }),
      'wlan0 has the address of eth0': changes(wlan0, { addresses: eth0.addresses }),
      'wlan0 has its own address': changes(wlan0, { addresses: { ipv4: [address('10.0.3.5')], ipv6: [] } }),
      'wlan0 is gone': gone(wlan0),
      'wlan0 is found': found(wlan0),
      'wlan0 is answered': measured(wlan0, goodRound),
      'wlan0 is pinned': pinned('wlan0'),
      'nothing is pinned': pinned(null),
      'the next timer fires': theNextTimerFires,
    },
  },
];
