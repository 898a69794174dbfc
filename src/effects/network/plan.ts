import { perFamily, type Family, type PerFamily } from '../../model/family.ts';
import type { Problem } from '../../model/errors.ts';
import { isDefault, neighbourKey, type Route } from '../../model/kernel.ts';
import type {
  DesiredNeighbour,
  DesiredNetwork,
  DesiredRoute,
  DesiredRule,
  ObservedNetwork,
  Operation,
} from '../../model/network.ts';
import { planAddresses } from './address.plan.ts';
import { noCircumstances, type Circumstances } from './circumstances.ts';
import { planLinks } from './link.plan.ts';
import type { RoutingView } from './observe.ts';
import { operationKey, resolveNeighbour } from '../operations.ts';
import { leasedPriority, placeOf, rankedPriority, ruleIdentity } from './places.ts';
import { isResolved, planRanking, type RankingPlan, type Slot } from './ranking.plan.ts';
import { planRoutes } from './route.plan.ts';
import { planRules } from './rule.plan.ts';
import { planSettings } from './setting.plan.ts';

/** What is observed, with backhauld's part of the routing told apart. */
export interface Observation extends ObservedNetwork {
  readonly routing: RoutingView;
}

/** The way from what is to what is wanted. */
export interface Plan {
  /** In the order in which they are carried out; the state after each is a good one to stop at. */
  readonly operations: readonly Operation[];
  /** Wanted, but not to be tried at the moment. */
  readonly blocked: readonly Operation[];
  /** Gateways that shall answer before traffic is moved to them. */
  readonly waitingFor: readonly DesiredNeighbour[];
  /** What others do that is in the way. */
  readonly problems: readonly Problem[];
}

/**
 * Compares what is wanted with what is there. Pure and deterministic; when all operations have been carried out, the
 * next plan is empty.
 *
 * The order: links and their addresses; a switch somebody is in need of; settings; the uplinks' own tables and the rules to them; the ranking and
 * the rules to it; then what nobody wants any more, rules before routes, so that unbound traffic falls through to main
 * at once and as a whole; addresses, settings and links last. So each step leads somewhere before anything leads to it.
 */
export function planNetwork(
  desired: DesiredNetwork,
  observed: Observation,
  circumstances: Circumstances = noCircumstances,
): Plan {
  const { kernel, routing } = observed;
  const wanted = prepare(desired);
  const taken = takenPlaces(desired, routing);
  const { ranked, others } = partition(routing.ownRoutes.values(), desired.rankedTable);

  const rankings = perFamily((family) =>
    planRanking({
      slots: wanted.slots[family],
      standing: ranked[family],
      taken: taken.ranks[family],
      neighbours: desired.neighbours,
      kernel,
      circumstances,
    }),
  );
  const both = [rankings.ipv4, rankings.ipv6];
  const urgent = both.filter(({ isUrgent }) => isUrgent);
  const routes = planRoutes(wanted.routes, others, taken.places, circumstances, kernel.links);
  const rules = planRules(wanted.rules, routing, wanted.priorities, circumstances);
  const settings = planSettings(desired.settings, observed, circumstances);
  const links = planLinks(desired.links, observed.holdings, kernel, circumstances);
  const addresses = planAddresses(desired.addresses, observed.holdings, kernel, circumstances);
  const waitingFor = both.flatMap((ranking) => ranking.waitingFor ?? []);

  const isToRanking = (rule: DesiredRule): boolean => rule.table === desired.rankedTable;
  const isInRanking = (route: DesiredRoute): boolean => route.table === desired.rankedTable;
  const isKept = perFamily(
    (family) => circumstances.keep[family] || isWithoutWay(rankings[family], wanted.slots[family], ranked[family]),
  );
  const operations = [
    // Without them there is no way by the link.
    ...links.sets,
    ...addresses.adds,
    // The best way of each family first, then the places below.
    ...urgent.flatMap(({ writes }) => writes.slice(0, 1)),
    ...urgent.flatMap(({ writes }) => writes.slice(1)),
    ...planNeighbours(desired, observed, waitingFor, circumstances),
    ...settings.writes,
    ...routes.writes.filter(({ route }) => !isInRanking(route)),
    ...rules.adds.filter(({ rule }) => !isToRanking(rule)),
    ...both.flatMap(({ isUrgent, writes }) => (isUrgent ? [] : writes)),
    // The host route to a gateway that is waited for would move others' traffic before its time.
    ...routes.writes.filter(({ route }) => isInRanking(route) && rankings[route.family].waitingFor === null),
    ...rules.adds.filter(({ rule }) => isToRanking(rule)),
    ...rules.deletes.filter(({ rule }) => !isKept[rule.family]),
    ...both.flatMap(({ deletes }) => deletes).filter(({ route }) => !isKept[route.family]),
    ...routes.deletes.filter(({ route }) => !isKept[route.family]),
    ...addresses.deletes,
    ...settings.restores,
    ...links.restores,
  ];
  const isBlocked = (operation: Operation): boolean => circumstances.blocked.has(operationKey(operation));
  return {
    operations: circumstances.blocked.size === 0 ? operations : operations.filter((one) => !isBlocked(one)),
    blocked: [
      ...both.flatMap(({ blocked }) => blocked),
      ...routes.blocked,
      ...rules.blocked,
      ...settings.blocked,
      ...links.blocked,
      ...addresses.blocked,
      ...(circumstances.blocked.size === 0 ? [] : operations.filter(isBlocked)),
    ],
    waitingFor,
    problems: [...taken.problems, ...rules.problems, ...settings.problems],
  };
}

interface Prepared {
  readonly slots: PerFamily<readonly Slot[]>;
  /** All but the ranked defaults, by place. */
  readonly routes: ReadonlyMap<string, DesiredRoute>;
  /** By identity. */
  readonly rules: ReadonlyMap<string, DesiredRule>;
  /** Priorities at which a rule of others is in the way; not the last ones (`sharedPriorities`). */
  readonly priorities: ReadonlySet<number>;
}

/** VPNs have theirs side by side with ours there. */
const sharedPriorities: ReadonlySet<number> = new Set([rankedPriority, leasedPriority]);

/** A desired network is planned for again and again: its keys are built once. */
const prepared = new WeakMap<DesiredNetwork, Prepared>();

function prepare(desired: DesiredNetwork): Prepared {
  const known = prepared.get(desired);
  if (known !== undefined) return known;
  const slots: Record<Family, Slot[]> = { ipv4: [], ipv6: [] };
  const routes = new Map<string, DesiredRoute>();
  const ranks = perFamily((family) => new Map(desired.ranking[family].map((uplink) => [uplink.index, uplink])));
  for (const route of desired.routes) {
    const uplink = ranks[route.family].get(route.linkIndex);
    const isRanked = route.table === desired.rankedTable && isDefault(route) && uplink !== undefined;
    if (isRanked) slots[route.family].push({ route, uplink });
    else routes.set(placeOf(route), route);
  }
  const result: Prepared = {
    slots,
    routes,
    rules: new Map(desired.rules.map((rule) => [ruleIdentity(rule), rule])),
    priorities: new Set(desired.rules.map(({ priority }) => priority).filter((one) => !sharedPriorities.has(one))),
  };
  prepared.set(desired, result);
  return result;
}

/** Own routes: the ranked defaults by family, and all others. */
function partition(own: Iterable<Route>, rankedTable: number | null) {
  const ranked: Record<Family, Route[]> = { ipv4: [], ipv6: [] };
  const others: Route[] = [];
  for (const route of own) {
    const isRanked = route.table === rankedTable && route.type === 'unicast' && isDefault(route);
    (isRanked ? ranked[route.family] : others).push(route);
  }
  return { ranked, others };
}

/** Places where others have a route: the kernel would replace theirs (it looks at the place, not at who made it). */
function takenPlaces(desired: DesiredNetwork, { foreignRoutes }: RoutingView) {
  const places = new Set<string>();
  const ranks: PerFamily<Set<number>> = perFamily(() => new Set());
  const problems: Problem[] = [];
  if (foreignRoutes.size === 0) return { places, ranks, problems };
  const wanted = new Set(desired.routes.map(placeOf));
  for (const route of foreignRoutes.values()) {
    places.add(placeOf(route));
    if (route.table === desired.rankedTable && isDefault(route)) ranks[route.family].add(route.metric);
    if (wanted.has(placeOf(route))) problems.push(placeTaken(route));
  }
  return { places, ranks, problems };
}

/**
 * None of the ranked defaults stands, and some cannot be written: what there is elsewhere (a table used before) is
 * better than nothing.
 */
const isWithoutWay = (ranking: RankingPlan, slots: readonly Slot[], standing: readonly Route[]): boolean =>
  slots.length > 0 && standing.length === 0 && ranking.writes.length === 0;

/** Asks for the gateways the ranking may lead to, so that they are known when they are needed. */
function planNeighbours(
  { neighbours }: DesiredNetwork,
  { kernel }: Observation,
  waitingFor: readonly DesiredNeighbour[],
  { asked }: Circumstances,
): readonly Operation[] {
  return neighbours.flatMap((neighbour) => {
    const before = asked.get(neighbourKey(neighbour));
    const isDue = before === undefined || (before === 'before' && waitingFor.includes(neighbour));
    const link = kernel.links.get(neighbour.linkIndex);
    if (!isDue || link?.hasCarrier !== true || isResolved(neighbour, kernel)) return [];
    const isUnderWay = kernel.neighbours.get(neighbourKey(neighbour))?.state === 'incomplete';
    return isUnderWay ? [] : [resolveNeighbour(neighbour, kernel.links)];
  });
}

const placeTaken = (route: Route): Problem => ({
  code: 'kernel.conflict',
  subject: `route ${placeOf(route)}`,
  message: `Someone else's route to ${route.destination} stands in table ${route.table} at metric ${route.metric}, where backhauld has its own`,
  remedy: 'remove it, or give backhauld other tables with routing.firstTable and routing.lastTable',
});
