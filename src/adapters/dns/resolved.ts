import { existsSync } from 'node:fs';
import type { DnsReading } from '../../effects/ports.ts';
import { parseAddress } from '../../model/address.ts';
import type { DnsPlace, DnsValue } from '../../model/dns.ts';
import { done, type OperationResult } from '../../model/network.ts';
import { formatResolvedLink, parseResolvedLink } from '../../model/resolved-link.ts';
import { run } from '../process/run.ts';
import { resultOf } from './tool-result.ts';
import { readSmallFile } from './small-file.ts';

/** For one call of resolvectl, in milliseconds. */
const patience = 5000;

/** Whether systemd-resolved runs here: only it makes this socket. */
export const isResolvedHere = (root = ''): boolean => existsSync(`${root}/run/systemd/resolve/io.systemd.Resolve`);

/** Whether systemd-networkd has set the link up: what is changed of it goes through networkd, and is reverted by it. */
const isOfNetworkd = (index: number, root: string): boolean =>
  /^ADMIN_STATE=(?:configured|configuring)$/mu.test(readSmallFile(`${root}/run/systemd/netif/links/${index}`) ?? '');

/**
 * What systemd-resolved holds for a link: from the file in which it keeps what it was told (save_link() in
 * src/resolve/resolved-link.c), or, for a link of systemd-networkd's, from networkd's.
 */
export function readResolvedLink({ linkIndex, name }: Pick<DnsPlace, 'linkIndex' | 'name'>, root = ''): DnsReading {
  const told = variablesOf(readSmallFile(`${root}/run/systemd/resolve/netif/${linkIndex}`));
  const isLinkHere = told.size > 0 || existsSync(`${root}/proc/sys/net/ipv4/conf/${name}`);
  if (!isLinkHere) return { problem: null, isGone: true };
  const managed = variablesOf(readSmallFile(`${root}/run/systemd/netif/links/${linkIndex}`));
  const isManaged = told.size === 0 && managed.has('DNS');
  const servers = (isManaged ? managed.get('DNS') : told.get('SERVERS')) ?? '';
  const routed = words(managed.get('ROUTE_DOMAINS') ?? '').map((domain) => `~${domain}`);
  const domains = isManaged ? [...routed, ...words(managed.get('DOMAINS') ?? '')] : words(told.get('DOMAINS') ?? '');
  return { value: formatResolvedLink({ servers: words(servers).map(plainAddress), domains }) };
}

/** Tells systemd-resolved, by resolvectl, what a link's name servers and domains are. */
export async function writeResolvedLink(
  { linkIndex, name }: DnsPlace,
  value: DnsValue,
  root = '',
): Promise<OperationResult> {
  const current = readResolvedLink({ linkIndex, name }, root);
  const before = parseResolvedLink('value' in current ? (current.value ?? '') : '');
  const { servers, domains } = parseResolvedLink(value ?? '');
  // By its index: the name may be another's by now.
  const link = String(linkIndex);
  const isReverted = servers.length + domains.length === 0 && isOfNetworkd(linkIndex, root);
  if (isReverted) return resultOf(await run('resolvectl', ['revert', link], { timeout: patience }));
  const calls: (readonly string[])[] = [];
  // An empty argument takes the whole list away.
  if (!isSame(servers, before.servers)) calls.push(['dns', link, ...(servers.length === 0 ? [''] : servers)]);
  if (!isSame(domains, before.domains)) calls.push(['domain', link, ...(domains.length === 0 ? [''] : domains)]);
  for (const call of calls) {
    // One after the other: with domains and no servers a link would answer nothing.
    // oxlint-disable-next-line no-await-in-loop
    const result = await run('resolvectl', call, { timeout: patience });
    if (!result.ok) return resultOf(result);
  }
  return done;
}

const isSame = (a: readonly string[], b: readonly string[]): boolean => a.join(' ') === b.join(' ');

const words = (text: string): readonly string[] => text.split(/\s+/u).filter((word) => word !== '');

/** `NAME=value` lines; values are in quotes where they need it. */
export function variablesOf(text: string | null): ReadonlyMap<string, string> {
  const lines = (text ?? '').split('\n').flatMap((line): [string, string][] => {
    const [, name, value] = /^([A-Z0-9_]+)=(.*)$/u.exec(line) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value.replace(/^"(.*)"$/u, '$1')]];
  });
  return new Map(lines);
}

/** resolved writes a zone as a number, `fe80::1%11`, and with it a port or a server's name, if there is one. */
function plainAddress(written: string): string {
  const [bare = ''] = written.split('%', 1);
  return parseAddress(bare) === undefined ? written : bare;
}
