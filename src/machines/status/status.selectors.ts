/** The status as operators see it, read from the machines as they stand. */
import { families, perFamily, type Family, type PerFamily } from '../../model/family.ts';
import type { InterfaceFacts } from '../../model/interface.ts';
import type { UplinkMemory } from '../../model/memory.ts';
import type { ProbeStatistics } from '../../model/probe.ts';
import type {
  ActiveStatus,
  ChallengeStatus,
  DepartureStatus,
  InterfaceStatus,
  StatisticsStatus,
  Status,
} from '../../model/status.ts';
import type { TetherStatus } from '../../model/tether.ts';
import { elapsed, later, type Instant } from '../../model/units.ts';
import { interfaceContextOf, selectionContextOf, type NodeSnapshot } from './actor-context.selectors.ts';
import { meritAt, timeUntilReuse } from '../interface/damping.decisions.ts';
import { statisticsOf } from '../interface/health.decisions.ts';
import { hotspotStatus } from './hotspot-status.selectors.ts';
import type { InterfaceContext } from '../interface/interface.context.ts';
import { memoryOf } from '../interface/memory.decisions.ts';
import { scoreOf, shown } from '../interface/score.decisions.ts';

export { explain } from './explain.selectors.ts';

/** Turns an instant of the monotonic clock into ISO 8601, UTC. */
export type WallClock = (at: Instant) => string;

export function statusOf(snapshot: NodeSnapshot, now: Instant, wall: WallClock): Status {
  const { selected, views, uplinks, pinned, blamed, problems, onBattery } = snapshot.context;
  const interfaces = [...uplinks.keys()]
    .toSorted((a, b) => a - b)
    .flatMap((index) => {
      const context = interfaceContextOf(snapshot, index);
      return context === null ? [] : [interfaceStatus(context, now, wall, isReachableIn(snapshot, index))];
    });
  const nameOf = (index: number): string => views.get(index)?.name ?? `interface ${index}`;
  return {
    active: perFamily((family) => activeStatus(snapshot, family, wall)),
    challenges: perFamily((family) => challengeStatus(snapshot, family, now)),
    ranking: perFamily((family) => selected[family]?.ranking.map(({ index }) => nameOf(index)) ?? []),
    pinned,
    interfaces,
    blamedTargets: blamed.map(({ family, target, index }) => ({
      family,
      target,
      iface: index === null ? null : nameOf(index),
    })),
    departures: departureStatuses(snapshot, now),
    problems,
    hotspot: hotspotStatus(snapshot.context, now, wall),
    tethers: tetherStatuses(snapshot.context, now, wall),
    budgets: [],
    onBattery,
  };
}

const tetherStatuses = (
  { tethers, uplinks }: NodeSnapshot['context'],
  now: Instant,
  wall: WallClock,
): readonly TetherStatus[] =>
  [...tethers].flatMap(([index, { state, since, because, identity, type, managedBy, retryAt, problem }]) => {
    const facts = uplinks.get(index)?.facts;
    if (facts === undefined) return [];
    const retryInMs = retryAt === null ? null : Math.ceil(Math.max(0, elapsed(now, retryAt)));
    const { name: iface, device } = facts;
    return [
      {
        iface,
        type,
        state,
        since: wall(since),
        because,
        identity,
        driver: device.driver,
        managedBy,
        retryInMs,
        problem,
      },
    ];
  });

function departureStatuses({ context, children }: NodeSnapshot, now: Instant): readonly DepartureStatus[] {
  return [...context.departures.keys()].flatMap((id) => {
    const departure = children[id]?.getSnapshot();
    if (departure === undefined || !('linger' in departure.context)) return [];
    const { name, family, linger, now: since } = departure.context;
    const state = departureStates.find((candidate) => candidate === departure.value) ?? 'finishing';
    const endsInMs = state === 'lingering' ? Math.ceil(Math.max(0, elapsed(now, later(since, linger)))) : null;
    return [{ iface: name, family, state, endsInMs }];
  });
}

const departureStates = ['finishing', 'lingering', 'trapped', 'ended'] as const;

function activeStatus({ context }: NodeSnapshot, family: Family, wall: WallClock): ActiveStatus | null {
  const active = context.selected[family]?.active ?? null;
  const view = active === null ? undefined : context.views.get(active.index);
  if (active === null || view === undefined) return null;
  return {
    iface: active.name,
    state: view.lifecycle,
    score: Math.trunc(view.contenders[family].score),
    since: wall(active.since),
    rule: active.rule,
    because: active.because,
  };
}

function challengeStatus(snapshot: NodeSnapshot, family: Family, now: Instant): ChallengeStatus | null {
  const choice = selectionContextOf(snapshot, family)?.choice ?? null;
  if (choice === null || choice.challenge === null) return null;
  const { name, dueAt, roundsLeft } = choice.challenge;
  const dueInMs = Math.ceil(Math.max(0, elapsed(now, dueAt)));
  return { iface: name, dueInMs, roundsLeft, because: choice.because };
}

/** The facts of an interface; null for one that nobody looks at. */
export const factsOf = (snapshot: NodeSnapshot, index: number): InterfaceContext['facts'] | null =>
  interfaceContextOf(snapshot, index)?.facts ?? null;

/** What is to be remembered of every interface that has an actor, beside the facts by which it is known again. */
export const memoriesOf = (
  snapshot: NodeSnapshot,
): readonly { readonly facts: InterfaceFacts; readonly memory: UplinkMemory }[] =>
  [...snapshot.context.uplinks.keys()].flatMap((index) => {
    const context = interfaceContextOf(snapshot, index);
    return context === null ? [] : [{ facts: context.facts, memory: memoryOf(context) }];
  });

const isReachableIn = ({ context: { selected } }: NodeSnapshot, index: number): PerFamily<boolean> =>
  perFamily(
    (family) => selected[family]?.ranking.some((ranked) => ranked.index === index && ranked.isReachable) ?? false,
  );

function interfaceStatus(
  context: InterfaceContext,
  now: Instant,
  wall: WallClock,
  reachable: PerFamily<boolean>,
): InterfaceStatus {
  const { facts, classification, config, candidacy, gateways, health, pending, damping, isSuppressed } = context;
  const { index, name, isUp, hasCarrier, mtu, macAddress, addresses, device } = facts;
  const { damping: limits } = config.selection;
  const scores = perFamily((family) => scoreOf(health[family].figures, classification.type, config.scoring));
  return {
    name,
    ifindex: index,
    type: classification.type,
    evidence: classification.evidence,
    isUp,
    hasCarrier,
    hasAddress: families.some((family) => addresses[family].length > 0),
    mtu,
    macAddress,
    ipv4Addresses: addresses.ipv4,
    ipv6Addresses: addresses.ipv6,
    gateways: perFamily((family) => gateways[family]?.address ?? null),
    driver: device.driver,
    state: context.lifecycle,
    since: wall(context.since),
    verdict: perFamily((family) => health[family].verdict),
    holdDown:
      pending === null ? null : { to: pending.to, remainingMs: Math.ceil(Math.max(0, elapsed(now, pending.dueAt))) },
    candidate: candidacy.isCandidate,
    notCandidateBecause: candidacy.because,
    usable: perFamily((family) => candidacy.isCandidate && candidacy.paths[family] !== null),
    reachable,
    damping: {
      merit: Math.trunc(meritAt(damping, now, limits)),
      suppressed: isSuppressed,
      reuseInMs: isSuppressed ? timeUntilReuse(damping, now, limits) : null,
    },
    score: shown(scores.ipv6.total > scores.ipv4.total ? scores.ipv6 : scores.ipv4),
    scores: perFamily((family) => shown(scores[family])),
    stats: perFamily((family) => statisticsStatus(statisticsOf(health[family]), wall)),
    policy: classification.policy.kind,
    usage: null,
    modem: null,
  };
}

function statisticsStatus(statistics: ProbeStatistics, wall: WallClock): StatisticsStatus {
  const { successRate: _shownAsLoss, lastSuccess, lastFailure, ...figures } = statistics;
  return {
    ...figures,
    lastSuccess: lastSuccess === null ? null : wall(lastSuccess),
    lastFailure: lastFailure === null ? null : wall(lastFailure),
  };
}
