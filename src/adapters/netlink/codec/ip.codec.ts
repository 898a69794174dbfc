import { formatAddress, parseAddress } from '../../../model/address.ts';
import type { Family } from '../../../model/family.ts';

export const familyNumbers = { ipv4: 2, ipv6: 10 } as const;
const lengths = { ipv4: 4, ipv6: 16 } as const;

/** The family of an AF_* number; undefined for all but the two internet protocols. */
export const familyOf = (number: number | undefined): Family | undefined =>
  number === familyNumbers.ipv4 ? 'ipv4' : number === familyNumbers.ipv6 ? 'ipv6' : undefined;

/** An address in network byte order as text; undefined when it has not the family's length. */
export function decodeIp(family: Family, bytes: Uint8Array | undefined): string | undefined {
  if (bytes?.length !== lengths[family]) return undefined;
  if (family === 'ipv4') return bytes.join('.');
  return formatAddress({ family, value: bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n) });
}

/** The bytes of an address; undefined when the text is none. */
export function encodeIp(text: string): { readonly family: Family; readonly bytes: Uint8Array } | undefined {
  const address = parseAddress(text);
  if (address === undefined) return undefined;
  const { family, value } = address;
  const last = lengths[family] - 1;
  return {
    family,
    bytes: Uint8Array.from({ length: lengths[family] }, (_, at) => Number((value >> BigInt(8 * (last - at))) & 0xffn)),
  };
}

/** `address/length`; where the address is left out it is the unspecified one. Undefined when it makes no prefix. */
export function decodePrefix(family: Family, bytes: Uint8Array | undefined, length: number): string | undefined {
  if (length > lengths[family] * 8) return undefined;
  // The kernel leaves the address out of a prefix of length 0.
  const address =
    bytes === undefined && length === 0 ? (family === 'ipv4' ? '0.0.0.0' : '::') : decodeIp(family, bytes);
  return address === undefined ? undefined : `${address}/${length}`;
}

/** Reads `address/length`, or an address that stands for itself alone. */
export function encodePrefix(
  text: string,
): { readonly family: Family; readonly bytes: Uint8Array; readonly length: number } | undefined {
  const [address = '', length, ...rest] = text.split('/');
  const ip = encodeIp(address);
  if (ip === undefined || rest.length > 0) return undefined;
  const width = lengths[ip.family] * 8;
  if (length === undefined) return { ...ip, length: width };
  if (!/^\d{1,3}$/u.test(length) || Number(length) > width) return undefined;
  return { ...ip, length: Number(length) };
}

/** The scopes of linux/rtnetlink.h; numbers in between belong to the next wider one. */
export function decodeScope(scope: number): 'global' | 'site' | 'link' | 'host' | 'nowhere' {
  if (scope >= 255) return 'nowhere';
  if (scope === 254) return 'host';
  if (scope === 253) return 'link';
  return scope >= 200 ? 'site' : 'global';
}

export const scopeNumbers = { global: 0, site: 200, link: 253, host: 254, nowhere: 255 } as const;
