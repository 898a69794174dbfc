import { formatAddress, hostPrefix, isInNetwork, isLinkLocal, networkOf, parseAddress } from '../../model/address.ts';
import type { Family, PerFamily } from '../../model/family.ts';
import type { UplinkIntent, UplinkPath } from '../../model/network.ts';

/** A path with what follows from its addresses. */
export interface KnownPath {
  /** Canonical, as the kernel writes them. */
  readonly addresses: readonly string[];
  readonly gateway: string | null;
  /** The networks that are on the link. */
  readonly networks: readonly string[];
  /** The gateway as a prefix of its own; null for none, and for a link-local one, which every link has. */
  readonly gatewayHost: string | null;
  /** The same where no network of the link covers it. */
  readonly farGateway: string | null;
  /**
   * Whether the kernel must be told that the gateway is on the link.
   * IPv4: always, so that the default does not depend on a connected route that may not be there (`noprefixroute`).
   * IPv6: only where no prefix covers it; otherwise the kernel compares with main and refuses the second of two phones
   * that share a prefix (ip6_route_check_nh_onlink). Link-local gateways are on the link by nature.
   */
  readonly needsOnLink: boolean;
}

export interface KnownUplink {
  readonly index: number;
  readonly name: string;
  readonly paths: PerFamily<KnownPath | null>;
}

/** Intents are made anew all the time, the paths in them seldom differ: reading addresses is what costs. */
const known = new Map<string, KnownPath>();
const mostKnown = 1000;

/** What follows from one path of an uplink; null where it has none. */
export function knownPath(family: Family, uplink: UplinkIntent): KnownPath | null {
  const path = uplink.paths[family];
  if (path === null) return null;
  const key = `${family} ${path.gateway ?? '-'} ${path.addresses.map((a) => `${a.address}/${a.prefixLength}/${a.peer ?? '-'}`).join(' ')}`;
  const found = known.get(key);
  if (found !== undefined) return found;
  const made = study(family, path);
  if (known.size >= mostKnown) known.clear();
  known.set(key, made);
  return made;
}

function study(family: Family, path: UplinkPath): KnownPath {
  const addresses = path.addresses.map(({ address }) => canonical(address));
  const gateway = path.gateway === null ? null : canonical(path.gateway);
  const isFar = gateway !== null && !isLinkLocal(gateway) && !isCovered(gateway, path);
  const gatewayHost = gateway === null || isLinkLocal(gateway) ? null : hostPrefix(family, gateway);
  return {
    addresses,
    gateway,
    networks: connectedNetworks(path, family),
    gatewayHost,
    farGateway: isFar ? gatewayHost : null,
    needsOnLink: gateway !== null && (family === 'ipv4' || isFar),
  };
}

/** A gateway may come from a configuration, in any spelling; what is compared with the kernel's must be equal. */
function canonical(text: string): string {
  const address = parseAddress(text);
  return address === undefined ? text : formatAddress(address);
}

function connectedNetworks(path: UplinkPath, family: Family): readonly string[] {
  const networks = new Set<string>();
  for (const { address, prefixLength, peer } of path.addresses) {
    const network = networkOf(peer ?? address, prefixLength);
    // The network of a single address is the address itself: the local table has it.
    const isOwnAddressOnly = peer === null && network === hostPrefix(family, canonical(address));
    if (network !== undefined && !isOwnAddressOnly) networks.add(network);
  }
  return [...networks];
}

const isCovered = (gateway: string, path: UplinkPath): boolean =>
  path.addresses.some(({ address, peer, prefixLength }) => isInNetwork(gateway, peer ?? address, prefixLength));
