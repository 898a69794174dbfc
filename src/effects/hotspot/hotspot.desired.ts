/** What the machines want of the hotspot, as the parts that it is made of. */
import type { HotspotConfig } from '../../model/config.ts';
import type { Problem } from '../../model/errors.ts';
import { families, perFamily, type Family, type PerFamily } from '../../model/family.ts';
import type { HotspotPart } from '../../model/hotspot-parts.ts';
import { publicNetworksOf } from '../../model/private-networks.ts';
import { besideName, type HotspotIntent, type HotspotNetwork } from '../../model/hotspot.ts';
import type { NetworkIntent } from '../../model/network.ts';
import { chooseNetwork, networkAround, type ClientNetwork } from './hotspot.subnet.ts';

/** What is known besides the intents. */
export interface HotspotSurroundings {
  /** The radio's wiphy; null: it has none, it is a bridge. */
  readonly phy: string | null;
  /** Networks of all other links, of both families, as `address/length`. */
  readonly taken: readonly string[];
  /** A unique local prefix of 64 bits (RFC 4193) without its `::`; null: there is no IPv6. */
  readonly uniquePrefix: string | null;
  /** The name servers of the ways out. */
  readonly servers: readonly string[];
}

export interface DesiredHotspot {
  readonly network: HotspotNetwork;
  readonly client: ClientNetwork;
  readonly parts: readonly HotspotPart[];
}

const uniqueLength = 64;

/** The way out of each family for the clients: the active uplink, or the one that is configured; by ifindex. */
export function upstreamOf(
  { uplinks, ranking }: NetworkIntent,
  { enableNat, natUpstream, interface: radio }: Pick<HotspotConfig, 'enableNat' | 'natUpstream' | 'interface'>,
  placement: HotspotIntent['placement'],
): PerFamily<number | null> {
  const nameOf = (index: number): string | undefined => uplinks.find((uplink) => uplink.index === index)?.name;
  return perFamily((family) => {
    const [active] = ranking[family];
    if (!enableNat || active === undefined || !active.isReachable) return null;
    const name = nameOf(active.index);
    if (natUpstream !== 'auto' && name !== natUpstream) return null;
    // A radio that is an access point is no way out, whatever is still known of it.
    return placement === 'alone' && name === radio ? null : active.index;
  });
}

/** The parts of the access point, or why there can be none. */
export function desiredHotspot(
  intent: HotspotIntent,
  network: NetworkIntent,
  config: HotspotConfig,
  { phy, taken, uniquePrefix, servers }: HotspotSurroundings,
  current: ClientNetwork | null,
): DesiredHotspot | { readonly problem: Problem } {
  const { radio, placement } = intent;
  const client = chooseNetwork(config, [...taken, ...gatewaysOf(network, radio)], current);
  if (client === null) return { problem: noSubnet(config) };
  const isBridge = placement === 'bridge';
  const name = placement === 'beside' ? besideName(radio) : radio;
  const address = { ipv4: client.address, ipv6: uniquePrefix === null ? null : `${uniquePrefix}::1` };
  const lengths = { ipv4: client.prefixLength, ipv6: uniqueLength };
  const withLength = perFamily((family) => joined(address[family], lengths[family]));
  const upstream = upstreamOf(network, config, placement);
  const hasWayOut = families.some((family) => upstream[family] !== null);
  const isIsolated = config.security.enableClientIsolation;
  const parts: HotspotPart[] = [
    {
      kind: 'filter',
      interface: name,
      address,
      network: perFamily((family) => networkOf(address[family], lengths[family])),
      upstream,
      uplinks: config.enableNat
        ? network.uplinks.flatMap(({ index, name: other }) => (other === name ? [] : [{ index, name: other }]))
        : [],
      isIsolated,
      services: config.services,
      allowed: config.privateNetworks,
      neighbours: config.enableNat ? publicNetworksOf(taken) : [],
    },
  ];
  if (config.enableNat && uniquePrefix !== null) parts.push({ kind: 'ipv6Forwarding' });
  if (!isBridge && phy !== null) {
    const country = config.country ?? '';
    parts.push({ kind: 'radio', interface: radio, phy, country, isTaken: placement === 'alone' });
    if (placement === 'beside') parts.push({ kind: 'interface', interface: name, radio, phy });
    parts.push({
      kind: 'accessPoint',
      interface: name,
      ssid: config.ssid,
      country,
      channel: intent.channel,
      security: config.security.mode,
      key: intent.key,
      previousKey: intent.previousKey,
      maxClients: config.security.maxClients,
      isIsolated,
    });
  }
  parts.push({ kind: 'address', interface: name, address: withLength });
  if (config.enableNat) {
    // All uplinks, not only the active one: after a switch nothing has to be set first.
    for (const one of [name, ...network.uplinks.map((uplink) => uplink.name).filter((other) => other !== name)]) {
      parts.push({ kind: 'forwarding', interface: one });
    }
  }
  parts.push(
    {
      kind: 'names',
      interface: name,
      address,
      prefixLength: client.prefixLength,
      dhcpStart: client.dhcpStart,
      dhcpEnd: client.dhcpEnd,
      localDomain: config.localDomain,
      hasWayOut,
      servers: hasWayOut ? servers : [],
      countsClients: isBridge,
      isIsolated,
    },
    { kind: 'portal', interface: name, address },
  );
  return {
    client,
    parts,
    network: {
      interface: name,
      ipv4: { address: client.address, prefixLength: client.prefixLength, peer: null },
      dhcpStart: client.dhcpStart,
      dhcpEnd: client.dhcpEnd,
      ipv6: address.ipv6 === null ? null : { address: address.ipv6, prefixLength: uniqueLength, peer: null },
    },
  };
}

/** A gateway outside the network of its lease is in none of a link's, and is not to be the node itself. */
const gatewaysOf = ({ leases = [] }: NetworkIntent, radio: string): readonly string[] =>
  leases.flatMap(({ name, lease: { gateway } }) => (gateway === null || name === radio ? [] : [`${gateway}/32`]));

const joined = (address: string | null, length: number): string | null =>
  address === null ? null : `${address}/${length}`;

const networkOf = (address: string | null, length: number): string | null =>
  address === null ? null : networkAround(address, length);

const noSubnet = ({ ipAddress, prefixLength }: HotspotConfig): Problem => ({
  code: 'hotspot.noSubnet',
  subject: `${ipAddress}/${prefixLength}`,
  message: 'every network of this size that a hotspot may have is used by another link',
  remedy: 'give it a network of another size by hotspot.ipAddress and hotspot.prefixLength',
});

/** What of the intents matters to the hotspot: equal texts mean that there is nothing to do. */
export const hotspotDigest = (intent: HotspotIntent | null, { uplinks, ranking, leases = [] }: NetworkIntent): string =>
  JSON.stringify([
    intent,
    uplinks.map(({ index, name }) => [index, name]),
    families.map((family: Family) => ranking[family][0] ?? null),
    leases.map(({ name, lease }) => [name, lease.gateway]),
  ]);
