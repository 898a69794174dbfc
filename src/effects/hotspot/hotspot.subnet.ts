/** The network of the hotspot's clients: the configured one, or a free one where that would collide with another. */
import {
  contains,
  formatAddress,
  formatPrefix,
  parseAddress,
  parsePrefix,
  type IpPrefix,
} from '../../model/address.ts';
import type { HotspotConfig } from '../../model/config.ts';

/** An IPv4 network for clients. */
export interface ClientNetwork {
  /** The node's own address. */
  readonly address: string;
  readonly prefixLength: number;
  readonly dhcpStart: string;
  readonly dhcpEnd: string;
}

type Wanted = Pick<HotspotConfig, 'ipAddress' | 'prefixLength' | 'dhcpStart' | 'dhcpEnd'>;

const overlaps = (a: IpPrefix, b: IpPrefix): boolean => contains(a, b.network) || contains(b, a.network);

/** Networks in the order in which they are tried: 192.168.50–250, then the private 10.0.0.0/8 (RFC 1918). */
function* candidates(length: number): Generator<string> {
  if (length >= 24) for (let third = 50; third <= 250; third += 1) yield `192.168.${third}.0/${length}`;
  const step = length >= 16 ? 1 : 2 ** (16 - length);
  for (let second = 0; second < 256; second += step) yield `10.${second}.0.0/${length}`;
}

/**
 * The network for clients; null when every one collides. One that is in use already stays as long as it is free:
 * clients would lose their addresses.
 *
 * @param taken networks of other links, as `address/length`; others than IPv4 are passed over
 */
export function chooseNetwork(
  wanted: Wanted,
  taken: readonly string[],
  current: ClientNetwork | null,
): ClientNetwork | null {
  const others = taken.flatMap((text) => parsePrefix(text) ?? []);
  const isFree = (text: string): boolean => {
    const prefix = parsePrefix(text);
    return prefix !== undefined && !others.some((other) => overlaps(prefix, other));
  };
  if (current !== null && isFree(`${current.address}/${current.prefixLength}`)) return current;
  const { ipAddress: address, prefixLength, dhcpStart, dhcpEnd } = wanted;
  if (isFree(`${address}/${prefixLength}`)) return { address, prefixLength, dhcpStart, dhcpEnd };
  for (const candidate of candidates(prefixLength)) if (isFree(candidate)) return moved(wanted, candidate);
  return null;
}

/** The same hosts in another network. */
function moved({ ipAddress, prefixLength, dhcpStart, dhcpEnd }: Wanted, to: string): ClientNetwork | null {
  const target = parsePrefix(to);
  const source = parsePrefix(`${ipAddress}/${prefixLength}`);
  if (target === undefined || source === undefined) return null;
  const move = (address: string): string => {
    const value = parseAddress(address)?.value ?? 0n;
    return formatAddress({ family: 'ipv4', value: target.network.value + (value - source.network.value) });
  };
  return { address: move(ipAddress), prefixLength, dhcpStart: move(dhcpStart), dhcpEnd: move(dhcpEnd) };
}

/** The network around an address, as text. */
export const networkAround = (address: string, length: number): string => {
  const prefix = parsePrefix(`${address}/${length}`);
  return prefix === undefined ? `${address}/${length}` : formatPrefix(prefix);
};
