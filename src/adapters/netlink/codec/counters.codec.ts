import type { LinkCounters } from '../../../model/kernel.ts';
import { decodeAttributes } from './attribute.codec.ts';
import { viewOf } from './message.codec.ts';

/** struct if_stats_msg. */
const headerLength = 12;
const link64 = 1;

/** The payload of RTM_GETSTATS for IFLA_STATS_LINK_64 of one link. */
export function encodeCountersRequest(linkIndex: number): Uint8Array {
  const bytes = new Uint8Array(headerLength);
  const view = viewOf(bytes);
  view.setUint32(4, linkIndex, true);
  view.setUint32(8, 1 << (link64 - 1), true);
  return bytes;
}

/** RTM_NEWSTATS: the first four counters of struct rtnl_link_stats64. */
export function decodeCounters(payload: Uint8Array): LinkCounters | null {
  if (payload.length < headerLength) return null;
  return countersIn(decodeAttributes(payload.subarray(headerLength)).get(link64));
}

/** struct ifinfomsg, and IFLA_STATS64 in a message of a link. */
const linkHeaderLength = 16;
const linkStatistics = 23;

/** RTM_DELLINK: what the link had carried. Null where the message does not say, and for a port that leaves its bridge. */
export function decodeFinalCounters(payload: Uint8Array): LinkCounters | null {
  if (payload.length < linkHeaderLength || payload[0] !== 0) return null;
  return countersIn(decodeAttributes(payload.subarray(linkHeaderLength)).get(linkStatistics));
}

/** The ifindex in a message of a link; null for one that is too short. */
export const linkIndexOf = (payload: Uint8Array): number | null =>
  payload.length < linkHeaderLength ? null : viewOf(payload).getInt32(4, true);

function countersIn(counters: Uint8Array | undefined): LinkCounters | null {
  if (counters === undefined || counters.length < 32) return null;
  const view = viewOf(counters);
  const at = (position: number): number => Number(view.getBigUint64(8 * position, true));
  return { receivedPackets: at(0), sentPackets: at(1), receivedBytes: at(2), sentBytes: at(3) };
}
