import type { Link } from '../../../model/kernel.ts';
import type { LinkChange } from '../../../model/network.ts';
import { concatenate, decodeAttributes, decodeName, encodeAttribute, encodeUint32, uint32 } from './attribute.codec.ts';
import { viewOf } from './message.codec.ts';

/** struct ifinfomsg. */
const headerLength = 16;
const attribute = { address: 1, name: 3, mtu: 4, lower: 5, master: 10, info: 18, extendedMask: 29 } as const;
const infoKind = 1;
const flag = { up: 0x1, loopback: 0x8, pointToPoint: 0x10, running: 0x40, lowerUp: 0x1_0000 } as const;
const skipStatistics = 8;

/**
 * RTM_NEWLINK and RTM_DELLINK. Null for what is no whole link: bridges and Wi-Fi drivers announce parts of theirs with
 * the same type (a bridge even a RTM_DELLINK of its port).
 */
export function decodeLink(payload: Uint8Array): Link | null {
  if (payload.length < headerLength || payload[0] !== 0) return null;
  const view = viewOf(payload);
  const attributes = decodeAttributes(payload.subarray(headerLength));
  const index = view.getInt32(4, true);
  const flags = view.getUint32(8, true);
  const name = attributes.get(attribute.name);
  const mtu = uint32(attributes, attribute.mtu);
  if (index <= 0 || name === undefined || mtu === undefined) return null;
  const kind = decodeAttributes(attributes.get(attribute.info) ?? new Uint8Array()).get(infoKind);
  const has = (bit: number): boolean => (flags & bit) !== 0;
  return {
    index,
    name: decodeName(name),
    kind: kind === undefined ? null : decodeName(kind),
    hardwareType: view.getUint16(2, true),
    isUp: has(flag.up),
    hasCarrier: has(flag.up) && has(flag.lowerUp) && has(flag.running),
    isLoopback: has(flag.loopback),
    isPointToPoint: has(flag.pointToPoint),
    mtu,
    macAddress: decodeHardwareAddress(attributes.get(attribute.address)),
    lowerIndex: uint32(attributes, attribute.lower) ?? index,
    masterIndex: uint32(attributes, attribute.master) ?? null,
  };
}

/** Six bytes as `02:00:5e:10:00:01`; null for hardware addresses of other kinds (tunnels keep IP addresses there). */
export const decodeHardwareAddress = (bytes: Uint8Array | undefined): string | null =>
  bytes?.length === 6 ? Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(':') : null;

/** The payload of RTM_NEWLINK that sets a link up or down, or its MTU. */
export function encodeLinkChange({ linkIndex, isUp, mtu }: LinkChange): Uint8Array {
  const header = new Uint8Array(headerLength);
  const view = viewOf(header);
  view.setInt32(4, linkIndex, true);
  view.setUint32(8, isUp === true ? flag.up : 0, true);
  // ifi_change: the flags that are meant.
  view.setUint32(12, isUp === null ? 0 : flag.up, true);
  return concatenate(header, ...(mtu === null ? [] : [encodeAttribute(attribute.mtu, encodeUint32(mtu))]));
}

/** The payload of RTM_GETLINK as a dump. Counters are left out: they make up most of the answer. */
export const encodeLinkDump = (): Uint8Array =>
  concatenate(new Uint8Array(headerLength), encodeAttribute(attribute.extendedMask, encodeUint32(skipStatistics)));
