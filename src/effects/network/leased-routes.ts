import { formatPrefix, parsePrefix } from '../../model/address.ts';
import type { HeldLease } from '../../model/lease.ts';
import type { DesiredRoute, NetworkIntent } from '../../model/network.ts';
import { uplinkMetric } from './places.ts';

/** The classless routes of a lease (RFC 3442), in the table of their uplink: there they lead, whoever is active. */
export const leasedRoutes = ({ index, name, lease }: HeldLease, table: number): readonly DesiredRoute[] =>
  lease.routes.flatMap(({ destination, gateway }): DesiredRoute[] => {
    const prefix = parsePrefix(destination);
    if (prefix?.family !== 'ipv4' || prefix.length === 0) return [];
    return [
      {
        family: 'ipv4',
        table,
        destination: formatPrefix(prefix),
        metric: uplinkMetric,
        linkIndex: index,
        gateway,
        isOnLink: gateway !== null,
        because: `the lease of ${name} leads there`,
      },
    ];
  });

/**
 * The uplink whose classless routes unbound traffic takes: the active one, when its lease has any. They are asked right
 * before the ranking and after everything of others, so that no server of a strange network can draw traffic out of a VPN.
 */
export function leadingLease({ leases = [], ranking }: NetworkIntent): HeldLease | null {
  const active = ranking.ipv4[0]?.index;
  return leases.find(({ index, lease }) => index === active && lease.routes.length > 0) ?? null;
}
