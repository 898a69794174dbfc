import type { DesiredAddress, DesiredLink, NetworkIntent } from '../../model/network.ts';
import { leasedNetworkMetric } from './places.ts';

/** IPv6 leaves an interface whose packets are smaller than this (RFC 8200, section 5). */
const leastForIpv6 = 1280;

/** The addresses of the leases that are held. */
export const desiredAddresses = ({ leases = [], uplinks }: NetworkIntent): readonly DesiredAddress[] =>
  leases.map(({ index, name, lease: { address, prefixLength } }) => {
    const path = uplinks.find((uplink) => uplink.index === index)?.paths.ipv4 ?? null;
    return {
      family: 'ipv4',
      linkIndex: index,
      interface: name,
      address,
      prefixLength,
      metric: leasedNetworkMetric,
      isTakenUp: path === null || path.addresses.some((known) => known.address === address),
      because: `${name} has the lease of ${address}`,
    };
  });

/**
 * How links shall be: up, where a tether needs it so, and with packets no larger than a lease allows. That is only ever
 * made smaller: what the interface can do is known to whoever set it up, and making it larger resets some network cards.
 */
export function desiredLinks({ leases = [], raised = [], uplinks }: NetworkIntent): readonly DesiredLink[] {
  const indexes = new Set([...raised, ...leases.map(({ index }) => index)]);
  return [...indexes].map((linkIndex) => {
    const held = leases.find(({ index }) => index === linkIndex);
    const name = held?.name ?? uplinks.find(({ index }) => index === linkIndex)?.name ?? `if${linkIndex}`;
    const offered = held?.lease.mtu ?? null;
    return {
      linkIndex,
      interface: name,
      isRaised: raised.includes(linkIndex),
      mtu: offered === null ? null : Math.max(leastForIpv6, offered),
      because: offered === null ? `${name} is to be used` : `the lease of ${name} says MTU ${offered}`,
    };
  });
}
