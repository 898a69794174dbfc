import type { PerFamily } from '../../model/family.ts';
import type { NamesPart } from '../../model/hotspot-parts.ts';
import { captiveNames, fixedNames } from './captive-checks.ts';

/** What dnsmasq is started with; the last two are read anew when it is told to (SIGHUP). */
export interface DnsmasqFiles {
  readonly config: string;
  readonly hosts: string;
  readonly servers: string;
}

export interface DnsmasqPlaces {
  readonly hosts: string;
  readonly servers: string;
  readonly leases: string;
}

const leaseTime = '1h';

/** The names that the node has for clients, whatever else it is called. */
const ownNames = (hostName: string, domain: string): readonly string[] => {
  const label = /^[\da-z](?:[\da-z-]{0,61}[\da-z])?$/iu.exec(hostName)?.[0];
  const names = [...(label === undefined || label === 'localhost' ? [] : [label]), 'backhauld'];
  return [...new Set(names.map((name) => name.toLowerCase()))].map((name) => `${name}.${domain}`);
};

/**
 * What dnsmasq is started with (dnsmasq(8)): addresses for clients, router advertisements with the unique local prefix,
 * and names. It reads nothing of the machine's own, answers on the access point only, and says little of its clients.
 */
export function dnsmasqFiles(part: NamesPart, places: DnsmasqPlaces, hostName: string): DnsmasqFiles {
  const { interface: name, address, dhcpStart, dhcpEnd, prefixLength, localDomain, isIsolated, countsClients } = part;
  const lines = [
    // A comma would part two names (dnsmasq, option.c), but not within quotes.
    `interface=${name.includes(',') ? `"${name}"` : name}`,
    'except-interface=lo',
    'bind-dynamic',
    'user=root',
    'group=',
    'pid-file=',
    'log-facility=-',
    'no-resolv',
    'no-poll',
    'no-hosts',
    'domain-needed',
    'bogus-priv',
    'cache-size=1000',
    `domain=${localDomain}`,
    `local=/${localDomain}/`,
    `addn-hosts=${places.hosts}`,
    `servers-file=${places.servers}`,
    'dhcp-authoritative',
    `dhcp-leasefile=${places.leases}`,
    `dhcp-range=${dhcpStart},${dhcpEnd},${netmask(prefixLength)},${leaseTime}`,
    // Names that clients give themselves: among isolated ones nobody needs them, and no one may be called as the node.
    // And no one as the name under which browsers ask for a proxy.
    ...(isIsolated ? ['dhcp-ignore-names'] : ['dhcp-name-match=set:proxy,wpad', 'dhcp-ignore-names=tag:proxy']),
    // Without these lines whoever reads the log knows who was here; who comes and goes is counted by them on a bridge.
    ...(countsClients ? [] : ['quiet-dhcp']),
    'quiet-dhcp6',
    'quiet-ra',
    ...(address.ipv6 === null
      ? []
      : [
          'enable-ra',
          `dhcp-range=${address.ipv6.replace(/1$/u, '')},ra-stateless,64,${leaseTime}`,
          `dhcp-option=option6:dns-server,[${address.ipv6}]`,
        ]),
  ];
  return { config: `${lines.join('\n')}\n`, ...namesFiles(part, hostName) };
}

/** What changes with the way out. */
export function namesFiles(
  { address, localDomain, hasWayOut, servers }: NamesPart,
  hostName: string,
): Pick<DnsmasqFiles, 'hosts' | 'servers'> {
  const names = [...ownNames(hostName, localDomain), ...(hasWayOut ? [] : captiveNames)];
  return {
    hosts: [...addressesOf(address).map((one) => `${one} ${names.join(' ')}`), ...(hasWayOut ? [] : fixedNames)]
      .map((line) => `${line}\n`)
      .join(''),
    servers: servers.flatMap((server) => (isServer.test(server) ? [`server=${server}\n`] : [])).join(''),
  };
}

/** An address, with the interface where it needs one: what a strange network names must not be read as another setting. */
const isServer = /^[\da-f:.]+(?:%[\w.-]+)?$/iu;

const addressesOf = ({ ipv4, ipv6 }: PerFamily<string | null>): readonly string[] =>
  [ipv4, ipv6].filter((address) => address !== null);

/** A prefix length as a mask of four numbers. */
export const netmask = (length: number): string =>
  [24, 16, 8, 0].map((shift) => ((0xffff_ffff << (32 - length)) >>> shift) & 255).join('.');
