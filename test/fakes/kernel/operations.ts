import {
  formatAddress,
  formatPrefix,
  hostPrefix,
  isLinkLocal,
  parseAddress,
  parsePrefix,
} from '../../../src/model/address.ts';
import type { Route, Rule } from '../../../src/model/kernel.ts';
import { type DesiredRoute, type DesiredRule, ownProtocol } from '../../../src/model/network.ts';
import type { Errno } from './errno.ts';
import type { FakeNetwork } from './fake-network.ts';
import { type LookupContext, lookupInTable, lookupRoute } from './fib-lookup.ts';
import type { RouteMode } from './fib.ts';

/** A route that is wanted as the kernel reports it. */
export const routeOf = (wanted: DesiredRoute): Route => ({
  family: wanted.family,
  table: wanted.table,
  type: 'unicast',
  destination: wanted.destination,
  gateway: wanted.gateway === null ? null : canonicalAddress(wanted.gateway),
  linkIndex: wanted.linkIndex,
  metric: wanted.family === 'ipv6' && wanted.metric === 0 ? 1024 : wanted.metric,
  protocol: ownProtocol,
  scope: wanted.family === 'ipv4' && wanted.gateway === null ? 'link' : 'global',
  preferredSource: null,
  isOnLink: wanted.isOnLink && wanted.gateway !== null,
});

/** A rule that is wanted as the kernel reports it. */
export const ruleOf = (wanted: DesiredRule): Rule => ({
  family: wanted.family,
  priority: wanted.priority,
  action: 'lookup',
  table: wanted.table,
  from: wanted.from === null ? null : canonicalPrefix(wanted.from, wanted.family),
  to: null,
  inputInterface: null,
  outputInterface: wanted.outputInterface,
  mark: null,
  mask: null,
  suppressPrefixLength: wanted.suppressPrefixLength,
  protocol: ownProtocol,
  hasOtherSelectors: false,
});

/** What is no address stays what it is, and is refused when it is put in. */
function canonicalAddress(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
}

function canonicalPrefix(text: string, family: DesiredRule['family']): string {
  const prefix = parsePrefix(text.includes('/') ? text : hostPrefix(family, text));
  return prefix === undefined ? text : formatPrefix(prefix);
}

/** `isPassedOver` is only for packets: gateways are looked for on links without carrier, too. */
function gatewayProblem(network: FakeNetwork, context: LookupContext, hop: Route): Errno | null {
  const link = hop.linkIndex === null ? undefined : network.links.get(hop.linkIndex);
  if (hop.linkIndex === null) return null;
  if (link === undefined) return 'ENODEV';
  const gateway = hop.gateway === null ? undefined : parseAddress(hop.gateway);
  if (hop.gateway !== null && gateway === undefined) return 'EINVAL';
  if (gateway === undefined) return link.isUp ? null : 'ENETDOWN';
  if (hop.isOnLink || (gateway.family === 'ipv6' && isLinkLocal(hop.gateway ?? ''))) {
    return link.isUp ? null : 'ENETDOWN';
  }
  const isOurs = [...network.addresses.values()].some(({ address }) => address === hop.gateway);
  if (isOurs && gateway.family === 'ipv6') return 'EINVAL';
  const found = gateway.family === 'ipv4' ? ipv4Way(context, hop) : ipv6Way(context, hop);
  if (found === null) return gateway.family === 'ipv4' ? 'ENETUNREACH' : 'EHOSTUNREACH';
  return link.isUp ? null : 'ENETDOWN';
}

const isDirect = (route: Route): boolean =>
  route.gateway === null && (route.type === 'unicast' || route.type === 'local');

/** fib_check_nh_v4_gw: asked by the link; only routes on the link count. */
function ipv4Way(context: LookupContext, { table, gateway, linkIndex }: Route): Route | null {
  const flow = { family: 'ipv4', destination: gateway ?? '', oif: linkIndex ?? undefined } as const;
  const anyState: LookupContext = { ...context, isPassedOver: () => false };
  const accepts = (route: Route): boolean => isDirect(route) && route.scope !== 'global';
  const local = lookupRoute({ ...flow, oif: undefined }, anyState, accepts);
  return (
    lookupInTable(table, flow, anyState, accepts)?.route ??
    lookupRoute(flow, anyState, accepts) ??
    (local?.type === 'local' ? local : null)
  );
}

/**
 * ip6_route_check_nh: by the link, first in the route's own table, then by the rules. There the best counts, whatever it is:
 * a default by a gateway of the same link, in a table that is asked before main, hides the route of its network.
 */
function ipv6Way(context: LookupContext, { table, gateway, linkIndex }: Route): Route | null {
  const flow = { family: 'ipv6', destination: gateway ?? '', oif: linkIndex ?? undefined } as const;
  const anyState: LookupContext = { ...context, isPassedOver: () => false };
  const inTable = lookupInTable(table, flow, anyState)?.route;
  if (inTable !== undefined && isDirect(inTable)) return inTable;
  const best = lookupRoute(flow, anyState);
  return best !== null && isDirect(best) ? best : null;
}

export function putRoute(
  network: FakeNetwork,
  context: LookupContext,
  hops: readonly Route[],
  mode: RouteMode,
): Errno | null {
  for (const hop of hops) {
    const problem = gatewayProblem(network, context, hop);
    if (problem !== null) return problem;
  }
  return network.fib.insert(hops, mode);
}
