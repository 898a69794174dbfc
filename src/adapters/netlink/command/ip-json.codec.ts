import { formatAddress, formatPrefix, hostPrefix, parseAddress, parsePrefix } from '../../../model/address.ts';
import type { Family } from '../../../model/family.ts';
import {
  type Address,
  defaultDestination,
  type Link,
  type Neighbour,
  type NeighbourState,
  type Route,
} from '../../../model/kernel.ts';
import { decodeScope } from '../codec/ip.codec.ts';
import type { NextHops } from '../route-slots.ts';
import { has, type JsonObject, nameAt, numberAt, objectAt, objectsAt, textAt, wordsAt } from './ip-json.ts';

/** Links by the names that were dumped together with what names them. */
export interface LinkNames {
  readonly indexes: ReadonlyMap<string, number>;
  /** Something named a link that is not among them. */
  isIncomplete: boolean;
}

function indexOf(names: LinkNames, name: string | null): number | null {
  const index = name === null ? undefined : names.indexes.get(name);
  if (name !== null && index === undefined) names.isIncomplete = true;
  return index ?? null;
}

/** Objects that do not make sense are left out, as `undefined`. */
const isKnown = <T>(value: T | undefined): value is T => value !== undefined;

/** `ip -numeric` writes types, protocols and scopes as numbers; the names are for versions that still write some. */
const hardwareTypes: Readonly<Record<string, number>> = { ether: 1, ppp: 512, rawip: 519, loopback: 772, none: 65_534 };

const addressOf = (text: string | null): string | null => {
  const parsed = text === null ? undefined : parseAddress(text);
  return parsed === undefined ? null : formatAddress(parsed);
};

/** `default`, `192.0.2.0/24`, or an address that stands for itself. */
function prefixOf(family: Family, text: string | null): string | null {
  if (text === null) return null;
  if (text === 'default' || text === 'all') return defaultDestination(family);
  const prefix = parsePrefix(text.includes('/') ? text : hostPrefix(family, text));
  return prefix?.family === family ? formatPrefix(prefix) : null;
}

/** Links, with the indexes by which the other objects' names are read. */
export function linksFrom(objects: readonly JsonObject[]): {
  readonly links: readonly Link[];
  readonly names: LinkNames;
} {
  const indexes = new Map<string, number>();
  for (const object of objects) {
    const [index, name] = [numberAt(object, 'ifindex'), nameAt(object, 'ifname')];
    if (index !== null && name !== null) indexes.set(name, index);
  }
  const names: LinkNames = { indexes, isIncomplete: false };
  return { links: objects.map((object) => linkFrom(object, names)).filter(isKnown), names };
}

function linkFrom(object: JsonObject, names: LinkNames): Link | undefined {
  const index = numberAt(object, 'ifindex');
  const name = nameAt(object, 'ifname');
  const mtu = numberAt(object, 'mtu');
  if (index === null || name === null || mtu === null) return undefined;
  const flags = wordsAt(object, 'flags');
  const info = objectAt(object, 'linkinfo');
  const type = textAt(object, 'link_type') ?? '';
  const mac = textAt(object, 'address');
  const [lower, master] = [nameAt(object, 'link'), nameAt(object, 'master')];
  return {
    index,
    name,
    kind: info === null ? null : nameAt(info, 'info_kind'),
    hardwareType: hardwareTypes[type] ?? Number(/^\[(\d+)\]$/u.exec(type)?.[1] ?? 65_535),
    isUp: flags.has('UP'),
    // `ip` leaves IFF_RUNNING out and writes NO-CARRIER when it is missing on a link that is up.
    hasCarrier: flags.has('UP') && flags.has('LOWER_UP') && !flags.has('NO-CARRIER'),
    isLoopback: flags.has('LOOPBACK'),
    isPointToPoint: flags.has('POINTOPOINT'),
    mtu,
    macAddress: mac !== null && /^(?:[\da-f]{2}:){5}[\da-f]{2}$/iu.test(mac) ? mac.toLowerCase() : null,
    // The name of a link in this namespace, the index of one in another.
    lowerIndex: (lower === null ? numberAt(object, 'link_index') : indexOf(names, lower)) ?? index,
    masterIndex: indexOf(names, master),
  };
}

/** The addresses of one family, from `ip -4 addr show` or `ip -6 addr show`. */
export function addressesFrom(family: Family, objects: readonly JsonObject[]): readonly Address[] {
  return objects.flatMap((object) => {
    const linkIndex = numberAt(object, 'ifindex');
    if (linkIndex === null) return [];
    return objectsAt(object, 'addr_info')
      .map((info) => addressFrom(family, linkIndex, info))
      .filter(isKnown);
  });
}

function addressFrom(family: Family, linkIndex: number, info: JsonObject): Address | undefined {
  const address = addressOf(textAt(info, 'local'));
  const prefixLength = numberAt(info, 'prefixlen');
  if (address === null || prefixLength === null) return undefined;
  if (textAt(info, 'family') !== (family === 'ipv4' ? 'inet' : 'inet6')) return undefined;
  const scope = scopeOf(info);
  const mayBeUsed = has(info, 'optimistic') || !has(info, 'tentative');
  return {
    family,
    linkIndex,
    address,
    prefixLength,
    peer: addressOf(textAt(info, 'address')),
    scope: scope === 'nowhere' ? 'host' : scope,
    isTentative: has(info, 'dadfailed') || !mayBeUsed,
    isDeprecated: has(info, 'deprecated'),
  };
}

function scopeOf(object: JsonObject): Route['scope'] {
  const names = ['global', 'site', 'link', 'host', 'nowhere'] as const;
  return names.find((name) => name === object['scope']) ?? decodeScope(numberAt(object, 'scope') ?? 0);
}

const routeTypes = [
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
];

/** The routes of one family. Those for part of the traffic only (by type of service or source) are left out. */
export function routesFrom(family: Family, objects: readonly JsonObject[], names: LinkNames): readonly NextHops[] {
  return objects.map((object) => routeFrom(family, object, names)).filter((hops) => hops.length > 0);
}

function routeFrom(family: Family, object: JsonObject, names: LinkNames): NextHops {
  const destination = prefixOf(family, textAt(object, 'dst'));
  if (destination === null || has(object, 'tos') || has(object, 'from')) return [];
  const type = numberAt(object, 'type') ?? 1;
  const source = addressOf(textAt(object, 'prefsrc'));
  const common = {
    family,
    table: numberAt(object, 'table') ?? 254,
    type: routeTypes[type] ?? `type ${type}`,
    destination,
    metric: numberAt(object, 'metric') ?? 0,
    protocol: numberAt(object, 'protocol') ?? 0,
    scope: scopeOf(object),
    preferredSource: source,
  };
  // A way that is dead is one no more; the kernel keeps it for when its link or address returns.
  const hops = objectsAt(object, 'nexthops').filter((hop) => !wordsAt(hop, 'flags').has('dead'));
  if (hops.length === 0 && has(object, 'nexthops')) return [];
  return (hops.length === 0 ? [object] : hops).map((hop) => withHop(common, hop, names));
}

function withHop(common: Omit<Route, 'gateway' | 'linkIndex' | 'isOnLink'>, hop: JsonObject, names: LinkNames): Route {
  const via = objectAt(hop, 'via');
  return {
    ...common,
    gateway: addressOf(textAt(hop, 'gateway') ?? (via === null ? null : textAt(via, 'host'))),
    linkIndex: indexOf(names, nameAt(hop, 'dev')),
    isOnLink: wordsAt(hop, 'flags').has('onlink'),
  };
}

const neighbourStates: ReadonlySet<string> = new Set([
  'incomplete',
  'reachable',
  'stale',
  'delay',
  'probe',
  'failed',
  'noarp',
  'permanent',
] satisfies NeighbourState[]);

const isNeighbourState = (word: string): word is NeighbourState => neighbourStates.has(word);

export function neighboursFrom(family: Family, objects: readonly JsonObject[], names: LinkNames): readonly Neighbour[] {
  return objects
    .map((object): Neighbour | undefined => {
      const address = addressOf(textAt(object, 'dst'));
      const linkIndex = indexOf(names, nameAt(object, 'dev'));
      if (address === null || linkIndex === null || has(object, 'proxy')) return undefined;
      const mac = textAt(object, 'lladdr');
      return {
        family,
        linkIndex,
        address,
        macAddress: mac !== null && /^(?:[\da-f]{2}:){5}[\da-f]{2}$/iu.test(mac) ? mac.toLowerCase() : null,
        state: [...wordsAt(object, 'state')].map((word) => word.toLowerCase()).find(isNeighbourState) ?? 'none',
        isRouter: has(object, 'router'),
      };
    })
    .filter(isKnown);
}

export { prefixOf };
