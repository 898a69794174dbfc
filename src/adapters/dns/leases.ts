import { linesOf } from '../../model/resolv-conf.ts';

/**
 * The name servers in dhclient's lease file (dhclient.leases(5)): those of the last lease of an interface, for each of
 * DHCPv4 (`lease {`) and DHCPv6 (`lease6 {`).
 */
export function serversInLeases(text: string, interfaceName: string): readonly string[] {
  const last = new Map<string, readonly string[]>();
  for (const [, kind = '', body = ''] of text.matchAll(/^lease(6?) \{\n([^]*?)^\}/gmu)) {
    if (/^\s*interface "([^"]*)";/mu.exec(body)?.[1] !== interfaceName) continue;
    const [, given = ''] = /^\s*option (?:domain-name-servers|dhcp6\.name-servers) ([^;]*);/mu.exec(body) ?? [];
    last.set(
      kind,
      given
        .split(',')
        .map((one) => one.trim())
        .filter((one) => one !== ''),
    );
  }
  return [...last.values()].flat();
}

/**
 * The name servers of an interface in a resolv.conf that names it at the end of each line: `nameserver 192.0.2.1 # eth0`,
 * as the udhcpc script of Buildroot and others write it.
 */
export const serversWithComment = (text: string, interfaceName: string): readonly string[] =>
  linesOf(text, 'nameserver').flatMap((value) => {
    const [server = '', hash, name] = value.split(' ');
    return hash === '#' && name === interfaceName ? [server] : [];
  });
