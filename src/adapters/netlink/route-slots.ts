import { type Route, routeKey } from '../../model/kernel.ts';

/** A way of a route; dead (RTNH_F_DEAD) while its link or the last IPv4 address of its link is gone. */
export interface NextHop extends Route {
  readonly isDead?: true;
}

/** The next hops of one route as the kernel holds it: one, or several for a multipath route. */
export type NextHops = readonly NextHop[];

/** How a route that is announced came to its place. */
export type Placement = 'replace' | 'append' | 'create';

/**
 * The place of a route: the kernel looks for what NLM_F_REPLACE replaces among the routes of one place. The type
 * (unicast, unreachable …) and the protocol are no part of it.
 */
export const slotOf = (route: Pick<Route, 'family' | 'table' | 'destination' | 'metric'>): string =>
  `${route.family} ${route.table} ${route.destination} ${route.metric}`;

const isSameHop = (a: Route, b: Route): boolean =>
  a.type === b.type && a.linkIndex === b.linkIndex && a.gateway === b.gateway;

/** Routes through a gateway join to one multipath route in IPv6, save those of router advertisements. */
const canJoin = (hops: NextHops): boolean =>
  hops.some((hop) => hop.type === 'unicast' && hop.gateway !== null && hop.protocol !== 9);

const isSameGroup = (a: NextHops, b: NextHops): boolean =>
  a.length === b.length && a.every((hop) => b.some((other) => routeKey(hop) === routeKey(other)));

/**
 * What stands in a place after the kernel announced `hops` there. `groups` is in the kernel's order.
 *
 * IPv4 replaces the first of the place. IPv6 replaces the first that may (or may not) join a multipath route just as
 * the new one, else the first; it knows a next hop by device and gateway alone, whatever its protocol, and announces
 * a grown multipath route with all its next hops.
 */
export function placeRoute(groups: readonly NextHops[], hops: NextHops, placement: Placement): readonly NextHops[] {
  const isIpv6 = hops[0]?.family === 'ipv6';
  if (placement === 'replace') {
    const alike = isIpv6 ? groups.findIndex((group) => canJoin(group) === canJoin(hops)) : 0;
    return groups.length === 0 ? [hops] : groups.with(Math.max(alike, 0), hops);
  }
  const others = isIpv6 ? withoutHops(groups, hops, isSameHop) : groups.filter((group) => !isSameGroup(group, hops));
  // The same route announced anew keeps its place in the order.
  if (!isIpv6 && others.length < groups.length) return groups.map((group) => (isSameGroup(group, hops) ? hops : group));
  return placement === 'append' || isIpv6 ? [...others, hops] : [hops, ...others];
}

/** What stands in a place after the kernel took `hops` away. */
export function removeRoute(groups: readonly NextHops[], hops: NextHops): readonly NextHops[] {
  if (hops[0]?.family === 'ipv6') return withoutHops(groups, hops, isSameHop);
  const exact = groups.findIndex((group) => isSameGroup(group, hops));
  return exact >= 0 ? groups.toSpliced(exact, 1) : withoutHops(groups, hops, (a, b) => routeKey(a) === routeKey(b));
}

function withoutHops(
  groups: readonly NextHops[],
  hops: NextHops,
  isSame: (a: Route, b: Route) => boolean,
): readonly NextHops[] {
  return groups
    .map((group) => group.filter((hop) => !hops.some((gone) => isSame(hop, gone))))
    .filter((group) => group.length > 0);
}
