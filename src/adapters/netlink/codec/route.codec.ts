import type { Family } from '../../../model/family.ts';
import type { Route } from '../../../model/kernel.ts';
import { type DesiredRoute, ownProtocol } from '../../../model/network.ts';
import {
  type Attributes,
  concatenate,
  decodeAttributes,
  encodeAttribute,
  encodeUint32,
  uint32,
} from './attribute.codec.ts';
import {
  decodeIp,
  decodePrefix,
  decodeScope,
  encodeIp,
  encodePrefix,
  familyNumbers,
  familyOf,
  scopeNumbers,
} from './ip.codec.ts';
import type { NextHop, NextHops } from '../route-slots.ts';
import { align, viewOf } from './message.codec.ts';

/** struct rtmsg. */
const headerLength = 12;
/** struct rtnexthop. */
const hopHeaderLength = 8;
const attribute = {
  destination: 1,
  link: 4,
  gateway: 5,
  priority: 6,
  preferredSource: 7,
  multipath: 9,
  table: 15,
  via: 18,
} as const;
const cloned = 0x200;
/** RTNH_F_DEAD and RTNH_F_ONLINK. */
const dead = 0x1;
const onLink = 0x4;
const types = [
  'unspecified',
  'unicast',
  'local',
  'broadcast',
  'anycast',
  'multicast',
  'blackhole',
  'unreachable',
  'prohibit',
  'throw',
  'nat',
] as const;

/**
 * RTM_NEWROUTE and RTM_DELROUTE: the route's next hops, one `Route` each. Null for what is no route of the tables (a
 * cached one), and for those that hold for part of the traffic only (by type of service or source prefix): they are
 * never ours, and no evidence of a way out.
 */
export function decodeRoute(payload: Uint8Array): NextHops | null {
  const family = familyOf(payload[0]);
  if (payload.length < headerLength || family === undefined) return null;
  const view = viewOf(payload);
  const [sourceLength, typeOfService] = [view.getUint8(2), view.getUint8(3)];
  const flags = view.getUint32(8, true);
  if (sourceLength !== 0 || typeOfService !== 0 || (flags & cloned) !== 0) return null;
  const attributes = decodeAttributes(payload.subarray(headerLength));
  const destination = decodePrefix(family, attributes.get(attribute.destination), view.getUint8(1));
  if (destination === undefined) return null;
  const common = {
    family,
    table: uint32(attributes, attribute.table) ?? view.getUint8(4),
    type: types[view.getUint8(7)] ?? `type ${view.getUint8(7)}`,
    destination,
    metric: uint32(attributes, attribute.priority) ?? 0,
    protocol: view.getUint8(5),
    scope: decodeScope(view.getUint8(6)),
    preferredSource: decodeIp(family, attributes.get(attribute.preferredSource)) ?? null,
  };
  const multipath = attributes.get(attribute.multipath);
  const hops =
    multipath === undefined
      ? [
          {
            gateway: gatewayOf(family, attributes),
            linkIndex: uint32(attributes, attribute.link) ?? null,
            isOnLink: (flags & onLink) !== 0,
          },
        ]
      : decodeHops(family, multipath);
  if (hops.length === 0) return null;
  return hops.map((hop) => Object.assign(hop, common));
}

type Hop = Pick<NextHop, 'gateway' | 'linkIndex' | 'isOnLink' | 'isDead'>;

function decodeHops(family: Family, bytes: Uint8Array): readonly Hop[] {
  const hops: Hop[] = [];
  const view = viewOf(bytes);
  for (let at = 0; at + hopHeaderLength <= bytes.length; ) {
    const length = view.getUint16(at, true);
    if (length < hopHeaderLength || at + length > bytes.length) break;
    hops.push({
      gateway: gatewayOf(family, decodeAttributes(bytes.subarray(at + hopHeaderLength, at + length))),
      linkIndex: view.getInt32(at + 4, true) || null,
      isOnLink: (view.getUint8(at + 2) & onLink) !== 0,
      ...((view.getUint8(at + 2) & dead) !== 0 && { isDead: true }),
    });
    at += align(length);
  }
  return hops;
}

function gatewayOf(family: Family, attributes: Attributes): string | null {
  const gateway = attributes.get(attribute.gateway);
  if (gateway !== undefined) return decodeIp(family, gateway) ?? null;
  const via = attributes.get(attribute.via);
  const other = via === undefined || via.length < 2 ? undefined : familyOf(viewOf(via).getUint16(0, true));
  return via === undefined || other === undefined ? null : (decodeIp(other, via.subarray(2)) ?? null);
}

/** The payload of RTM_NEWROUTE; null when an address in it is none. */
export const encodeRouteReplace = (route: DesiredRoute): Uint8Array | null =>
  encodeRoute({
    ...route,
    type: 'unicast',
    protocol: ownProtocol,
    // Without a gateway the destination is on the link: IPv4 looks gateways up by scope.
    scope: route.gateway === null && route.family === 'ipv4' ? 'link' : 'global',
  });

/** The payload of RTM_DELROUTE that means this next hop and no other; null when an address in it is none. */
export const encodeRouteDelete = (route: Route): Uint8Array | null => encodeRoute(route);

function encodeRoute(
  route: Pick<
    Route,
    'family' | 'table' | 'type' | 'destination' | 'gateway' | 'linkIndex' | 'metric' | 'protocol' | 'scope' | 'isOnLink'
  >,
): Uint8Array | null {
  const destination = encodePrefix(route.destination);
  const gateway = route.gateway === null ? null : encodeIp(route.gateway);
  const type = types.findIndex((name) => name === route.type);
  if (destination?.family !== route.family || gateway === undefined || type < 0) return null;
  const header = new Uint8Array(headerLength);
  const view = viewOf(header);
  header.set([familyNumbers[route.family], destination.length, 0, 0]);
  // A table beyond a byte stands in the attribute alone.
  header.set([route.table > 255 ? 0 : route.table, route.protocol, scopeNumbers[route.scope], type], 4);
  view.setUint32(8, route.isOnLink ? onLink : 0, true);
  const parts = [header, encodeAttribute(attribute.table, encodeUint32(route.table))];
  if (destination.length > 0) parts.push(encodeAttribute(attribute.destination, destination.bytes));
  if (route.metric !== 0) parts.push(encodeAttribute(attribute.priority, encodeUint32(route.metric)));
  if (route.linkIndex !== null) parts.push(encodeAttribute(attribute.link, encodeUint32(route.linkIndex)));
  if (gateway !== null) {
    parts.push(
      gateway.family === route.family
        ? encodeAttribute(attribute.gateway, gateway.bytes)
        : encodeAttribute(
            attribute.via,
            concatenate(new Uint8Array([familyNumbers[gateway.family], 0]), gateway.bytes),
          ),
    );
  }
  return concatenate(...parts);
}

/** The payload of RTM_GETROUTE as a dump. */
export function encodeRouteDump(family: Family): Uint8Array {
  const bytes = new Uint8Array(headerLength);
  bytes[0] = familyNumbers[family];
  return bytes;
}
