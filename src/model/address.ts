import type { Family } from './family.ts';

/** An IP address as a number of its family's width. */
export interface IpAddress {
  readonly family: Family;
  readonly value: bigint;
}

export interface IpPrefix {
  readonly family: Family;
  /** The first address of the prefix. */
  readonly network: IpAddress;
  readonly length: number;
}

const widths = { ipv4: 32, ipv6: 128 } as const;

function parseIpv4(text: string): bigint | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/u.exec(text);
  if (match === null) return undefined;
  let value = 0n;
  for (const part of match.slice(1)) {
    // A leading zero means octal to some programs and decimal to others: neither is accepted.
    if (Number(part) > 255 || (part.length > 1 && part.startsWith('0'))) return undefined;
    value = value * 256n + BigInt(part);
  }
  return value;
}

function parseGroups(text: string): readonly bigint[] | undefined {
  if (text === '') return [];
  const groups: bigint[] = [];
  const parts = text.split(':');
  for (const [position, part] of parts.entries()) {
    if (position === parts.length - 1 && part.includes('.')) {
      const tail = parseIpv4(part);
      if (tail === undefined) return undefined;
      groups.push(tail >> 16n, tail & 0xffffn);
    } else if (/^[\da-f]{1,4}$/iu.test(part)) {
      groups.push(BigInt(`0x${part}`));
    } else {
      return undefined;
    }
  }
  return groups;
}

function parseIpv6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = parseGroups(halves[0] ?? '');
  const tail = parseGroups(halves[1] ?? '');
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  const groups = [...head, ...Array.from<bigint>({ length: missing }).fill(0n), ...tail];
  return groups.reduce((value, group) => (value << 16n) | group, 0n);
}

/** Reads an IPv4 or IPv6 address; undefined when the text is neither. Zone identifiers are not accepted. */
export function parseAddress(text: string): IpAddress | undefined {
  const family: Family = text.includes(':') ? 'ipv6' : 'ipv4';
  const value = family === 'ipv4' ? parseIpv4(text) : parseIpv6(text);
  return value === undefined ? undefined : { family, value };
}

/** Writes an address as dotted quad, or as RFC 5952 recommends for IPv6. */
export function formatAddress({ family, value }: IpAddress): string {
  if (family === 'ipv4') {
    return [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
  }
  const groups = Array.from({ length: 8 }, (_, position) =>
    ((value >> BigInt(112 - 16 * position)) & 0xffffn).toString(16),
  );
  const zeros = longestRunOfZeros(groups);
  if (zeros.length < 2) return groups.join(':');
  return `${groups.slice(0, zeros.start).join(':')}::${groups.slice(zeros.start + zeros.length).join(':')}`;
}

function longestRunOfZeros(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let run = { start: 0, length: 0 };
  for (const [position, group] of groups.entries()) {
    run =
      group === '0'
        ? { start: run.length === 0 ? position : run.start, length: run.length + 1 }
        : { start: 0, length: 0 };
    if (run.length > best.length) best = run;
  }
  return best;
}

/** Reads `address/length`; undefined when it is none. Bits beyond the length are cleared. */
export function parsePrefix(text: string): IpPrefix | undefined {
  const [address = '', length = '', ...rest] = text.split('/');
  const parsed = parseAddress(address);
  if (parsed === undefined || rest.length > 0 || !/^\d{1,3}$/u.test(length)) return undefined;
  return prefixOf(parsed, Number(length));
}

function prefixOf({ family, value }: IpAddress, length: number): IpPrefix | undefined {
  const width = widths[family];
  if (length > width) return undefined;
  const host = BigInt(width - length);
  return { family, network: { family, value: (value >> host) << host }, length };
}

export const formatPrefix = ({ network, length }: IpPrefix): string => `${formatAddress(network)}/${length}`;

export function contains(prefix: IpPrefix, address: IpAddress): boolean {
  const host = BigInt(widths[prefix.family] - prefix.length);
  return prefix.family === address.family && prefix.network.value >> host === address.value >> host;
}

/** The prefix an address of this length lies in, as text: `192.168.1.7`, 24 → `192.168.1.0/24`. */
export function networkOf(address: string, length: number): string | undefined {
  const parsed = parseAddress(address);
  const prefix = parsed === undefined ? undefined : prefixOf(parsed, length);
  return prefix === undefined ? undefined : formatPrefix(prefix);
}

/** Whether `address` lies in the network that `member/length` spans; false when either is no address. */
export function isInNetwork(address: string, member: string, length: number): boolean {
  const parsed = parseAddress(address);
  const network = parseAddress(member);
  const prefix = network === undefined ? undefined : prefixOf(network, length);
  return parsed !== undefined && prefix !== undefined && contains(prefix, parsed);
}

/** The broadcast address of an IPv4 network; undefined for one too small to have any, and for IPv6. */
export function broadcastOf(address: string, length: number): string | undefined {
  const parsed = parseAddress(address);
  if (parsed?.family !== 'ipv4' || length > 30) return undefined;
  return formatAddress({ family: 'ipv4', value: parsed.value | ((1n << BigInt(32 - length)) - 1n) });
}

/** A prefix of one address: `/32` or `/128`. */
export const hostPrefix = (family: Family, address: string): string => `${address}/${widths[family]}`;

/** fe80::/10. */
export const isLinkLocal = (address: string): boolean =>
  isInNetwork(address, 'fe80::', 10) || isInNetwork(address, '169.254.0.0', 16);
