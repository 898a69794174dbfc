import type { Family } from '../../../model/family.ts';
import type { Neighbour, NeighbourState } from '../../../model/kernel.ts';
import type { DesiredNeighbour } from '../../../model/network.ts';
import { concatenate, decodeAttributes, encodeAttribute } from './attribute.codec.ts';
import { decodeIp, encodeIp, familyNumbers, familyOf } from './ip.codec.ts';
import { decodeHardwareAddress } from './link.codec.ts';
import { viewOf } from './message.codec.ts';

/** struct ndmsg. */
const headerLength = 12;
const attribute = { destination: 1, hardwareAddress: 2 } as const;
const flag = { use: 0x1, proxy: 0x8, router: 0x80 } as const;
const states: ReadonlyMap<number, NeighbourState> = new Map([
  [0x00, 'none'],
  [0x01, 'incomplete'],
  [0x02, 'reachable'],
  [0x04, 'stale'],
  [0x08, 'delay'],
  [0x10, 'probe'],
  [0x20, 'failed'],
  [0x40, 'noarp'],
  [0x80, 'permanent'],
]);

/** RTM_NEWNEIGH and RTM_DELNEIGH; null for proxy entries, which say what this node answers for. */
export function decodeNeighbour(payload: Uint8Array): Neighbour | null {
  const family = familyOf(payload[0]);
  if (payload.length < headerLength || family === undefined) return null;
  const view = viewOf(payload);
  const attributes = decodeAttributes(payload.subarray(headerLength));
  const address = decodeIp(family, attributes.get(attribute.destination));
  const state = states.get(view.getUint16(8, true));
  const flags = view.getUint8(10);
  if (address === undefined || state === undefined || (flags & flag.proxy) !== 0) return null;
  return {
    family,
    linkIndex: view.getInt32(4, true),
    address,
    macAddress: decodeHardwareAddress(attributes.get(attribute.hardwareAddress)),
    state,
    isRouter: (flags & flag.router) !== 0,
  };
}

/** The payload of RTM_NEWNEIGH that makes the kernel resolve the address as if it had a packet for it. */
export function encodeNeighbourResolve(neighbour: DesiredNeighbour): Uint8Array | null {
  const ip = encodeIp(neighbour.address);
  if (ip?.family !== neighbour.family) return null;
  const header = new Uint8Array(headerLength);
  header[0] = familyNumbers[neighbour.family];
  viewOf(header).setInt32(4, neighbour.linkIndex, true);
  header[10] = flag.use;
  return concatenate(header, encodeAttribute(attribute.destination, ip.bytes));
}

/** The payload of RTM_GETNEIGH as a dump. */
export function encodeNeighbourDump(family: Family): Uint8Array {
  const bytes = new Uint8Array(headerLength);
  bytes[0] = familyNumbers[family];
  return bytes;
}
