import { hostPrefix, isInNetwork, isLinkLocal, networkOf } from '../model/address.ts';
import type { RoutingConfig } from '../model/config.ts';
import { families, type Family } from '../model/family.ts';
import { defaultDestination } from '../model/kernel.ts';
import type {
  DesiredNeighbour,
  DesiredNetwork,
  DesiredRoute,
  NetworkIntent,
  RankedUplink,
  UplinkIntent,
  UplinkPath,
} from '../model/network.ts';
import { desiredRules } from './desired-rules.ts';
import { desiredSettings } from './desired-settings.ts';
import { placeOf, rankMetric, uplinkMetric } from './places.ts';
import type { Tables } from './tables.ts';

/** Turns what the machines want into what the kernel shall hold. Pure: the same intent and tables give the same network. */
export function desiredNetwork(intent: NetworkIntent, routing: RoutingConfig, tables: Tables): DesiredNetwork {
  const uplinks = new Map(intent.uplinks.map((uplink) => [uplink.index, uplink]));
  const routes = new Map<string, DesiredRoute>();
  const add = (route: DesiredRoute): void => {
    const place = placeOf(route);
    if (!routes.has(place)) routes.set(place, route);
  };

  for (const uplink of intent.uplinks) {
    const table = tables.uplinks.get(uplink.index);
    if (table !== undefined) for (const family of families) uplinkRoutes(uplink, family, table).forEach(add);
  }
  const ranking = { ipv4: rankedOf('ipv4', intent, uplinks), ipv6: rankedOf('ipv6', intent, uplinks) };
  const neighbours: DesiredNeighbour[] = [];
  for (const family of families) {
    if (tables.ranked !== null) rankedRoutes(ranking[family], family, tables.ranked, uplinks).forEach(add);
    for (const { index } of ranking[family]) {
      const uplink = uplinks.get(index);
      const gateway = uplink?.paths[family]?.gateway ?? null;
      if (uplink === undefined || gateway === null) continue;
      const because = `traffic may be moved to ${uplink.name} at any time`;
      neighbours.push({ family, linkIndex: index, address: gateway, because });
    }
  }
  return {
    routes: [...routes.values()],
    rules: routing.monitorOnly ? [] : desiredRules(intent.uplinks, routing, tables),
    settings: desiredSettings(intent.uplinks, routing),
    neighbours,
    rankedTable: tables.ranked,
    ranking,
  };
}

/** The ranking without what cannot be routed by: an uplink that is not wanted, or has no way out for the family. */
function rankedOf(
  family: Family,
  intent: NetworkIntent,
  uplinks: ReadonlyMap<number, UplinkIntent>,
): readonly RankedUplink[] {
  return intent.ranking[family].filter(({ index }) => (uplinks.get(index)?.paths[family] ?? null) !== null);
}

/** Everything in an uplink's own table: its networks first, then its gateway, then what leads through that. */
function uplinkRoutes(uplink: UplinkIntent, family: Family, table: number): readonly DesiredRoute[] {
  const path = uplink.paths[family];
  if (path === null) return [];
  const onLink = (destination: string, because: string): DesiredRoute => {
    const place = { family, table, destination, metric: uplinkMetric };
    return { ...place, linkIndex: uplink.index, gateway: null, isOnLink: false, because };
  };
  const networks = connectedNetworks(path, family).map((network) => onLink(network, `${uplink.name} is in ${network}`));
  const way = defaultRoute(uplink, path, family, { table, metric: uplinkMetric });
  const { gateway } = path;
  if (gateway === null || isLinkLocal(gateway) || isCovered(gateway, path)) return [...networks, way];
  const host = onLink(hostPrefix(family, gateway), `the gateway of ${uplink.name} lies outside its networks`);
  return [...networks, host, way];
}

function connectedNetworks(path: UplinkPath, family: Family): readonly string[] {
  const networks = new Set<string>();
  for (const { address, prefixLength, peer } of path.addresses) {
    const network = networkOf(peer ?? address, prefixLength);
    // The network of a single address is the address itself: the local table has it.
    const isOwnAddressOnly = peer === null && network === hostPrefix(family, address);
    if (network !== undefined && !isOwnAddressOnly) networks.add(network);
  }
  return [...networks];
}

const isCovered = (gateway: string, path: UplinkPath): boolean =>
  path.addresses.some(({ address, peer, prefixLength }) => isInNetwork(gateway, peer ?? address, prefixLength));

/**
 * The defaults of the ranking, and the host route to the active gateway.
 * That one stands here, ahead of main's networks, so that of two phones with the same subnet the active one is meant.
 */
function rankedRoutes(
  ranking: readonly RankedUplink[],
  family: Family,
  table: number,
  uplinks: ReadonlyMap<number, UplinkIntent>,
): readonly DesiredRoute[] {
  const routes: DesiredRoute[] = [];
  for (const [position, { index, isReachable }] of ranking.entries()) {
    const uplink = uplinks.get(index);
    const path = uplink?.paths[family] ?? null;
    if (uplink === undefined || path === null) continue;
    const because = `${uplink.name} is number ${position + 1} of the ranking${isReachable ? '' : ', unreachable'}`;
    routes.push({ ...defaultRoute(uplink, path, family, { table, metric: rankMetric(position) }), because });
    const { gateway } = path;
    if (position > 0 || gateway === null || isLinkLocal(gateway)) continue;
    const place = { family, table, destination: hostPrefix(family, gateway), metric: uplinkMetric };
    const reason = `${gateway} is the active gateway, by ${uplink.name} and no other`;
    routes.push({ ...place, linkIndex: index, gateway: null, isOnLink: false, because: reason });
  }
  return routes;
}

function defaultRoute(
  uplink: UplinkIntent,
  path: UplinkPath,
  family: Family,
  place: { readonly table: number; readonly metric: number },
): DesiredRoute {
  return {
    family,
    destination: defaultDestination(family),
    ...place,
    linkIndex: uplink.index,
    gateway: path.gateway,
    isOnLink: path.gateway !== null && needsOnLink(path.gateway, path, family),
    because: `the way out of ${uplink.name}`,
  };
}

/**
 * Whether the kernel must be told that the gateway is on the link.
 * IPv4: always, so that the default does not depend on a connected route that may not be there (`noprefixroute`).
 * IPv6: only where no prefix covers it; otherwise the kernel compares with main and refuses the second of two phones
 * that share a prefix (ip6_route_check_nh_onlink). Link-local gateways are on the link by nature.
 */
const needsOnLink = (gateway: string, path: UplinkPath, family: Family): boolean =>
  family === 'ipv4' || (!isLinkLocal(gateway) && !isCovered(gateway, path));
