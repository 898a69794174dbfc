import {
  concatenate,
  decodeAttributes,
  decodeName,
  encodeAttribute,
  encodeName,
} from '../netlink/codec/attribute.codec.ts';
import { viewOf } from '../netlink/codec/message.codec.ts';

/** linux/netfilter/nfnetlink.h, nf_tables.h: the subsystem in the upper byte of a type, the message in the lower. */
const subsystem = 10 << 8;
/** NFT_MSG_GETOBJ. */
export const getObjects = subsystem | 19;

const inetFamily = 1;
const counterType = 1;
const attribute = { table: 1, name: 2, type: 3, data: 4 } as const;
const counterPackets = 2;
/** struct nfgenmsg. */
const headerLength = 4;

/** The payload of NFT_MSG_GETOBJ for all counters of one table of the family inet. */
export function encodeCountersOf(table: string): Uint8Array {
  const type = new Uint8Array(4);
  // All numbers of netfilter are in the byte order of the network.
  viewOf(type).setUint32(0, counterType);
  return concatenate(
    Uint8Array.of(inetFamily, 0, 0, 0),
    encodeAttribute(attribute.table, encodeName(table)),
    encodeAttribute(attribute.type, type),
  );
}

/** NFT_MSG_NEWOBJ: a named counter of the table with the packets it has counted; null for anything else. */
export function decodeCounterObject(
  payload: Uint8Array,
  table: string,
): { readonly name: string; readonly packets: number } | null {
  if (payload.length < headerLength) return null;
  const attributes = decodeAttributes(payload.subarray(headerLength));
  const ofTable = attributes.get(attribute.table);
  const name = attributes.get(attribute.name);
  const data = attributes.get(attribute.data);
  if (ofTable === undefined || name === undefined || data === undefined || decodeName(ofTable) !== table) return null;
  const packets = decodeAttributes(data).get(counterPackets);
  if (packets === undefined || packets.length < 8) return null;
  return { name: decodeName(name), packets: Number(viewOf(packets).getBigUint64(0)) };
}
