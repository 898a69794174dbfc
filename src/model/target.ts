import { formatAddress, isInNetwork, isLinkLocal, parseAddress } from './address.ts';
import { isDomainName, whyNoHostName } from './domain-name.ts';
import { families, type Family } from './family.ts';
import type { Target } from './probe.ts';

/** Why a text is no target: one sentence, to stand behind the text itself. */
export interface TargetProblem {
  readonly problem: string;
}

interface Endpoint {
  readonly family: Family;
  readonly address: string;
  readonly host?: string;
  /** Null where none was written. */
  readonly port: number | null;
}

const kinds = ['tcp', 'icmp', 'http', 'https', 'dns'] as const;

/** Longer texts are a mistake: a request line of this length still fits one packet. */
const maxLength = 1024;

/** Addresses that never lead through an uplink, so that their answer would say nothing about it. */
const pointlessNetworks: readonly (readonly [prefix: string, length: number, what: string])[] = [
  ['0.0.0.0', 8, 'an unspecified address'],
  ['127.0.0.0', 8, 'a loopback address'],
  ['224.0.0.0', 4, 'a multicast address'],
  ['255.255.255.255', 32, 'the broadcast address'],
  ['::', 128, 'an unspecified address'],
  ['::1', 128, 'a loopback address'],
  ['::ffff:0:0', 96, 'an IPv4 address in IPv6 notation'],
  ['ff00::', 8, 'a multicast address'],
];

/**
 * Reads one target of `probe.targets`; a problem in words when the text is none.
 *
 * - `tcp://1.1.1.1:53`, `tcp://[2606:4700:4700::1111]:53`
 * - `icmp://8.8.8.8`
 * - `dns://1.1.1.1/example.com` (port 53 unless written)
 * - `http://192.0.2.1/generate_204`, `https://192.0.2.1:8443/health#status=200&body=ok`
 * - a name in place of each of these addresses: `tcp://example.com:443`
 *
 * A name is a target in each family; `family` says in which one it is read.
 *
 * What stands behind `#` of an HTTP target is never sent: `status` is the status that is expected (204 where the path
 * ends in `_204`, else 200), `body` what the body must contain (percent-encoded).
 */
export function parseTarget(text: string, family: Family = 'ipv4'): Target | TargetProblem {
  if (text.length > maxLength) return problem(`${text.length} characters are too many; at most ${maxLength} are taken`);
  const match = /^([a-z]+):\/\/([^/?#]*)(.*)$/u.exec(text);
  const [, scheme = '', authority = '', rest = ''] = match ?? [];
  const kind = kinds.find((known) => known === scheme);
  if (match === null || kind === undefined) {
    return problem(`it begins with none of ${kinds.map((known) => `${known}://…`).join(', ')}`);
  }
  const endpoint = parseEndpoint(authority, family);
  if ('problem' in endpoint) return endpoint;
  return readers[kind](text, endpoint, rest);
}

/** The same in every family that the text is a target in. */
export function parseTargets(text: string): readonly Target[] | TargetProblem {
  const targets: Target[] = [];
  for (const family of families) {
    const target = parseTarget(text, family);
    if ('problem' in target) return target;
    if (target.family === family) targets.push(target);
  }
  return targets;
}

const problem = (text: string): TargetProblem => ({ problem: text });

/** Why an address in canonical spelling cannot be a target; null when it can. */
export function whyPointless(address: string): string | null {
  const what = pointlessNetworks.find(([prefix, length]) => isInNetwork(address, prefix, length))?.[2];
  if (what !== undefined) return `${what} says nothing about an uplink`;
  return isLinkLocal(address) ? 'a link-local address leads no further than the link' : null;
}

/** At most a line's worth, and nothing that could move the cursor of a terminal. */
const quote = (text: string): string =>
  JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text).replaceAll(/[\u007f-\u009f]/gu, '?');

function parseEndpoint(authority: string, family: Family): Endpoint | TargetProblem {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{1,5}))?$/u.exec(authority);
  if (match === null) {
    return problem(
      parseAddress(authority)?.family === 'ipv6' || authority.split(':').length > 2
        ? 'an IPv6 address is written in brackets, as in tcp://[2606:4700:4700::1111]:53'
        : `${quote(authority)} is no address with a port`,
    );
  }
  const [, bracketed, bare] = match;
  const written = bracketed ?? bare ?? '';
  const port = match[3] === undefined ? null : Number(match[3]);
  if (port !== null && (port < 1 || port > 65_535)) return problem('a port is a number from 1 to 65535');
  const address = parseAddress(written);
  if (address === undefined && bracketed === undefined) {
    const host = written.replace(/\.$/u, '').toLowerCase();
    const why = whyNoHostName(host);
    return why === null ? { family, address: '', host, port } : problem(`${quote(written)} is no address, and ${why}`);
  }
  if (address === undefined || (address.family === 'ipv6') !== (bracketed !== undefined)) {
    return problem(`${quote(written)} is no literal address; an IPv6 one, and no other, is written in brackets`);
  }
  const canonical = formatAddress(address);
  const why = whyPointless(canonical);
  if (why !== null) return problem(why);
  return { family: address.family, address: canonical, port };
}

function parseTcp(text: string, endpoint: Endpoint, rest: string): Target | TargetProblem {
  const { port, ...peer } = endpoint;
  if (rest !== '') return problem(`nothing may follow the port, but ${quote(rest)} does`);
  if (port === null) return problem(`the port is missing, as in ${written('tcp', endpoint)}:53`);
  return { kind: 'tcp', text, ...peer, port };
}

function parseIcmp(text: string, endpoint: Endpoint, rest: string): Target | TargetProblem {
  if (rest !== '' || endpoint.port !== null) {
    return problem(`ICMP has no port and no path; expected ${written('icmp', endpoint)}`);
  }
  const { port: _, ...peer } = endpoint;
  return { kind: 'icmp', text, ...peer };
}

function parseDns(text: string, endpoint: Endpoint, rest: string): Target | TargetProblem {
  const name = /^\/(.+?)\.?$/u.exec(rest)?.[1];
  if (name === undefined) {
    return problem(`the name to ask for is missing, as in ${written('dns', endpoint)}/example.com`);
  }
  if (!isDomainName(name)) {
    return problem(`${quote(name)} is no domain name (letters, digits, "-" and "_"; labels of at most 63)`);
  }
  const { port, ...peer } = endpoint;
  return { kind: 'dns', text, ...peer, port: port ?? 53, name };
}

function parseHttp(text: string, kind: 'http' | 'https', endpoint: Endpoint, rest: string): Target | TargetProblem {
  const hash = rest.indexOf('#');
  const before = hash < 0 ? rest : rest.slice(0, hash);
  const path = before.startsWith('/') ? before : `/${before}`;
  // Anything else would let a configuration write request headers of its own.
  if (!/^[\u0021-\u007e]*$/u.test(path)) {
    return problem('the path holds a character that must be percent-encoded');
  }
  const expected = parseExpectation(path, hash < 0 ? '' : rest.slice(hash + 1));
  if ('problem' in expected) return expected;
  const { port, ...peer } = endpoint;
  return { kind, text, ...peer, port: port ?? (kind === 'http' ? 80 : 443), path, ...expected };
}

interface Expectation {
  readonly expectedStatus: number;
  readonly expectedBody: string | null;
}

function parseExpectation(path: string, fragment: string): Expectation | TargetProblem {
  let expectedStatus = /_204(?:\?|$)/u.test(path) ? 204 : 200;
  let expectedBody: string | null = null;
  for (const part of fragment === '' ? [] : fragment.split('&')) {
    const [, key, value = ''] = /^(status|body)=(.*)$/u.exec(part) ?? [];
    if (key === 'status' && /^[1-5]\d\d$/u.test(value)) {
      expectedStatus = Number(value);
    } else if (key === 'body' && value !== '' && percentDecoded(value) !== undefined) {
      expectedBody = percentDecoded(value) ?? null;
    } else {
      return problem(`after # expected status=100…599 or body=TEXT, found ${quote(part)}`);
    }
  }
  return { expectedStatus, expectedBody };
}

function percentDecoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    // The one way this function reports "%" without two digits, or bytes that are no UTF-8.
    return undefined;
  }
}

const readers: Readonly<
  Record<(typeof kinds)[number], (text: string, endpoint: Endpoint, rest: string) => Target | TargetProblem>
> = {
  tcp: parseTcp,
  icmp: parseIcmp,
  dns: parseDns,
  http: (text, endpoint, rest) => parseHttp(text, 'http', endpoint, rest),
  https: (text, endpoint, rest) => parseHttp(text, 'https', endpoint, rest),
};

const written = (kind: string, { family, address, host }: Endpoint): string =>
  `${kind}://${host ?? (family === 'ipv6' ? `[${address}]` : address)}`;
