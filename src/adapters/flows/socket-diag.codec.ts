import type { Family } from '../../model/family.ts';
import type { ConnectedSocket } from '../../model/flows.ts';
import {
  concatenate,
  decodeAttributes,
  decodeName,
  encodeAttribute,
  uint32,
} from '../netlink/codec/attribute.codec.ts';
import { decodeIp, encodeIp, familyNumbers, familyOf } from '../netlink/codec/ip.codec.ts';
import { viewOf } from '../netlink/codec/message.codec.ts';

/** linux/sock_diag.h. */
export const socketDiagTypes = { byFamily: 20, destroy: 21 } as const;
/** IPPROTO_*. */
export const transports = { tcp: 6, udp: 17 } as const;
export type Transport = keyof typeof transports;

/** A socket, with what the kernel knows it by. */
export interface DiagnosedSocket extends ConnectedSocket {
  /** struct inet_diag_sockid with its cookie: this socket and none other. */
  readonly identity: Uint8Array;
  /** AF_*: an IPv4 flow may live in a socket of IPv6. */
  readonly socketFamily: number;
  /** One of several subflows of an MPTCP connection, which lives on by the others. */
  readonly isSubflow: boolean;
}

/** struct inet_diag_req_v2, inet_diag_msg, inet_diag_sockid (linux/inet_diag.h). */
const requestLength = 56;
const messageLength = 72;
const identityLength = 48;
const bytecodeAttribute = 1;
/** INET_DIAG_BC_S_COND: the source is this address. */
const sourceCondition = 7;
/** INET_DIAG_ULP_INFO: its name, and what it says of itself. */
const upperLayerAttribute = 19;
const upperLayer = { name: 1, mptcp: 3 } as const;
const subflowFlagsAttribute = 8;
/** MPTCP_SUBFLOW_FLAG_MCAP_REM, JOIN_REM, JOIN_LOC: the other side speaks MPTCP; else it is TCP after all. */
const subflowFlags = 0x1 | 0x4 | 0x8;

/** TCP_ESTABLISHED, SYN_SENT, SYN_RECV, FIN_WAIT1, FIN_WAIT2, CLOSE_WAIT, LAST_ACK, CLOSING: never LISTEN (10). */
const connectedStates = [1, 2, 3, 4, 5, 8, 9, 11].reduce((bits, state) => bits | (1 << state), 0);

/** The payload that asks for all connected sockets with this source address; null where it is none. */
export function encodeSocketsFrom(transport: Transport, socketFamily: Family, source: string): Uint8Array | null {
  const ip = encodeIp(source);
  if (ip === undefined) return null;
  const request = new Uint8Array(requestLength);
  request[0] = familyNumbers[socketFamily];
  request[1] = transports[transport];
  viewOf(request).setUint32(4, connectedStates, true);
  // The kernel matches an IPv4 address also where a socket of IPv6 holds it in mapped form.
  const condition = new Uint8Array(8);
  condition[0] = familyNumbers[ip.family];
  condition[1] = 8 * ip.bytes.length;
  viewOf(condition).setInt32(4, -1, true);
  const length = 4 + condition.length + ip.bytes.length;
  const operation = new Uint8Array(4);
  operation[0] = sourceCondition;
  // Behind the end is "no", at the end is "yes".
  operation[1] = length;
  viewOf(operation).setUint16(2, length + 4, true);
  return concatenate(request, encodeAttribute(bytecodeAttribute, concatenate(operation, condition, ip.bytes)));
}

/** One socket of the answer; null for one without a far end, or what cannot be read. */
export function decodeSocket(payload: Uint8Array): DiagnosedSocket | null {
  const family = familyOf(payload[0]);
  if (payload.length < messageLength || family === undefined) return null;
  const identity = payload.slice(4, 4 + identityLength);
  const view = viewOf(identity);
  const source = addressAt(family, identity, 4);
  const destination = addressAt(family, identity, 20);
  // A destination port of 0: a datagram socket that is connected to nobody.
  if (source === undefined || destination === undefined || view.getUint16(2) === 0) return null;
  return {
    source,
    destination,
    boundTo: view.getUint32(36, true),
    inode: viewOf(payload).getUint32(68, true),
    identity,
    socketFamily: payload[0] ?? 0,
    isSubflow: isSubflow(payload.subarray(messageLength)),
  };
}

/** The address; one of IPv4 where a socket of IPv6 holds it in mapped form (RFC 4291, 2.5.5.2). */
function addressAt(family: Family, identity: Uint8Array, at: number): string | undefined {
  const bytes = identity.subarray(at, at + (family === 'ipv4' ? 4 : 16));
  const isMapped =
    family === 'ipv6' && bytes.every((byte, position) => position > 11 || byte === mappedPrefix[position]);
  return isMapped ? decodeIp('ipv4', bytes.subarray(12)) : decodeIp(family, bytes);
}

const mappedPrefix = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff];

function isSubflow(attributes: Uint8Array): boolean {
  const info = decodeAttributes(attributes).get(upperLayerAttribute);
  if (info === undefined) return false;
  const inner = decodeAttributes(info);
  const name = inner.get(upperLayer.name);
  const mptcp = inner.get(upperLayer.mptcp);
  if (name === undefined || mptcp === undefined || decodeName(name) !== 'mptcp') return false;
  return ((uint32(decodeAttributes(mptcp), subflowFlagsAttribute) ?? 0) & subflowFlags) !== 0;
}

/** The payload of SOCK_DESTROY. */
export function encodeSocketEnd(transport: Transport, { socketFamily, identity }: DiagnosedSocket): Uint8Array {
  const request = new Uint8Array(requestLength);
  request[0] = socketFamily;
  request[1] = transports[transport];
  viewOf(request).setUint32(4, connectedStates, true);
  request.set(identity, 8);
  return request;
}
