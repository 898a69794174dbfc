/**
 * Where a family leaves a link. Found out, in this order: the lease that backhauld holds, once its address is there; other
 * programs' default routes in any table (the best metric first), router advertisements, what was learned before, the
 * configuration. Our own routes are never evidence.
 *
 * A gateway once learned is kept while its address lasts: a DHCP client that crashes takes its default route along,
 * and the router is still there. Not one that was advertised: the kernel takes its route away when the router says that it
 * is none any more, or has been silent for longer than it promised (RFC 4861, 6.3.4 and 6.3.5).
 */
import { isInNetwork, isLinkLocal } from '../../model/address.ts';
import type { Family } from '../../model/family.ts';
import type { DefaultRouteEvidence, InterfaceAddress, InterfaceFacts } from '../../model/interface.ts';
import { routeProtocol } from '../../model/kernel.ts';
import type { Lease } from '../../model/lease.ts';

export interface Gateway {
  /** Null where the link needs none. */
  readonly address: string | null;
  readonly source: 'lease' | 'route' | 'advertisement' | 'configuration' | 'pointToPoint';
  /** No address of the link lies in the gateway's network. */
  readonly isOutside: boolean;
  /** Our address when it was learned: as long as that stays, an outside gateway is kept too. */
  readonly learnedWith: string | null;
}

/** The gateway of one family now, given the one known before; null when there is none. */
export function findGateway(
  family: Family,
  facts: InterfaceFacts,
  configured: string | null,
  before: Gateway | null,
  lease: Lease | null = null,
): Gateway | null {
  const addresses = facts.addresses[family];
  if (addresses.length === 0) return null;
  if (needsNone(facts)) return { address: null, source: 'pointToPoint', isOutside: false, learnedWith: null };
  return (
    leased(lease, addresses) ??
    observed(family, facts, addresses) ??
    kept(before, lease, addresses) ??
    fromConfiguration(configured, addresses)
  );
}

/**
 * A link with two ends. MBIM's is one, though its driver makes it look like Ethernet: it asks for no neighbour, and the
 * modem sees bare IP packets (drivers/net/usb/cdc_mbim.c).
 */
const needsNone = ({ isPointToPoint, device }: InterfaceFacts): boolean =>
  isPointToPoint || device.driver === 'cdc_mbim';

function leased(lease: Lease | null, addresses: readonly InterfaceAddress[]): Gateway | null {
  if (lease === null || lease.gateway === null || !addresses.some(({ address }) => address === lease.address))
    return null;
  const isOutside = !isOnLink(lease.gateway, addresses);
  return { address: lease.gateway, source: 'lease', isOutside, learnedWith: lease.address };
}

function observed(
  family: Family,
  { defaultRoutes }: InterfaceFacts,
  addresses: readonly InterfaceAddress[],
): Gateway | null {
  const ours = defaultRoutes.filter((route) => route.family === family);
  const isAdvertised = (route: DefaultRouteEvidence) => route.protocol === routeProtocol.ra;
  const best = bestMetric(ours.filter((route) => !isAdvertised(route))) ?? bestMetric(ours);
  if (best === null) return null;
  return {
    address: best.gateway,
    source: isAdvertised(best) ? 'advertisement' : 'route',
    isOutside: best.gateway !== null && !isOnLink(best.gateway, addresses),
    learnedWith: addresses[0]?.address ?? null,
  };
}

const bestMetric = (routes: readonly DefaultRouteEvidence[]): DefaultRouteEvidence | null =>
  routes.reduce<DefaultRouteEvidence | null>(
    (best, route) => (best === null || route.metric < best.metric ? route : best),
    null,
  );

const isKept = { lease: true, route: true, advertisement: false, configuration: false, pointToPoint: false } as const;

/** What another lease brought serves until the address of the new one is there. */
function kept(before: Gateway | null, lease: Lease | null, addresses: readonly InterfaceAddress[]): Gateway | null {
  if (before === null || !isKept[before.source]) return null;
  if (before.source === 'lease' && lease === null) return null;
  const isStillOurs = addresses.some(({ address }) => address === before.learnedWith);
  if (isStillOurs) return before;
  return before.address !== null && isOnLink(before.address, addresses) ? before : null;
}

function fromConfiguration(configured: string | null, addresses: readonly InterfaceAddress[]): Gateway | null {
  if (configured === null) return null;
  const isOutside = !isOnLink(configured, addresses);
  return { address: configured, source: 'configuration', isOutside, learnedWith: null };
}

/** Whether a gateway can be asked for on this link. A link-local one always can. */
const isOnLink = (gateway: string, addresses: readonly InterfaceAddress[]): boolean =>
  isLinkLocal(gateway) ||
  addresses.some(({ address, prefixLength, peer }) => isInNetwork(gateway, address, prefixLength) || peer === gateway);

/**
 * Whether a gateway is used. One that lies outside every subnet of the link is used when a route already goes by it:
 * some providers are built so, and it works. One that only the configuration names is a slip of the pen.
 */
export const isTrusted = (gateway: Gateway): boolean => !gateway.isOutside || gateway.source !== 'configuration';
