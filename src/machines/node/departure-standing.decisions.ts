/** Which uplinks were left, and how they stand. */
import type { Family } from '../../model/family.ts';
import type { DepartureInput, Standing } from '../departure/departure.context.ts';
import { unlessSame } from '../unless-same.ts';
import type { Carrying, Departure, NodeContext } from './node.context.ts';

export const departureActor = (index: number, family: Family): string => `departure ${family}-${index}`;

/** The uplink that carries a family, as it is to be remembered when it has lost its way out. */
export function carryingOf(
  { views, carrying, selected }: Pick<NodeContext, 'views' | 'carrying' | 'selected'>,
  family: Family,
): Carrying | null {
  const active = selected[family]?.active ?? null;
  if (active === null) return null;
  const before = carrying[family]?.index === active.index ? carrying[family] : null;
  const ways = views.get(active.index)?.ways;
  const path = ways?.uplink.paths[family] ?? null;
  if (ways === undefined || path === null) return before;
  if (before?.path === path) return before;
  return { index: active.index, name: active.name, path, isExpensive: ways.policy.kind !== 'unrestricted' };
}

/** How a left uplink stands now. */
export function standingOf({ views, selected }: NodeContext, { index, family }: DepartureInput): Standing {
  const contender = views.get(index)?.contenders[family];
  const { active = null, ranking = [] } = selected[family] ?? {};
  return {
    isDead: contender === undefined || !contender.isUsable || contender.verdict === 'failed',
    hasWayOut: ranking.some((ranked) => ranked.index === active?.index && ranked.isReachable),
  };
}

/** What a word of a family's selection means for those who were left. */
export interface Farewell {
  /** The departures that are over, by the ids of their actors. */
  readonly over: readonly string[];
  /** The uplink that was left just now. */
  readonly left: DepartureInput | null;
}

/** To be asked while `carrying` still names the uplink that was active before. */
export function farewellOf(
  { selected, carrying, departures, uplinks, config, now }: NodeContext,
  family: Family,
): Farewell {
  const active = selected[family]?.active?.index;
  const before = carrying[family];
  const isSwitch = before?.index !== active;
  const over = [...departures].flatMap(([id, { input, stranded }]) => {
    const isOver = input.index === active || (isSwitch && stranded !== null && !uplinks.has(input.index));
    return input.family === family && isOver ? [id] : [];
  });
  const left = isSwitch && before !== null ? { ...before, family, linger: config.failback.linger, at: now } : null;
  return { over, left };
}

export function withFarewell(
  { actors, departures, failures }: NodeContext,
  { over, left }: Farewell,
): Partial<NodeContext> {
  const isKept = (id: string): boolean => !over.includes(id);
  const kept = new Map([...departures].filter(([id]) => isKept(id)));
  const actorsLeft = new Set([...actors].filter(isKept));
  if (left !== null) {
    const id = departureActor(left.index, left.family);
    kept.set(id, { input: left, standing: null, stranded: null });
    actorsLeft.add(id);
  }
  return {
    actors: actorsLeft,
    departures: kept,
    failures: new Map([...failures].filter(([id]) => isKept(id))),
  };
}

/** The departures whose actors are to be told that something stands differently, as they stand now. */
export function newStandings(context: NodeContext): ReadonlyMap<string, Standing> {
  const changed = new Map<string, Standing>();
  for (const [id, { input, standing: before }] of context.departures) {
    const standing = unlessSame(before, standingOf(context, input));
    if (standing !== before && context.actors.has(id)) changed.set(id, standing);
  }
  return changed;
}

/** Notes what the actors of departures were told, or said. */
export function withDepartures(
  departures: NodeContext['departures'],
  changed: ReadonlyMap<string, Partial<Departure>>,
): NodeContext['departures'] {
  const next = new Map(departures);
  for (const [id, change] of changed) {
    const departure = departures.get(id);
    if (departure !== undefined) next.set(id, { ...departure, ...change });
  }
  return next;
}
