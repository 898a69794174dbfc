import type { RoutingConfig } from '../../model/config.ts';
import type { Problem } from '../../model/errors.ts';
import { perFamily, type PerFamily } from '../../model/family.ts';
import { isDefault } from '../../model/kernel.ts';
import type { UplinkIntent } from '../../model/network.ts';
import type { RoutingView } from './observe.ts';
import { firstRankMetric, rulePriorities, uplinkMetric } from './places.ts';

/** Which routing table serves whom. */
export interface Tables {
  /** The table of the ranked defaults, one id for both families; null when there was none to be had. */
  readonly ranked: number | null;
  /** By ifindex. */
  readonly uplinks: ReadonlyMap<number, number>;
  /**
   * Families that have been in use since there are uplinks. Rules of such a family stay while links flap; rules of a
   * family the node does not have are never tried.
   */
  readonly families: PerFamily<boolean>;
}

export const noTables: Tables = { ranked: null, uplinks: new Map(), families: { ipv4: false, ipv6: false } };

export interface TableAssignment {
  readonly tables: Tables;
  readonly problems: readonly Problem[];
}

/**
 * Gives each uplink a table, and the ranking one. What was assigned stays; after a crash, what backhauld's own rules and
 * routes say is taken over; ids with routes of others are left (also when these come later), ids that rules of others
 * look up are not begun. With no id left the uplink gets none (`routing.tablesExhausted`): an id is never used twice.
 */
export function assignTables(
  previous: Tables,
  uplinks: readonly UplinkIntent[],
  view: RoutingView,
  routing: RoutingConfig,
): TableAssignment {
  const families = perFamily(
    (family) =>
      uplinks.length > 0 && (previous.families[family] || uplinks.some((uplink) => uplink.paths[family] !== null)),
  );
  if (uplinks.length === 0) return { tables: noTables, problems: [] };

  const withForeignRoutes = new Set([...view.foreignRoutes.values()].map((route) => route.table));
  const problems = [...withForeignRoutes].toSorted((a, b) => a - b).map(tableTaken);
  const given = new Set<number>();
  const isInRange = (table: number): boolean => table >= routing.firstTable && table <= routing.lastTable;
  const take = (table: number | null | undefined): number | null => {
    if (table === null || table === undefined || !isInRange(table)) return null;
    if (withForeignRoutes.has(table) || given.has(table)) return null;
    given.add(table);
    return table;
  };

  const sorted = uplinks.toSorted((a, b) => a.index - b.index);
  let ranked = take(previous.ranked);
  const assigned = new Map<number, number>();
  const missing: UplinkIntent[] = [];
  for (const uplink of sorted) {
    const table = take(previous.uplinks.get(uplink.index));
    if (table === null) missing.push(uplink);
    else assigned.set(uplink.index, table);
  }
  if (ranked !== null && missing.length === 0) return { tables: keep(previous, ranked, assigned, families), problems };

  const free = freeTables(view, routing, withForeignRoutes, given);
  ranked ??= take(rankedTableOf(view, routing)) ?? take(free.takeLast());
  // On exhaustion a table that others write to is better than none: what they hold there is not touched by the plan.
  ranked ??= previous.ranked;
  for (const uplink of missing) {
    const table =
      take(previous.uplinks.has(uplink.index) ? null : tableOf(uplink, view)) ??
      take(free.takeFirst()) ??
      previous.uplinks.get(uplink.index);
    if (table === undefined) problems.push(tablesExhausted(uplink.name, routing));
    else assigned.set(uplink.index, table);
  }
  if (ranked === null) problems.push(tablesExhausted('the ranking', routing));
  return { tables: keep(previous, ranked, assigned, families), problems };
}

/** The table backhauld's own rules and routes name as the ranking's; null when there is none. */
export function rankedTableOf(view: RoutingView, routing: RoutingConfig): number | null {
  const priority = rulePriorities(routing).ranked;
  for (const rule of view.ownRules.values()) {
    if (rule.priority === priority && rule.from === null && rule.outputInterface === null) return rule.table;
  }
  // Without rules (monitorOnly, a start cut short) the metric tells: own tables of uplinks use another one.
  for (const route of view.ownRoutes.values()) {
    if (isDefault(route) && route.metric >= firstRankMetric) return route.table;
  }
  return null;
}

function tableOf(uplink: UplinkIntent, view: RoutingView): number | null {
  for (const rule of view.ownRules.values()) {
    if (rule.outputInterface === uplink.name && rule.from === null) return rule.table;
  }
  for (const route of view.ownRoutes.values()) {
    if (route.linkIndex === uplink.index && isDefault(route) && route.metric === uplinkMetric) return route.table;
  }
  return null;
}

/** Ids that can be begun: those with leftovers of backhauld's own are used only when there is no clean one. */
function freeTables(
  view: RoutingView,
  { firstTable, lastTable }: RoutingConfig,
  withForeignRoutes: ReadonlySet<number>,
  given: ReadonlySet<number>,
) {
  const lookedUp = new Set([...view.foreignRules.values()].map((rule) => rule.table));
  const leftover = new Set([...view.ownRoutes.values(), ...view.ownRules.values()].map(({ table }) => table));
  const ids = Array.from({ length: Math.max(0, lastTable - firstTable + 1) }, (_, offset) => firstTable + offset);
  const usable = ids.filter((id) => !withForeignRoutes.has(id) && !lookedUp.has(id));
  const find = (candidates: readonly number[]): number | undefined =>
    candidates.find((id) => !given.has(id) && !leftover.has(id)) ?? candidates.find((id) => !given.has(id));
  return {
    takeFirst: () => find(usable),
    takeLast: () => find(usable.toReversed()),
  };
}

/** The same object when nothing is different, so that what was computed from it is still good. */
function keep(
  previous: Tables,
  ranked: number | null,
  uplinks: ReadonlyMap<number, number>,
  families: PerFamily<boolean>,
): Tables {
  const isSame =
    previous.ranked === ranked &&
    previous.families.ipv4 === families.ipv4 &&
    previous.families.ipv6 === families.ipv6 &&
    previous.uplinks.size === uplinks.size &&
    [...uplinks].every(([index, table]) => previous.uplinks.get(index) === table);
  return isSame ? previous : { ranked, uplinks, families };
}

const tableTaken = (table: number): Problem => ({
  code: 'routing.tableTaken',
  subject: `table ${table}`,
  message: `Someone else has routes in routing table ${table}; it is left to them`,
  remedy: 'set routing.firstTable and routing.lastTable to a range nobody uses',
});

const tablesExhausted = (whom: string, { firstTable, lastTable }: RoutingConfig): Problem => ({
  code: 'routing.tablesExhausted',
  subject: whom,
  message: `No routing table from ${firstTable} to ${lastTable} is left for ${whom}`,
  remedy: 'widen the range with routing.firstTable and routing.lastTable',
});
