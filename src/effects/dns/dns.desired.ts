import { parseAddress, isLinkLocal } from '../../model/address.ts';
import type { DesiredDns, UplinkServers } from '../../model/dns.ts';
import { families } from '../../model/family.ts';
import type { NetworkIntent, UplinkIntent } from '../../model/network.ts';
import { withoutZone } from '../../model/resolv-conf.ts';

/** The uplink whose name servers are to be asked: the active one of IPv4, else that of IPv6; null with no way out. */
export function lookupUplink({ uplinks, ranking }: NetworkIntent): UplinkIntent | null {
  for (const family of families) {
    for (const { index } of ranking[family]) {
      const uplink = uplinks.find((one) => one.index === index && one.paths[family] !== null);
      if (uplink !== undefined) return uplink;
    }
  }
  return null;
}

/**
 * The name servers that lookups shall use: those of the active uplink that it can reach. One of a family that has no way
 * out there would only keep every lookup waiting. Null where none is known.
 */
export function desiredDns(
  intent: NetworkIntent,
  known: ReadonlyMap<number, Pick<UplinkServers, 'servers' | 'source'>>,
): DesiredDns | null {
  const uplink = lookupUplink(intent);
  const { servers = [], source = null } = (uplink !== null && known.get(uplink.index)) || {};
  if (uplink === null) return null;
  const within = servers.filter((server) => isWithinReach(server, uplink));
  if (within.length === 0) return null;
  return {
    linkIndex: uplink.index,
    interface: uplink.name,
    servers: within,
    because: `${uplink.name} is the active uplink, and these are its name servers by ${source ?? 'nobody'}`,
  };
}

function isWithinReach(server: string, { paths }: UplinkIntent): boolean {
  const address = parseAddress(withoutZone(server));
  if (address === undefined) return false;
  return (address.family === 'ipv6' && isLinkLocal(withoutZone(server))) || paths[address.family] !== null;
}
