import { families, type Family } from '../../../model/family.ts';
import type { KernelDump, KernelMessage } from '../mirror.ts';
import { decodeAddress, encodeAddressDump } from './address.codec.ts';
import { decodeLink, encodeLinkDump } from './link.codec.ts';
import { messageFlags, type NetlinkMessage } from './message.codec.ts';
import { decodeNeighbour, encodeNeighbourDump } from './neighbour.codec.ts';
import { decodeRoute, encodeRouteDump } from './route.codec.ts';
import { decodeRule, encodeRuleDump } from './rule.codec.ts';

/** Message types of linux/rtnetlink.h. */
export const routeTypes = {
  newLink: 16,
  deleteLink: 17,
  getLink: 18,
  newAddress: 20,
  deleteAddress: 21,
  getAddress: 22,
  newRoute: 24,
  deleteRoute: 25,
  getRoute: 26,
  newNeighbour: 28,
  deleteNeighbour: 29,
  getNeighbour: 30,
  newRule: 32,
  deleteRule: 33,
  getRule: 34,
  newStatistics: 92,
  getStatistics: 94,
} as const;

/** A notification, or one object of a dump; null for what is none of the mirror's. Never throws, whatever the bytes. */
export function decodeKernelMessage({ type, flags, payload }: NetlinkMessage): KernelMessage | null {
  // The kernel numbers each kind's NEW, DEL and GET one after another.
  const action = (type & 3) === 0 ? 'new' : 'delete';
  switch (type) {
    case routeTypes.newLink:
    case routeTypes.deleteLink: {
      const value = decodeLink(payload);
      return value === null ? null : { type: action, object: 'link', value };
    }
    case routeTypes.newAddress:
    case routeTypes.deleteAddress: {
      const value = decodeAddress(payload);
      return value === null ? null : { type: action, object: 'address', value };
    }
    case routeTypes.newRoute:
    case routeTypes.deleteRoute: {
      const value = decodeRoute(payload);
      if (value === null) return null;
      const has = (flag: number): boolean => (flags & flag) !== 0;
      return {
        type: action,
        object: 'route',
        value,
        replace: has(messageFlags.replace),
        append: has(messageFlags.append),
      };
    }
    case routeTypes.newRule:
    case routeTypes.deleteRule: {
      const value = decodeRule(payload);
      return value === null ? null : { type: action, object: 'rule', value };
    }
    case routeTypes.newNeighbour:
    case routeTypes.deleteNeighbour: {
      const value = decodeNeighbour(payload);
      return value === null ? null : { type: action, object: 'neighbour', value };
    }
    default:
      return null;
  }
}

/** A request for everything of one kind and family. */
export interface DumpRequest {
  readonly object: KernelDump['object'];
  /** Null for links, which have none. */
  readonly family: Family | null;
  readonly type: number;
  readonly payload: Uint8Array;
}

/** All routes of a family. */
export const routeDump = (family: Family): DumpRequest => ({
  object: 'route',
  family,
  type: routeTypes.getRoute,
  payload: encodeRouteDump(family),
});

/** Everything, in the order in which the mirror takes it. */
export const allDumps = (): readonly DumpRequest[] => [
  { object: 'link', family: null, type: routeTypes.getLink, payload: encodeLinkDump() },
  ...families.map(
    (family): DumpRequest => ({
      object: 'address',
      family,
      type: routeTypes.getAddress,
      payload: encodeAddressDump(family),
    }),
  ),
  ...families.map((family) => routeDump(family)),
  ...families.map(
    (family): DumpRequest => ({ object: 'rule', family, type: routeTypes.getRule, payload: encodeRuleDump(family) }),
  ),
  ...families.map(
    (family): DumpRequest => ({
      object: 'neighbour',
      family,
      type: routeTypes.getNeighbour,
      payload: encodeNeighbourDump(family),
    }),
  ),
];

/** The answers to a dump request as the mirror takes them. A kernel without the family answers for others: left out. */
export function decodeDump(request: DumpRequest, messages: readonly KernelMessage[]): KernelDump {
  const { object, family } = request;
  if (object === 'link' || family === null) {
    const values = messages.filter((message) => message.object === 'link').map(({ value }) => value);
    return { object: 'link', values };
  }
  const isOfFamily = (value: { readonly family: Family }): boolean => value.family === family;
  if (object === 'address') {
    const values = messages.filter((message) => message.object === 'address').map(({ value }) => value);
    return { object, family, values: values.filter(isOfFamily) };
  }
  if (object === 'route') {
    const values = messages.filter((message) => message.object === 'route').map(({ value }) => value);
    return { object, family, values: values.filter((hops) => hops.every(isOfFamily)) };
  }
  if (object === 'rule') {
    const values = messages.filter((message) => message.object === 'rule').map(({ value }) => value);
    return { object, family, values: values.filter(isOfFamily) };
  }
  const values = messages.filter((message) => message.object === 'neighbour').map(({ value }) => value);
  return { object, family, values: values.filter(isOfFamily) };
}
