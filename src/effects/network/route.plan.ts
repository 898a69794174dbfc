import { contains, parseAddress, parsePrefix } from '../../model/address.ts';
import type { Route } from '../../model/kernel.ts';
import { isDefault } from '../../model/kernel.ts';
import type { DesiredRoute, Operation } from '../../model/network.ts';
import type { Circumstances } from './circumstances.ts';
import { deleteRoute, operationKey, replaceRoute, type LinkNames, type OperationOf } from '../operations.ts';
import { placeOf, wayOf } from './places.ts';

export interface RoutePlan {
  readonly writes: readonly OperationOf<'route.replace'>[];
  readonly deletes: readonly OperationOf<'route.delete'>[];
  readonly blocked: readonly Operation[];
}

/** Whether a route that stands is the one that is wanted in its place. */
const isAsWanted = (standing: Route, wanted: DesiredRoute): boolean =>
  standing.type === 'unicast' && wayOf(standing) === wayOf(wanted);

/** What two routes must share for the one to do the other's service, wherever they stand. */
const serviceOf = (r: Route | DesiredRoute): string => `${r.family} ${r.destination} ${r.linkIndex ?? '-'}`;

/** Whether a route leads through a gateway that lies in the network of another one in the same table. */
function leadsThrough(route: DesiredRoute, network: DesiredRoute): boolean {
  if (route.gateway === null || network.gateway !== null || !isSameTable(route, network)) return false;
  const [prefix, gateway] = [parsePrefix(network.destination), parseAddress(route.gateway)];
  return prefix !== undefined && gateway !== undefined && contains(prefix, gateway);
}

const isSameTable = (a: DesiredRoute, b: DesiredRoute): boolean =>
  a.family === b.family && a.table === b.table && a.linkIndex === b.linkIndex;

/**
 * The routes that have no rank: those of the uplinks' own tables, and host routes to gateways. Each place is written in
 * one step, so there is no instant without; networks come before what leads through them, and go after it.
 */
export function planRoutes(
  wanted: ReadonlyMap<string, DesiredRoute>,
  own: Iterable<Route>,
  takenPlaces: ReadonlySet<string>,
  circumstances: Circumstances,
  links: LinkNames,
): RoutePlan {
  const satisfied = new Set<string>();
  const strays: Route[] = [];
  for (const route of own) {
    const place = placeOf(route);
    const desired = wanted.get(place);
    if (desired !== undefined && isAsWanted(route, desired)) satisfied.add(place);
    else strays.push(route);
  }

  const writes: OperationOf<'route.replace'>[] = [];
  const blocked: Operation[] = [];
  const written = new Set<string>();
  const missingServices = new Set<string>();
  const missing: DesiredRoute[] = [];
  if (satisfied.size < wanted.size) {
    for (const [place, route] of wanted) {
      // The kernel takes no route by a link that is down; when it comes up, that is a reason for another plan.
      if (satisfied.has(place) || links.get(route.linkIndex)?.isUp !== true) continue;
      const write = replaceRoute(route, links);
      const isBlocked = circumstances.blocked.has(operationKey(write));
      if (isBlocked) blocked.push(write);
      // With the default there and the network not, the kernel finds the gateway behind itself, and refuses every route
      // by it. Without both it finds the gateway by main.
      const isLeftOut = isBlocked || takenPlaces.has(place) || missing.some((network) => leadsThrough(route, network));
      if (isLeftOut) {
        missingServices.add(serviceOf(route));
        missing.push(route);
      } else {
        writes.push(write);
        written.add(place);
      }
    }
  }

  const deletes: OperationOf<'route.delete'>[] = [];
  for (const route of strays) {
    // The write takes the place over, and whatever still stands beside it then is a stray of the next plan.
    if (written.has(placeOf(route)) || missingServices.has(serviceOf(route))) continue;
    deletes.push(deleteRoute(route, 'nobody wants this route any more', links));
  }
  deletes.sort(byDependence);
  return { writes, deletes, blocked };
}

/** Defaults go before the networks they lead through. */
function byDependence(a: OperationOf<'route.delete'>, b: OperationOf<'route.delete'>): number {
  const rank = ({ route }: OperationOf<'route.delete'>): number => (isDefault(route) ? 0 : 1);
  return rank(a) - rank(b) || (a.target < b.target ? -1 : 1);
}
