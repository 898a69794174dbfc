/**
 * What the node wants of the network and of the probes. Parts that stay what they were stay the same objects, up to the
 * whole intent, so that an identity comparison tells whether anything is to be done.
 */
import type { Config } from '../../model/config.ts';
import type { NodeIntent, ProbeIntent } from '../../model/events.ts';
import { families, type Family } from '../../model/family.ts';
import type { HeldLease } from '../../model/lease.ts';
import { noNetwork } from '../../model/network.ts';
import { milliseconds, seconds, type Milliseconds } from '../../model/units.ts';
import type { Ways } from '../interface/interface.context.ts';
import type { NodeContext, Selected } from './node.context.ts';
import { validationTargets } from '../tether/tether.decisions.ts';
import { heldLeases, leaseIntents, raisedLinks } from './tether-standing.decisions.ts';
import { unlessSame, unlessSameList } from '../unless-same.ts';
import { isAccessPoint } from './withheld.decisions.ts';

export const noIntent: NodeIntent = { network: noNetwork, probes: [], stranded: [], hotspot: null, leases: [] };

type Basis = Pick<
  NodeContext,
  'config' | 'ways' | 'selected' | 'departures' | 'hotspot' | 'intent' | 'leases' | 'tethers' | 'uplinks' | 'onBattery'
>;

/** Nothing is wanted before both families are decided: an empty ranking would take away what a predecessor left. */
export function intentOf(basis: Basis): NodeIntent {
  const {
    ways,
    selected: { ipv4, ipv6 },
    departures,
    hotspot,
    intent: before,
  } = basis;
  if (ipv4 === null || ipv6 === null) return before;
  const ranking = { ipv4: ipv4.ranking, ipv6: ipv6.ranking };
  const stands = { ipv4: standsOf(ipv4), ipv6: standsOf(ipv6) };
  // The access point is given routes and addresses by others, and its station's lead nowhere meanwhile.
  const isOut = ({ index }: { readonly index: number }): boolean => !isAccessPoint(basis, index);
  const leading = [...ways.values()].filter(({ hasEverLed, uplink }) => hasEverLed && isOut(uplink));
  const network = unlessSame(before.network, {
    uplinks: unlessSameList(
      before.network.uplinks,
      leading.map(({ uplink }) => uplink),
    ),
    ranking: unlessSame(before.network.ranking, ranking),
    ...unlessEmpty('leases', before.network.leases, heldLeases(basis).filter(isOut), isSameHeld),
    ...unlessEmpty('raised', before.network.raised, raisedLinks(basis)),
    ...unlessEmpty('throttled', before.network.throttled, throttledLinks(leading)),
  });
  const probes: ProbeIntent[] = [];
  for (const way of leading) {
    for (const family of families) {
      const intent = probeIntent(way, family, stands[family], basis);
      if (intent !== null) probes.push(unlessSameProbe(before.probes[probes.length], intent));
    }
  }
  const stranded = [...departures.values()].flatMap((departure) => departure.stranded ?? []);
  return unlessSame(before, {
    network,
    probes: unlessSameList(before.probes, probes),
    stranded: unlessSameList(before.stranded, stranded),
    hotspot: hotspot?.view?.intent ?? null,
    leases: unlessSameList(before.leases, leaseIntents(basis).filter(isOut)),
  });
}

/** A list that is told where there is anything in it. */
const unlessEmpty = <Name extends string, T>(
  name: Name,
  before: readonly T[] = [],
  now: readonly T[] = [],
  isSame: (a: T, b: T) => boolean = Object.is,
): Partial<Record<Name, readonly T[]>> => {
  const isAlike = now.length === before.length && now.every((one, i) => isSame(one, before[i] as T));
  return now.length === 0 ? {} : ({ [name]: isAlike ? before : now } as Record<Name, readonly T[]>);
};

const isSameHeld = (a: HeldLease, b: HeldLease): boolean =>
  a.lease === b.lease && a.index === b.index && a.name === b.name;

const throttledLinks = (ways: readonly Ways[]): readonly number[] =>
  ways.flatMap(({ isThrottled = false, uplink: { index } }) => (isThrottled ? [index] : []));

/** How a family's uplinks stand, by ifindex. */
interface Stands {
  readonly activeIndex: number | null;
  readonly reachable: ReadonlySet<number>;
}

const standsOf = ({ active, ranking }: Selected): Stands => ({
  activeIndex: active?.index ?? null,
  reachable: new Set(ranking.filter(({ isReachable }) => isReachable).map(({ index }) => index)),
});

function probeIntent(
  { uplink: { index, name, paths }, policy, pathIds }: Ways,
  family: Family,
  { activeIndex, reachable }: Stands,
  { config, tethers, onBattery }: Basis,
): ProbeIntent | null {
  const source = paths[family]?.addresses[0]?.address;
  const path = pathIds[family];
  const tether = tethers.get(index);
  const targets = tether?.isTried === true ? validationTargets(config, tether.type, family) : null;
  if (source === undefined || path === null || (targets ?? config.probe.targets[family]).length === 0) return null;
  const role = activeIndex === index ? 'active' : 'standby';
  // It is tried once and at once, whatever a byte costs.
  const isUrgent = tether?.state === 'validating';
  // Money is spent by the uplink, not by the family: those of one that stands by share its rounds.
  const ways = role === 'standby' ? families.filter((each) => paths[each] !== null).length : 1;
  const isMetered = policy.kind === 'metered';
  const usual = milliseconds(probeInterval(role, isMetered, config, onBattery) * (isMetered ? ways : 1));
  const interval = isUrgent ? config.probe.interval : usual;
  const intent: ProbeIntent = { index, name, family, source, path, role, interval, isReachable: reachable.has(index) };
  return targets === null ? intent : { ...intent, targets };
}

/** With the fast profile the active uplink is watched closely. A metered one never is: the probes cost money. */
const fastIntervals = { active: milliseconds(100), standby: seconds(1) } as const;

/**
 * On battery probes are rarer; a probe is a keep-alive too, so those of the active uplink keep that interval. Not those of
 * the fast profile: who asks for it wants to know at once, whatever it costs.
 */
function probeInterval(
  role: ProbeIntent['role'],
  isMetered: boolean,
  { profile, probe, keepalive, battery }: Config,
  onBattery: boolean | null,
): Milliseconds {
  if (profile === 'fast' && !isMetered) return fastIntervals[role];
  const metered = role === 'active' ? probe.meteredActiveInterval : probe.meteredInterval;
  const reduction = battery.batteryAware && onBattery === true ? battery.probeReduction : 1;
  const usual = milliseconds((isMetered ? metered : probe.interval) * reduction);
  const isKeptAlive = role === 'active' && (!isMetered || keepalive.onMetered);
  return isKeptAlive ? milliseconds(Math.min(usual, keepalive.interval)) : usual;
}

/** The path stands for interface, family, source and gateway together. */
const unlessSameProbe = (before: ProbeIntent | undefined, now: ProbeIntent): ProbeIntent =>
  before?.path === now.path &&
  before.role === now.role &&
  before.interval === now.interval &&
  before.isReachable === now.isReachable &&
  textsOf(before) === textsOf(now)
    ? before
    : now;

const textsOf = ({ targets }: ProbeIntent): string => (targets ?? []).map(({ text }) => text).join(' ');
