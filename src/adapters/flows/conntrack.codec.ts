import type { Family } from '../../model/family.ts';
import type { TrackedConnection } from '../../model/flows.ts';
import { type Attributes, concatenate, decodeAttributes, encodeAttribute } from '../netlink/codec/attribute.codec.ts';
import { decodeIp, familyNumbers, familyOf } from '../netlink/codec/ip.codec.ts';

/** linux/netfilter/nfnetlink.h, nfnetlink_conntrack.h: the subsystem in the upper byte of a type. */
const subsystem = 1 << 8;
export const conntrackTypes = { new: subsystem, get: subsystem | 1, delete: subsystem | 2 } as const;

const attribute = { original: 1, reply: 2, id: 12, zone: 18 } as const;
const tupleAddresses = 1;
/** CTA_IP_*: source and destination of each family. */
const addressAttributes = { ipv4: { source: 1, destination: 2 }, ipv6: { source: 3, destination: 4 } } as const;
const nested = 0x8000;
/** struct nfgenmsg. */
const headerLength = 4;

/** A connection, with what the kernel knows it by. */
export interface TrackedEntry extends TrackedConnection {
  readonly family: Family;
  /** The attributes that name it: the tuple as it was sent, zone and id. */
  readonly identity: Uint8Array;
}

/** The payload that asks for all connections of a family. */
export const encodeConnectionsOf = (family: Family): Uint8Array => Uint8Array.of(familyNumbers[family], 0, 0, 0);

/** One connection of the answer; null for what cannot be read. */
export function decodeConnection(payload: Uint8Array): TrackedEntry | null {
  const family = familyOf(payload[0]);
  if (payload.length < headerLength || family === undefined) return null;
  const attributes = decodeAttributes(payload.subarray(headerLength));
  const original = attributes.get(attribute.original);
  const sent = endsOf(family, original);
  const answered = endsOf(family, attributes.get(attribute.reply));
  if (original === undefined || sent === undefined || answered === undefined) return null;
  return {
    family,
    source: sent.source,
    destination: sent.destination,
    replyDestination: answered.destination,
    identity: concatenate(
      encodeAttribute(attribute.original | nested, original),
      ...[attribute.zone, attribute.id].flatMap((type) => copied(attributes, type)),
    ),
  };
}

const copied = (attributes: Attributes, type: number): readonly Uint8Array[] => {
  const value = attributes.get(type);
  return value === undefined ? [] : [encodeAttribute(type, value)];
};

function endsOf(
  family: Family,
  tuple: Uint8Array | undefined,
): { readonly source: string; readonly destination: string } | undefined {
  const addresses = tuple === undefined ? undefined : decodeAttributes(tuple).get(tupleAddresses);
  if (addresses === undefined) return undefined;
  const found = decodeAttributes(addresses);
  const source = decodeIp(family, found.get(addressAttributes[family].source));
  const destination = decodeIp(family, found.get(addressAttributes[family].destination));
  return source === undefined || destination === undefined ? undefined : { source, destination };
}

/** The payload of IPCTNL_MSG_CT_DELETE. */
export const encodeConnectionEnd = ({ family, identity }: TrackedEntry): Uint8Array =>
  concatenate(Uint8Array.of(familyNumbers[family], 0, 0, 0), identity);
