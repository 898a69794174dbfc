import { parseAddress } from '../../model/address.ts';
import type { Family } from '../../model/family.ts';
import { withoutZone } from '../../model/resolv-conf.ts';
import { sockets } from '../libc/libc.ts';

export const domainOf: Readonly<Record<Family, number>> = { ipv4: sockets.AF_INET, ipv6: sockets.AF_INET6 };

/** Those that were made last: the same few sources and targets are used for every probe. */
const made = new Map<string, Uint8Array | null>();
const mostMade = 256;

/**
 * A `struct sockaddr_in` or `sockaddr_in6` in bytes, null when the text is no address. A zone is left out: the socket is
 * bound to its device.
 *
 * sin_family is in the machine's byte order (little-endian on every machine there is native code for), the rest in
 * the network's. It is given again and again: whoever gets it must not write into it.
 */
export function socketAddress(text: string, port: number): Uint8Array | null {
  const key = `${port} ${text}`;
  const known = made.get(key);
  if (known !== undefined) return known;
  if (made.size >= mostMade) made.clear();
  const address = makeSocketAddress(text, port);
  made.set(key, address);
  return address;
}

function makeSocketAddress(text: string, port: number): Uint8Array | null {
  const address = parseAddress(withoutZone(text));
  if (address === undefined) return null;
  const bytes = new Uint8Array(address.family === 'ipv4' ? 16 : 28);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, domainOf[address.family], true);
  view.setUint16(2, port);
  if (address.family === 'ipv4') {
    view.setUint32(4, Number(address.value));
  } else {
    view.setBigUint64(8, address.value >> 64n);
    view.setBigUint64(16, address.value & 0xffff_ffff_ffff_ffffn);
  }
  return bytes;
}
