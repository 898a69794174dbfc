import type { Family } from '../../model/family.ts';
import type { EchoRequest } from './uplink-sockets.ts';

/** Echo messages of ICMP (RFC 792) and ICMPv6 (RFC 4443 section 4). */
const types = {
  ipv4: { request: 8, reply: 0 },
  ipv6: { request: 128, reply: 129 },
} as const;

export const echoReplyType = (family: Family): number => types[family].reply;

const headerLength = 8;

/** An echo request. The checksum is right for IPv4; for IPv6 the kernel puts it in, it covers addresses too. */
export function encodeEchoRequest(family: Family, { identifier, sequence, token }: EchoRequest): Uint8Array {
  const message = new Uint8Array(headerLength + token.length);
  const view = new DataView(message.buffer);
  view.setUint8(0, types[family].request);
  view.setUint16(4, identifier);
  view.setUint16(6, sequence);
  message.set(token, headerLength);
  if (family === 'ipv4') view.setUint16(2, internetChecksum(message));
  return message;
}

/**
 * Whether a message answers the request. `identifier` null: the kernel chose one, and passes on only what has it (ping
 * sockets).
 */
export function isEchoReply(
  family: Family,
  message: Uint8Array,
  expected: { readonly identifier: number | null; readonly sequence: number; readonly token: Uint8Array },
): boolean {
  if (message.length !== headerLength + expected.token.length) return false;
  const view = new DataView(message.buffer, message.byteOffset, message.length);
  return (
    view.getUint8(0) === types[family].reply &&
    view.getUint8(1) === 0 &&
    (expected.identifier === null || view.getUint16(4) === expected.identifier) &&
    view.getUint16(6) === expected.sequence &&
    expected.token.every((byte, position) => message[headerLength + position] === byte)
  );
}

/** What follows the IPv4 header that raw sockets deliver with each message; null when the packet is shorter than it says. */
export function withoutIpv4Header(packet: Uint8Array): Uint8Array | null {
  const first = packet[0] ?? 0;
  const length = (first & 0x0f) * 4;
  return first >> 4 === 4 && length >= 20 && packet.length >= length ? packet.subarray(length) : null;
}

/** RFC 1071. */
function internetChecksum(bytes: Uint8Array): number {
  let sum = 0;
  for (const [position, byte] of bytes.entries()) sum += position % 2 === 0 ? byte << 8 : byte;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
