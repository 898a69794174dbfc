import type { Family } from '../../../model/family.ts';
import { broadcastOf } from '../../../model/address.ts';
import type { Address } from '../../../model/kernel.ts';
import type { AddressRecord, DesiredAddress } from '../../../model/network.ts';
import { concatenate, decodeAttributes, encodeAttribute, encodeUint32, uint32 } from './attribute.codec.ts';
import { decodeIp, decodeScope, encodeIp, familyNumbers, familyOf } from './ip.codec.ts';
import { viewOf } from './message.codec.ts';

/** struct ifaddrmsg. */
const headerLength = 8;
const attribute = { address: 1, local: 2, broadcast: 4, flags: 8, routePriority: 9 } as const;
const flag = { optimistic: 0x4, dadFailed: 0x8, deprecated: 0x20, tentative: 0x40 } as const;

/** RTM_NEWADDR and RTM_DELADDR. An optimistic address (RFC 4429) may be used while it is tentative. */
export function decodeAddress(payload: Uint8Array): Address | null {
  const family = familyOf(payload[0]);
  if (payload.length < headerLength || family === undefined) return null;
  const view = viewOf(payload);
  const attributes = decodeAttributes(payload.subarray(headerLength));
  const local = decodeIp(family, attributes.get(attribute.local));
  // With a peer, IFA_ADDRESS is the peer's; without one, IPv6 leaves IFA_LOCAL out.
  const far = decodeIp(family, attributes.get(attribute.address));
  const address = local ?? far;
  const prefixLength = view.getUint8(1);
  if (address === undefined || prefixLength > (family === 'ipv4' ? 32 : 128)) return null;
  const flags = uint32(attributes, attribute.flags) ?? view.getUint8(2);
  const scope = decodeScope(view.getUint8(3));
  return {
    family,
    linkIndex: view.getUint32(4, true),
    address,
    prefixLength,
    peer: far === undefined || far === address ? null : far,
    scope: scope === 'nowhere' ? 'host' : scope,
    isTentative: (flags & flag.dadFailed) !== 0 || (flags & (flag.tentative | flag.optimistic)) === flag.tentative,
    isDeprecated: (flags & flag.deprecated) !== 0,
  };
}

/** The payload of RTM_NEWADDR for an address of global scope; null when it is none. */
export function encodeAddressAdd(wanted: DesiredAddress): Uint8Array | null {
  const payload = encodeAddressDelete(wanted);
  const broadcast = broadcastOf(wanted.address, wanted.prefixLength);
  const its = broadcast === undefined ? undefined : encodeIp(broadcast);
  if (payload === null) return null;
  return concatenate(
    payload,
    ...(its === undefined ? [] : [encodeAttribute(attribute.broadcast, its.bytes)]),
    encodeAttribute(attribute.routePriority, encodeUint32(wanted.metric)),
  );
}

/** The payload of RTM_DELADDR that means this address with this length and no other; null when it is none. */
export function encodeAddressDelete({ family, linkIndex, address, prefixLength }: AddressRecord): Uint8Array | null {
  const ip = encodeIp(address);
  if (ip?.family !== family || prefixLength > 8 * ip.bytes.length) return null;
  const header = new Uint8Array(headerLength);
  header.set([familyNumbers[family], prefixLength]);
  viewOf(header).setUint32(4, linkIndex, true);
  return concatenate(header, encodeAttribute(attribute.local, ip.bytes), encodeAttribute(attribute.address, ip.bytes));
}

/** The payload of RTM_GETADDR as a dump. */
export function encodeAddressDump(family: Family): Uint8Array {
  const bytes = new Uint8Array(headerLength);
  bytes[0] = familyNumbers[family];
  return bytes;
}
