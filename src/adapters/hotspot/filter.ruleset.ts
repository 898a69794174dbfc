import { families, type Family, type PerFamily } from '../../model/family.ts';
import type { FilterPart } from '../../model/hotspot-parts.ts';
import { privateNetworks } from '../../model/private-networks.ts';
import { nftString } from '../netfilter/nft-string.ts';

/** Every table that is backhauld's own begins with its name. */
export const hotspotTable = 'backhauld_hotspot';

const addressWord: PerFamily<string> = { ipv4: 'ip', ipv6: 'ip6' };

/** A ruleset that takes the table away, whether it is there or not. */
export const noFilter = `table inet ${hotspotTable}\ndelete table inet ${hotspotTable}\n`;

/** What would not forward without the hotspot: interfaces for IPv4, by ifindex; for IPv6 the kernel has one switch for all. */
export interface Hosts {
  readonly ipv4: readonly number[];
  readonly ipv6: boolean;
}

/**
 * The ruleset of the hotspot, for `nft -f`: the whole table is replaced in one transaction.
 *
 * - `input`: of the node's own services clients reach DHCP, DNS, ICMP, the captive-portal answers and those that are named.
 *   They have addresses of their network, and tell the node of no router. Nobody else reaches the node by the addresses
 *   that it has for them: the kernel takes these from whichever interface a packet comes by.
 * - `forward`: clients go out by the active uplink of each family and nowhere else, and not to each other by way of the
 *   node when they are isolated; nobody comes in to them. They are guests: the internet is what they reach, and of private
 *   networks and those that the node's links are in only what is allowed. What has no way out is refused, so that programs
 *   need not wait for a time-out. What forwards because of them forwards for them alone.
 * - `postrouting`: what leaves by the uplink bears the uplink's address, in IPv6 too: clients have a unique local prefix,
 *   which is routed nowhere (RFC 4193), and a mobile provider delegates none.
 *
 * The kernel drops a masqueraded connection by itself when its packets are to leave by another interface than before
 * (nf_nat_oif_changed), so none goes on with an address that its uplink does not have.
 */
export function filterRuleset(
  { interface: name, address, network, upstream, isIsolated, services, allowed, neighbours }: FilterPart,
  hosts: Hosts,
): string {
  const on = nftString(name);
  const out = families.flatMap((family) => {
    const to = (one: string): boolean => one.includes(':') === (family === 'ipv6');
    const closed = [...privateNetworks, ...neighbours].filter(to);
    return wayOut(family, network[family], upstream[family], { allowed: allowed.filter(to), closed });
  });
  const clamp = families.flatMap((family) =>
    upstream[family] === null
      ? []
      : [`meta nfproto ${family} oif ${upstream[family]} tcp flags syn tcp option maxseg size set rt mtu`],
  );
  return [
    `table inet ${hotspotTable}`,
    `delete table inet ${hotspotTable}`,
    `table inet ${hotspotTable} {`,
    'chain input {',
    'type filter hook input priority filter; policy accept;',
    ...families.flatMap((family) => forClientsOnly(family, on, address[family])),
    `iifname != ${on} return`,
    ...families.flatMap((family) => ownAddresses(family, network[family])),
    'icmp type redirect drop',
    'icmpv6 type { nd-router-advert, nd-redirect } drop',
    'ct state established,related accept',
    'meta l4proto { icmp, ipv6-icmp, igmp } accept',
    'udp dport { 67, 547 } accept',
    ...families.flatMap((family) => ownServices(family, address[family])),
    ...services.map((service) => `${service.replace('/', ' dport ')} accept`),
    'drop',
    '}',
    'chain forward {',
    'type filter hook forward priority filter; policy accept;',
    `iifname ${on} oifname ${on} ${isIsolated ? 'drop' : 'accept'}`,
    `iifname ${on} jump outward`,
    `oifname ${on} ct state established,related accept`,
    `oifname ${on} drop`,
    ...(hosts.ipv4.length === 0 ? [] : [`meta nfproto ipv4 iif { ${hosts.ipv4.join(', ')} } drop`]),
    ...(hosts.ipv6 ? ['meta nfproto ipv6 drop'] : []),
    '}',
    'chain outward {',
    'ct state invalid drop',
    ...clamp,
    ...out,
    'reject with icmpx type no-route',
    '}',
    'chain postrouting {',
    'type nat hook postrouting priority srcnat; policy accept;',
    ...families.flatMap((family) => masquerade(family, network[family], upstream[family])),
    '}',
    '}',
    '',
  ].join('\n');
}

const forClientsOnly = (family: Family, on: string, address: string | null): readonly string[] =>
  address === null ? [] : [`iifname != { ${on}, "lo" } ${addressWord[family]} daddr ${address} drop`];

/** What a client may have before it has an address, or besides it. */
const otherSources: PerFamily<string> = { ipv4: '0.0.0.0', ipv6: '::, fe80::/10' };

/** With another one a client would have the node answer to somebody else. */
const ownAddresses = (family: Family, network: string | null): readonly string[] =>
  network === null ? [] : [`${addressWord[family]} saddr != { ${network}, ${otherSources[family]} } drop`];

/** DNS, and the web server of the captive-portal checks. */
const ownServices = (family: Family, address: string | null): readonly string[] =>
  address === null
    ? []
    : [
        `${addressWord[family]} daddr ${address} udp dport 53 accept`,
        `${addressWord[family]} daddr ${address} tcp dport { 53, 80 } accept`,
      ];

/** Only with an address of its network: another one would leave as it is. One rule a network: in a set they must not overlap. */
function wayOut(
  family: Family,
  network: string | null,
  upstream: number | null,
  { allowed, closed }: { readonly allowed: readonly string[]; readonly closed: readonly string[] },
): readonly string[] {
  if (network === null || upstream === null) return [];
  const word = addressWord[family];
  const from = `${word} saddr ${network} oif ${upstream}`;
  return [
    ...allowed.map((one) => `${from} ${word} daddr ${one} accept`),
    ...closed.map((one) => `${word} daddr ${one} reject with icmpx type admin-prohibited`),
    `${from} accept`,
  ];
}

const masquerade = (family: Family, network: string | null, upstream: number | null): readonly string[] =>
  network === null || upstream === null ? [] : [`${addressWord[family]} saddr ${network} oif ${upstream} masquerade`];
