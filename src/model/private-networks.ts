/** Networks that are somebody's own. */
import { contains, formatPrefix, parsePrefix } from './address.ts';

/**
 * What is never out in the internet: private networks (RFC 1918), those of providers (RFC 6598) and of a link (RFC 3927);
 * of IPv6 unique local ones (RFC 4193) and those of a link (RFC 4291, 2.5.6).
 */
export const privateNetworks: readonly string[] = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.168.0.0/16',
  'fc00::/7',
  'fe80::/10',
];

const known = privateNetworks.flatMap((text) => parsePrefix(text) ?? []);

/** Shorter ones are what some modems say of their link, and would be a good part of the internet. */
const shortest = { ipv4: 16, ipv6: 48 } as const;
/** A link has one of these where its address says nothing (RFC 4291, 2.5.1). */
const longest = { ipv4: 32, ipv6: 64 } as const;

/**
 * The networks of links that are not private, each once and in order: who is on such a link is a neighbour, and no host in
 * the internet.
 *
 * @param members `address/length` of each link
 */
export function publicNetworksOf(members: readonly string[]): readonly string[] {
  const networks = members.flatMap((member) => {
    const prefix = parsePrefix(member);
    if (prefix === undefined || prefix.length < shortest[prefix.family]) return [];
    if (known.some((one) => contains(one, prefix.network))) return [];
    const length = Math.min(prefix.length, longest[prefix.family]);
    const network = parsePrefix(`${member.split('/')[0] ?? ''}/${length}`);
    return network === undefined ? [] : [formatPrefix(network)];
  });
  return [...new Set(networks)].toSorted();
}
