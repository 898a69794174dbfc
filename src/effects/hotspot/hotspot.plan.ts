/** The steps from the parts of a hotspot that stand to those that are wanted. */
import {
  hotspotPartKey,
  hotspotPartKinds,
  type HotspotOperation,
  type HotspotPart,
  type HotspotPartKind,
  type HotspotPartOf,
} from '../../model/hotspot-parts.ts';

const rankOf = ({ kind }: HotspotPart): number => hotspotPartKinds.indexOf(kind);

/** What can be changed while the part goes on; everything else means to end it and to begin anew. */
const changeable: { readonly [Kind in HotspotPartKind]: readonly (keyof HotspotPartOf<Kind>)[] } = {
  filter: ['interface', 'address', 'network', 'upstream', 'uplinks', 'isIsolated', 'services', 'allowed', 'neighbours'],
  ipv6Forwarding: [],
  radio: [],
  interface: [],
  accessPoint: ['channel', 'key', 'previousKey'],
  address: [],
  forwarding: [],
  names: ['hasWayOut', 'servers'],
  portal: [],
};

/** Without these nothing that comes after them can stand. */
const foundations: ReadonlySet<HotspotPartKind> = new Set(['radio', 'interface', 'accessPoint']);

const isSame = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

function canChange(from: HotspotPart, to: HotspotPart): boolean {
  const free: readonly string[] = changeable[from.kind];
  const rest = (part: HotspotPart): unknown => Object.entries(part).filter(([name]) => !free.includes(name));
  return isSame(rest(from), rest(to));
}

/**
 * The operations, in order: first what has to go, last things first; then what is new or different, first things first.
 * Empty when all is as it is wanted.
 */
export function planHotspot(
  wanted: readonly HotspotPart[],
  standing: readonly HotspotPart[],
  because: string,
): readonly HotspotOperation[] {
  const goals = new Map(wanted.map((part) => [hotspotPartKey(part), part]));
  const present = new Map(standing.map((part) => [hotspotPartKey(part), part]));
  const isDoomed = (part: HotspotPart): boolean => {
    const goal = goals.get(hotspotPartKey(part));
    return goal === undefined || !(isSame(part, goal) || canChange(part, goal));
  };
  const lowest = Math.min(...standing.filter((part) => foundations.has(part.kind) && isDoomed(part)).map(rankOf));
  const doomed = standing.filter((part) => isDoomed(part) || rankOf(part) > lowest);
  const leaving = new Set(doomed.map(hotspotPartKey));
  const stops = doomed
    .toSorted((a, b) => rankOf(b) - rankOf(a))
    .map((part): HotspotOperation => ({ type: 'hotspot.stop', target: describePart(part), because, part }));
  const others = wanted
    .toSorted((a, b) => rankOf(a) - rankOf(b))
    .flatMap((part): readonly HotspotOperation[] => {
      const key = hotspotPartKey(part);
      const from = leaving.has(key) ? undefined : present.get(key);
      const target = describePart(part);
      if (from === undefined) return [{ type: 'hotspot.start', target, because, part }];
      return isSame(from, part) ? [] : [{ type: 'hotspot.change', target, because, part, from }];
    });
  return [...stops, ...others];
}

const descriptions: { readonly [Kind in HotspotPartKind]: (part: HotspotPartOf<Kind>) => string } = {
  filter: ({ interface: name }) => `filter of ${name}`,
  ipv6Forwarding: () => 'forwarding of IPv6',
  radio: ({ interface: name, country, isTaken }) =>
    `radio ${name}${isTaken ? '' : ' beside its station'} in ${country}`,
  interface: ({ interface: name, radio }) => `interface ${name} beside ${radio}`,
  accessPoint: ({ interface: name, channel }) => `hostapd on ${name}, channel ${channel}`,
  address: ({ interface: name, address: { ipv4, ipv6 } }) =>
    `${[ipv4, ipv6].filter((address) => address !== null).join(' and ')} on ${name}`,
  forwarding: ({ interface: name }) => `forwarding from ${name}`,
  names: ({ interface: name }) => `dnsmasq on ${name}`,
  portal: ({ address: { ipv4 } }) => `answers to captive-portal checks on ${ipv4}`,
};

/** A part in one line of words. */
export function describePart(part: HotspotPart): string {
  switch (part.kind) {
    case 'filter':
      return descriptions.filter(part);
    case 'ipv6Forwarding':
      return descriptions.ipv6Forwarding(part);
    case 'radio':
      return descriptions.radio(part);
    case 'interface':
      return descriptions.interface(part);
    case 'accessPoint':
      return descriptions.accessPoint(part);
    case 'address':
      return descriptions.address(part);
    case 'forwarding':
      return descriptions.forwarding(part);
    case 'names':
      return descriptions.names(part);
    case 'portal':
      return descriptions.portal(part);
    default:
      return part satisfies never;
  }
}
