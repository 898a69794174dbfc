import { formatAddress, isInNetwork, isLinkLocal, parseAddress } from './address.ts';

/** More are not read: glibc's MAXNS (resolv.conf(5)). */
export const mostServers = 3;

/** The first words of a resolv.conf that backhauld has written. */
export const resolvConfMark = '# Written by backhauld';

/** The values of a resolv.conf's lines of one kind. A line's name begins in its first column (resolv.conf(5)). */
export function linesOf(text: string, name: 'nameserver' | 'options' | 'search' | 'domain'): readonly string[] {
  return text.split('\n').flatMap((line) => {
    const [first = '', ...others] = line.trimEnd().split(/[ \t]+/u);
    return first === name && others.length > 0 ? [others.join(' ')] : [];
  });
}

/** The name servers of a resolv.conf as they are written there; what follows an address (a comment) is no part of it. */
export const nameServersOf = (text: string): readonly string[] =>
  linesOf(text, 'nameserver').map((value) => value.split(' ', 1)[0] ?? '');

/**
 * A resolv.conf with other name servers: backhauld's mark, the servers, and of the original only its search list and
 * options, line by line. `original` null: there was none. Texts have one character for each byte, and come back so.
 */
export function rewriteResolvConf(original: string | null, servers: readonly string[], interfaceName: string): string {
  const kept = (original ?? '').split('\n').filter((line) => /^(?:search|domain|options)[ \t]/u.test(line));
  const lines = [
    `${resolvConfMark}: the name servers of ${interfaceName}. What was here before is put back at its end.`,
    ...servers.slice(0, mostServers).map((server) => `nameserver ${server}`),
    ...kept.map((line) => line.replace(/\r+$/u, '')),
  ];
  return `${lines.join('\n')}\n`;
}

/** Addresses on which no provider's name server can be: this host, everyone, nobody. */
const noServer = ['0.0.0.0/8', '127.0.0.0/8', '224.0.0.0/3', '::/128', '::1/128', 'ff00::/8'];

/**
 * A name server's address as the link gives it, in canonical spelling; undefined when it is no literal address, or none
 * that a server beyond the link can have. A link-local IPv6 address gets the interface as its zone: without one no
 * program could reach it.
 */
export function nameServer(text: string, interfaceName: string): string | undefined {
  const [plain = '', zone] = text.split('%', 2);
  const address = parseAddress(plain);
  if (address === undefined) return undefined;
  const canonical = formatAddress(address);
  const isOut = noServer.some((prefix) => {
    const [network = '', length] = prefix.split('/');
    return isInNetwork(canonical, network, Number(length));
  });
  if (isOut) return undefined;
  const needsZone = address.family === 'ipv6' && isLinkLocal(canonical);
  if (zone !== undefined && !needsZone) return undefined;
  return needsZone ? `${canonical}%${interfaceName}` : canonical;
}

/** An address without its zone. */
export const withoutZone = (server: string): string => server.split('%', 1)[0] ?? '';
