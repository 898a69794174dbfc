import { formatAddress, hostPrefix, isLinkLocal, networkOf, parseAddress } from '../../../src/model/address.ts';
import {
  type Address,
  type Link,
  localTable,
  mainTable,
  type Route,
  routeProtocol,
} from '../../../src/model/kernel.ts';

const base = {
  gateway: null,
  protocol: routeProtocol.kernel,
  isOnLink: false,
} as const;

function broadcastOf(address: string, length: number): string | undefined {
  const parsed = parseAddress(address);
  if (parsed === undefined) return undefined;
  return formatAddress({ family: 'ipv4', value: parsed.value | ((1n << BigInt(32 - length)) - 1n) });
}

/**
 * The routes that the kernel makes for an IPv4 address: the local one always, those of its network while the link is up
 * (fib_add_ifaddr). A secondary address has only the local one, with the primary's as its source.
 */
function ipv4Routes(address: Address, link: Link, primary: Address | null): readonly Route[] {
  const { linkIndex, prefixLength } = address;
  const common = {
    ...base,
    family: 'ipv4',
    linkIndex,
    metric: 0,
    preferredSource: (primary ?? address).address,
  } as const;
  const routes: Route[] = [
    { ...common, table: localTable, type: 'local', destination: `${address.address}/32`, scope: 'host' },
  ];
  const network = networkOf(address.peer ?? address.address, prefixLength);
  if (!link.isUp || network === undefined || primary !== null) return routes;
  if (prefixLength < 32 || address.peer !== null) {
    const isLocal = link.isLoopback;
    routes.push({
      ...common,
      table: isLocal ? localTable : mainTable,
      type: isLocal ? 'local' : 'unicast',
      destination: network,
      scope: isLocal ? 'host' : 'link',
    });
  }
  const broadcast = broadcastOf(address.address, prefixLength);
  if (prefixLength < 31 && broadcast !== undefined) {
    routes.push({ ...common, table: localTable, type: 'broadcast', destination: `${broadcast}/32`, scope: 'link' });
  }
  return routes;
}

/** The routes that the kernel makes for an IPv6 address: its network while the link is up, itself once it is no longer tentative. */
function ipv6Routes(address: Address, link: Link): readonly Route[] {
  if (!link.isUp) return [];
  const { linkIndex, prefixLength } = address;
  const common = { ...base, family: 'ipv6', linkIndex, preferredSource: null, scope: 'global' } as const;
  const network = networkOf(address.address, prefixLength);
  const routes: Route[] = [];
  if (!address.isTentative) {
    const destination = hostPrefix('ipv6', address.address);
    routes.push({ ...common, table: localTable, type: 'local', destination, metric: 0 });
  }
  if (network !== undefined && prefixLength < 128 && (!isLinkLocal(address.address) || link.hasCarrier)) {
    routes.push({ ...common, table: mainTable, type: 'unicast', destination: network, metric: 256 });
  }
  return routes;
}

/** `primary`: the address of the same network that was there first, of which this one is a secondary. */
export const connectedRoutes = (address: Address, link: Link, primary: Address | null): readonly Route[] =>
  address.family === 'ipv4' ? ipv4Routes(address, link, primary) : ipv6Routes(address, link);

/** IPv4 only: whether one address lies in the network of the other, with the same length. */
export const isSameNetwork = (a: Address, b: Address): boolean =>
  a.family === 'ipv4' &&
  b.family === 'ipv4' &&
  a.linkIndex === b.linkIndex &&
  a.prefixLength === b.prefixLength &&
  networkOf(a.peer ?? a.address, a.prefixLength) === networkOf(b.peer ?? b.address, b.prefixLength);

/** An address as a test writes it, in the kernel's form. */
export function addressOf(linkIndex: number, text: string, prefixLength: number): Address {
  const parsed = parseAddress(text);
  if (parsed === undefined) throw new TypeError(`"${text}" is no address`);
  const address = formatAddress(parsed);
  return {
    family: parsed.family,
    linkIndex,
    address,
    prefixLength,
    peer: null,
    scope: isLinkLocal(address) ? 'link' : 'global',
    isTentative: false,
    isDeprecated: false,
  };
}

/** The route for multicast of a link with IPv6 and a carrier. */
export const multicastRoute = (linkIndex: number): Route => ({
  ...base,
  family: 'ipv6',
  table: localTable,
  type: 'multicast',
  destination: 'ff00::/8',
  linkIndex,
  metric: 256,
  scope: 'global',
  preferredSource: null,
});

/** The link-local address that a link gives itself: from its MAC address, as RFC 4291 appendix A says. */
export function linkLocalAddress(link: Link): Address | null {
  const mac = (link.macAddress ?? '').split(':').map((octet) => Number.parseInt(octet, 16));
  const [a, b, c, d, e, f] = mac;
  if (a === undefined || b === undefined || c === undefined || d === undefined || e === undefined || f === undefined) {
    return null;
  }
  const octets = [a ^ 2, b, c, 0xff, 0xfe, d, e, f];
  const value = octets.reduce((sum, octet) => (sum << 8n) | BigInt(octet), 0xfe80n << 48n);
  return {
    family: 'ipv6',
    linkIndex: link.index,
    address: formatAddress({ family: 'ipv6', value }),
    prefixLength: 64,
    peer: null,
    scope: 'link',
    isTentative: false,
    isDeprecated: false,
  };
}
