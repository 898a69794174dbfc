import {
  concatenate,
  decodeAttributes,
  encodeAttribute,
  encodeName,
  encodeUint32,
  uint32,
  uint8,
} from '../netlink/codec/attribute.codec.ts';
import { decodeIp, encodeIp, familyNumbers, familyOf } from '../netlink/codec/ip.codec.ts';
import { viewOf } from '../netlink/codec/message.codec.ts';

/** linux/genetlink.h: the family that tells the numbers of the others. */
export const controlFamily = 16;
const getFamily = 3;
const controlAttribute = { familyId: 1, familyName: 2 } as const;

/** linux/mptcp_pm.h. */
export const command = { add: 1, delete: 2, get: 3, setLimits: 5, getLimits: 6 } as const;
const attribute = { address: 1, acceptedAddresses: 2, subflows: 3 } as const;
const addressAttribute = { family: 1, id: 2, ipv4: 3, ipv6: 4, flags: 6, link: 7 } as const;
const nested = 0x8000;
const flag = { subflow: 2, backup: 4 } as const;
const version = 1;
/** struct genlmsghdr. */
const headerLength = 4;

/** An address of this node that MPTCP connections know of. */
export interface Endpoint {
  /** 1 to 255; 0 stands for the address that a connection began with. */
  readonly id: number;
  readonly address: string;
}

/** How many further paths a connection may have. */
export interface Limits {
  readonly acceptedAddresses: number;
  readonly subflows: number;
}

const header = (number: number): Uint8Array => Uint8Array.of(number, version, 0, 0);

/** The payload that asks for the number of the path manager's family. */
export const encodeFamilyRequest = (): Uint8Array =>
  concatenate(header(getFamily), encodeAttribute(controlAttribute.familyName, encodeName('mptcp_pm')));

export function decodeFamily(payload: Uint8Array): number | null {
  const id = decodeAttributes(payload.subarray(headerLength)).get(controlAttribute.familyId);
  return id === undefined || id.length < 2 ? null : viewOf(id).getUint16(0, true);
}

/** A path from this address is opened by every connection, and used while the one it began with does not serve. */
export const encodeAnnouncement = (endpoint: Endpoint, linkIndex: number): Uint8Array | null =>
  encodeEndpoint(command.add, endpoint, [
    encodeAttribute(addressAttribute.flags, encodeUint32(flag.subflow | flag.backup)),
    encodeAttribute(addressAttribute.link, encodeUint32(linkIndex)),
  ]);

export const encodeWithdrawal = (endpoint: Endpoint): Uint8Array | null => encodeEndpoint(command.delete, endpoint, []);

function encodeEndpoint(number: number, { id, address }: Endpoint, more: readonly Uint8Array[]): Uint8Array | null {
  const ip = encodeIp(address);
  if (ip === undefined) return null;
  const family = new Uint8Array(2);
  viewOf(family).setUint16(0, familyNumbers[ip.family], true);
  const content = concatenate(
    encodeAttribute(addressAttribute.family, family),
    encodeAttribute(addressAttribute.id, Uint8Array.of(id)),
    encodeAttribute(addressAttribute[ip.family], ip.bytes),
    ...more,
  );
  return concatenate(header(number), encodeAttribute(attribute.address | nested, content));
}

export const encodeEndpointsRequest = (): Uint8Array => header(command.get);

export function decodeEndpoint(payload: Uint8Array): Endpoint | null {
  const content = decodeAttributes(payload.subarray(headerLength)).get(attribute.address);
  if (content === undefined) return null;
  const attributes = decodeAttributes(content);
  const number = attributes.get(addressAttribute.family);
  const family = number === undefined || number.length < 2 ? undefined : familyOf(viewOf(number).getUint16(0, true));
  const id = uint8(attributes, addressAttribute.id);
  const address = family === undefined ? undefined : decodeIp(family, attributes.get(addressAttribute[family]));
  return id === undefined || address === undefined ? null : { id, address };
}

export const encodeLimitsRequest = (): Uint8Array => header(command.getLimits);

export const encodeLimits = ({ acceptedAddresses, subflows }: Limits): Uint8Array =>
  concatenate(
    header(command.setLimits),
    encodeAttribute(attribute.acceptedAddresses, encodeUint32(acceptedAddresses)),
    encodeAttribute(attribute.subflows, encodeUint32(subflows)),
  );

export function decodeLimits(payload: Uint8Array): Limits | null {
  const attributes = decodeAttributes(payload.subarray(headerLength));
  const acceptedAddresses = uint32(attributes, attribute.acceptedAddresses);
  const subflows = uint32(attributes, attribute.subflows);
  return acceptedAddresses === undefined || subflows === undefined ? null : { acceptedAddresses, subflows };
}
