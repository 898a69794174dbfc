import {
  concatenate,
  decodeName,
  encodeAttribute,
  encodeName,
  findAttribute,
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
/** struct nlattr. */
const attributeHeader = 4;

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
  const view = viewOf(payload);
  const end = payload.length;
  const ofTable = findAttribute(view, attribute.table, headerLength, end);
  const name = findAttribute(view, attribute.name, headerLength, end);
  const data = findAttribute(view, attribute.data, headerLength, end);
  if (ofTable < 0 || name < 0 || data < 0 || !holds(payload, ofTable + attributeHeader, table)) return null;
  const endOf = (at: number): number => at + view.getUint16(at, true);
  const packets = findAttribute(view, counterPackets, data + attributeHeader, endOf(data));
  if (packets < 0 || endOf(packets) < packets + attributeHeader + 8) return null;
  const value = packets + attributeHeader;
  return {
    name: decodeName(payload.subarray(name + attributeHeader, endOf(name))),
    // Two halves: a bigint would be made for each.
    packets: view.getUint32(value) * 2 ** 32 + view.getUint32(value + 4),
  };
}

/** Whether a text of ASCII stands there, with the zero at its end. */
function holds(bytes: Uint8Array, at: number, text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (bytes[at + index] !== text.charCodeAt(index)) return false;
  return bytes[at + text.length] === 0;
}
