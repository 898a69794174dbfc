/** Which flows are stuck to an uplink that was left: those whose way led through its gateway. */
import {
  contains,
  isInNetwork,
  parseAddress,
  parsePrefix,
  type IpAddress,
  type IpPrefix,
} from '../../model/address.ts';
import type { Family } from '../../model/family.ts';
import type { StrandedFlows } from '../../model/flows.ts';
import { isDefault, mainTable, type KernelState, type Route } from '../../model/kernel.ts';
import type { FlowSelection } from '../ports.ts';

/**
 * A flow is stranded when it leaves from an address of the uplink, and no way but the uplink's gateway led to its
 * destination. So what is on the link (an operator's session), what is this node's own, and what the main table leads
 * elsewhere (a VPN, a second router) is left alone; and so is a socket that is bound to a device, for that is what its
 * owner wanted, and what our probes are.
 */
export function selectFlows({ family, index, path }: StrandedFlows, kernel: KernelState): FlowSelection {
  const elsewhere = new Set(
    [...kernel.addresses.values()].flatMap(({ linkIndex, address }) => (linkIndex === index ? [] : [address])),
  );
  // An address that another link has too says nothing about the way.
  const sources = path.addresses.map(({ address }) => address).filter((address) => !elsewhere.has(address));
  const own = new Set([...kernel.addresses.values()].map(({ address }) => address));
  const isNear = nearDestinations({ family, index, path }, kernel);
  const isBeyond = (destination: string): boolean => !own.has(destination) && !isNear(destination);
  return {
    family,
    sources,
    isStrandedSocket: ({ source, destination, boundTo }) =>
      boundTo === 0 && sources.includes(source) && isBeyond(destination),
    isStrandedConnection: ({ source, destination, replyDestination }) =>
      // Not translated: a socket of this node, or a client that comes with its own address by whatever way.
      source !== replyDestination && sources.includes(replyDestination) && isBeyond(destination),
  };
}

/** What is always near: link-local and multicast (RFC 3927, 5771, 4291), and this host itself. */
const alwaysNear: Readonly<Record<Family, readonly IpPrefix[]>> = {
  ipv4: ['127.0.0.0/8', '169.254.0.0/16', '224.0.0.0/4', '255.255.255.255/32'].flatMap(
    (text) => parsePrefix(text) ?? [],
  ),
  ipv6: ['::1/128', 'fe80::/10', 'ff00::/8'].flatMap((text) => parsePrefix(text) ?? []),
};

/** Tells the destinations to which the uplink's gateway is not the way. */
function nearDestinations(
  { family, index, path }: Pick<StrandedFlows, 'family' | 'index' | 'path'>,
  kernel: KernelState,
): (destination: string) => boolean {
  const specific = byLength(
    [...kernel.routes.values()].filter(
      (route) => route.family === family && route.table === mainTable && !isDefault(route),
    ),
  );
  const isThroughGateway = ({ linkIndex, gateway }: Route): boolean =>
    linkIndex === index && gateway !== null && gateway === path.gateway;
  return (destination) => {
    const address = parseAddress(destination);
    if (address === undefined) return true;
    if (alwaysNear[family].some((prefix) => contains(prefix, address))) return true;
    // The link's own networks may have lost their routes with the carrier.
    if (path.addresses.some((own) => isInNetwork(destination, own.peer ?? own.address, own.prefixLength))) return true;
    const route = longestMatch(specific, address);
    return route !== undefined && !isThroughGateway(route);
  };
}

type Routes = readonly (readonly [length: number, byNetwork: ReadonlyMap<bigint, Route>])[];

/** The longest prefixes first; of several routes to one the best. */
function byLength(routes: readonly Route[]): Routes {
  const lengths = new Map<number, Map<bigint, Route>>();
  for (const route of routes) {
    const prefix = parsePrefix(route.destination);
    if (prefix === undefined) continue;
    const known = lengths.get(prefix.length) ?? new Map<bigint, Route>();
    lengths.set(prefix.length, known);
    const other = known.get(prefix.network.value);
    if (other === undefined || route.metric < other.metric) known.set(prefix.network.value, route);
  }
  return [...lengths].toSorted(([a], [b]) => b - a);
}

function longestMatch(routes: Routes, { family, value }: IpAddress): Route | undefined {
  const width = family === 'ipv4' ? 32 : 128;
  for (const [length, byNetwork] of routes) {
    const host = BigInt(width - length);
    const route = byNetwork.get((value >> host) << host);
    if (route !== undefined) return route;
  }
  return undefined;
}
