import { formatAddress, hostPrefix, isInNetwork, isLinkLocal, parseAddress } from '../../model/address.ts';
import type { RoutingConfig } from '../../model/config.ts';
import type { DesiredDns, UplinkServers } from '../../model/dns.ts';
import { families, perFamily, type Family } from '../../model/family.ts';
import { defaultDestination } from '../../model/kernel.ts';
import type {
  DesiredNeighbour,
  DesiredNetwork,
  DesiredRoute,
  NetworkIntent,
  RankedUplink,
  UplinkIntent,
} from '../../model/network.ts';
import { desiredAddresses, desiredLinks } from './desired-links.ts';
import { desiredDns } from '../dns/dns.desired.ts';
import { desiredRules } from './desired-rules.ts';
import { desiredSettings } from './desired-settings.ts';
import { knownPath, type KnownPath, type KnownUplink } from './known-path.ts';
import { leadingLease, leasedRoutes } from './leased-routes.ts';
import { placeOf, rankMetric, uplinkMetric } from './places.ts';
import type { Tables } from './tables.ts';

/** The name servers of the uplinks that are known, by ifindex. */
export type KnownServers = ReadonlyMap<number, Pick<UplinkServers, 'servers' | 'source'>>;

const noServers: KnownServers = new Map();

/** Turns what the machines want into what the kernel shall hold. Pure: the same input gives the same network. */
export function desiredNetwork(
  intent: NetworkIntent,
  routing: RoutingConfig,
  tables: Tables,
  servers: KnownServers = noServers,
): DesiredNetwork {
  const wanted = intent.uplinks.map((uplink) => ({
    ...uplink,
    paths: perFamily((family) => knownPath(family, uplink)),
  }));
  const uplinks = new Map(wanted.map((uplink): [number, KnownUplink] => [uplink.index, uplink]));
  const routes = new Map<string, DesiredRoute>();
  const add = (route: DesiredRoute): void => {
    const place = placeOf(route);
    if (!routes.has(place)) routes.set(place, route);
  };

  for (const uplink of wanted) {
    const table = tables.uplinks.get(uplink.index);
    if (table !== undefined) for (const family of families) uplinkRoutes(uplink, family, table).forEach(add);
  }
  for (const held of intent.leases ?? []) {
    const table = tables.uplinks.get(held.index);
    const hasWay = (uplinks.get(held.index)?.paths.ipv4 ?? null) !== null;
    if (table !== undefined && hasWay) leasedRoutes(held, table).forEach(add);
  }
  const ranking = { ipv4: rankedOf('ipv4', intent, uplinks), ipv6: rankedOf('ipv6', intent, uplinks) };
  const neighbours: DesiredNeighbour[] = [];
  const resolvers = desiredDns(intent, servers);
  for (const family of families) {
    if (tables.ranked !== null) rankedRoutes(ranking[family], family, tables.ranked, uplinks).forEach(add);
    if (tables.ranked !== null) resolverRoutes(resolvers, intent, family, tables.ranked, uplinks).forEach(add);
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
    rules: routing.monitorOnly ? [] : desiredRules(wanted, routing, tables, leadingLease(intent)),
    settings: desiredSettings(wanted, routing, intent.leases ?? []),
    neighbours,
    rankedTable: tables.ranked,
    ranking,
    resolvers,
    addresses: desiredAddresses(intent),
    links: desiredLinks(intent),
  };
}

/**
 * Host routes to the name servers of the active uplink that lie in its networks, or in those of another uplink: by main
 * they could be looked for behind the wrong one.
 */
function resolverRoutes(
  resolvers: DesiredDns | null,
  { uplinks: intents }: NetworkIntent,
  family: Family,
  table: number,
  uplinks: ReadonlyMap<number, KnownUplink>,
): readonly DesiredRoute[] {
  const uplink = resolvers === null ? undefined : uplinks.get(resolvers.linkIndex);
  const path = uplink?.paths[family] ?? null;
  if (resolvers === null || uplink === undefined || path === null) return [];
  return resolvers.servers.flatMap((server): DesiredRoute[] => {
    const address = parseAddress(server);
    if (address?.family !== family || isLinkLocal(server)) return [];
    const within = intents.filter((one) => isCovered(server, one, family));
    if (within.length === 0) return [];
    const isOnLink = path.gateway === null || within.some(({ index }) => index === uplink.index);
    return [
      {
        family,
        table,
        destination: hostPrefix(family, formatAddress(address)),
        metric: uplinkMetric,
        linkIndex: uplink.index,
        gateway: isOnLink ? null : path.gateway,
        isOnLink: isOnLink ? false : path.needsOnLink,
        because: `${server} is a name server of ${uplink.name}, which is active`,
      },
    ];
  });
}

const isCovered = (address: string, { paths }: UplinkIntent, family: Family): boolean =>
  paths[family]?.addresses.some((own) => isInNetwork(address, own.peer ?? own.address, own.prefixLength)) ?? false;

/** The ranking without what cannot be routed by: an uplink that is not wanted, or has no way out for the family. */
function rankedOf(
  family: Family,
  intent: NetworkIntent,
  uplinks: ReadonlyMap<number, KnownUplink>,
): readonly RankedUplink[] {
  return intent.ranking[family].filter(({ index }) => (uplinks.get(index)?.paths[family] ?? null) !== null);
}

/** Everything in an uplink's own table: its networks first, then its gateway, then what leads through that. */
function uplinkRoutes(uplink: KnownUplink, family: Family, table: number): readonly DesiredRoute[] {
  const path = uplink.paths[family];
  if (path === null) return [];
  const onLink = (destination: string, because: string): DesiredRoute => {
    const place = { family, table, destination, metric: uplinkMetric };
    return { ...place, linkIndex: uplink.index, gateway: null, isOnLink: false, because };
  };
  const routes = path.networks.map((network) => onLink(network, `${uplink.name} is in ${network}`));
  if (path.farGateway !== null) {
    routes.push(onLink(path.farGateway, `the gateway of ${uplink.name} lies outside its networks`));
  }
  routes.push(defaultRoute(uplink, path, family, { table, metric: uplinkMetric }));
  return routes;
}

/**
 * The defaults of the ranking, and the host route to the active gateway.
 * That one stands here, ahead of main's networks, so that of two phones with the same subnet the active one is meant.
 */
function rankedRoutes(
  ranking: readonly RankedUplink[],
  family: Family,
  table: number,
  uplinks: ReadonlyMap<number, KnownUplink>,
): readonly DesiredRoute[] {
  const routes: DesiredRoute[] = [];
  for (const [position, { index, isReachable }] of ranking.entries()) {
    const uplink = uplinks.get(index);
    const path = uplink?.paths[family] ?? null;
    if (uplink === undefined || path === null) continue;
    const because = `${uplink.name} is number ${position + 1} of the ranking${isReachable ? '' : ', unreachable'}`;
    routes.push({ ...defaultRoute(uplink, path, family, { table, metric: rankMetric(position) }), because });
    if (position > 0 || path.gatewayHost === null) continue;
    const place = { family, table, destination: path.gatewayHost, metric: uplinkMetric };
    const reason = `${path.gateway} is the active gateway, by ${uplink.name} and no other`;
    routes.push({ ...place, linkIndex: index, gateway: null, isOnLink: false, because: reason });
  }
  return routes;
}

function defaultRoute(
  uplink: KnownUplink,
  path: KnownPath,
  family: Family,
  place: { readonly table: number; readonly metric: number },
): DesiredRoute {
  return {
    family,
    destination: defaultDestination(family),
    ...place,
    linkIndex: uplink.index,
    gateway: path.gateway,
    isOnLink: path.needsOnLink,
    because: `the way out of ${uplink.name}`,
  };
}
