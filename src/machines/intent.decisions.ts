/**
 * What the node wants of the network and of the probes. Parts that stay what they were stay the same objects, up to the
 * whole intent, so that an identity comparison tells whether anything is to be done.
 */
import type { Config } from '../model/config.ts';
import type { NodeIntent, ProbeIntent } from '../model/events.ts';
import { families, perFamily, type Family, type PerFamily } from '../model/family.ts';
import { noNetwork, type UplinkIntent } from '../model/network.ts';
import { milliseconds, seconds, type Milliseconds } from '../model/units.ts';
import type { Ways } from './interface.context.ts';
import type { NodeContext, Selected } from './node.context.ts';

export const noIntent: NodeIntent = { network: noNetwork, probes: [] };

type Basis = Pick<NodeContext, 'config' | 'ways' | 'selected' | 'intent'>;

/** Nothing is wanted before both families are decided: an empty ranking would take away what a predecessor left. */
export function intentOf({ config, ways, selected: { ipv4, ipv6 }, intent: before }: Basis): NodeIntent {
  if (ipv4 === null || ipv6 === null) return before;
  const selected = { ipv4, ipv6 };
  const uplinks = [...ways.values()].filter(({ hasEverLed }) => hasEverLed).toSorted((a, b) => a.index - b.index);
  const network = {
    uplinks: reuse(before.network.uplinks, uplinks.map(uplinkIntent)),
    ranking: perFamily((family) => selected[family].ranking),
  };
  const probes = uplinks.flatMap((uplink) =>
    families.flatMap((family) => probeIntent(uplink, family, selected, config)),
  );
  const isSameNetwork =
    network.uplinks === before.network.uplinks &&
    families.every((family) => network.ranking[family] === before.network.ranking[family]);
  const next = {
    network: isSameNetwork ? before.network : network,
    probes: reuse(before.probes, probes),
  };
  return next.network === before.network && next.probes === before.probes ? before : next;
}

const uplinkIntent = ({ index, name, paths }: Ways): UplinkIntent => ({ index, name, paths });

function probeIntent(
  { index, name, policy, paths, pathIds }: Ways,
  family: Family,
  selected: PerFamily<Selected>,
  config: Config,
): readonly ProbeIntent[] {
  const source = paths[family]?.addresses[0]?.address;
  const path = pathIds[family];
  if (source === undefined || path === null || config.probe.targets[family].length === 0) return [];
  const { active, ranking } = selected[family];
  const role = active?.index === index ? 'active' : 'standby';
  const interval = probeInterval(role, policy.kind === 'metered', config);
  const isReachable = ranking.some((ranked) => ranked.index === index && ranked.isReachable);
  return [{ index, name, family, source, path, role, interval, isReachable }];
}

/** With the fast profile the active uplink is watched closely. A metered one never is: the probes cost money. */
const fastIntervals = { active: milliseconds(100), standby: seconds(1) } as const;

function probeInterval(role: ProbeIntent['role'], isMetered: boolean, { profile, probe }: Config): Milliseconds {
  if (isMetered) return role === 'active' ? probe.meteredActiveInterval : probe.meteredInterval;
  return profile === 'fast' ? fastIntervals[role] : probe.interval;
}

/** The list of before, or at least its elements, where they hold the same values. */
function reuse<T extends object>(before: readonly T[], now: readonly T[]): readonly T[] {
  const merged = now.map((item, position) => {
    const previous = before[position];
    return previous !== undefined && isSame(previous, item) ? previous : item;
  });
  return merged.length === before.length && merged.every((item, position) => item === before[position])
    ? before
    : merged;
}

const isSame = <T extends object>(a: T, b: T): boolean =>
  (Object.keys(b) as (keyof T)[]).every((key) => a[key] === b[key]);
