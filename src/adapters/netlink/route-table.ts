import type { Family } from '../../model/family.ts';
import { localTable, type Route, routeKey } from '../../model/kernel.ts';
import type { ObjectTable } from './object-table.ts';
import { type NextHop, type NextHops, type Placement, placeRoute, removeRoute, slotOf } from './route-slots.ts';

/** Table local and what fills it is the kernel's own book-keeping of addresses: nothing is decided by it. */
const isKept = (route: Route): boolean =>
  route.table !== localTable && !['local', 'broadcast', 'multicast', 'anycast'].includes(route.type);

/**
 * The routes by their places, in the kernel's order, and with them the next hops that sleep: those of a multipath route
 * that lives on by its other next hops while their own link is down or, in IPv4, has no address. They come back with
 * the link or the address, in silence.
 */
export class RouteTable {
  readonly #routes: ObjectTable<string, Route>;
  readonly #isDown: (linkIndex: number) => boolean;
  readonly #slots = new Map<string, readonly NextHops[]>();
  readonly #sleepers = new Map<number, Set<Family>>();
  readonly #doubts = new Set<Family>();

  constructor(routes: ObjectTable<string, Route>, isDown: (linkIndex: number) => boolean) {
    this.#routes = routes;
    this.#isDown = isDown;
  }

  /** `placement` undefined: it was not told. */
  add(hops: NextHops, placement: Placement | undefined): void {
    const living = hops.filter((hop) => hop.isDead !== true);
    for (const hop of hops.filter((hop) => hop.isDead === true)) this.#letSleep(hop);
    const [first] = living;
    if (first === undefined || !isKept(first)) return;
    const slot = slotOf(first);
    const groups = this.#slots.get(slot) ?? [];
    this.#set(slot, placeRoute(groups, living, placement ?? 'create'));
    // Whether it took the other's place or joined it only a dump can tell.
    if (placement === undefined && groups.length > 0) this.#doubts.add(first.family);
    else this.#doubtProtocols(slot, groups);
  }

  /** What stands in the place of a route, in the kernel's order. */
  inPlaceOf(route: Parameters<typeof slotOf>[0]): NextHops {
    return (this.#slots.get(slotOf(route)) ?? []).flat();
  }

  remove(hops: NextHops): void {
    const [first] = hops;
    const groups = first === undefined ? undefined : this.#slots.get(slotOf(first));
    if (first === undefined || groups === undefined) return;
    this.#set(slotOf(first), removeRoute(groups, hops));
    this.#doubtProtocols(slotOf(first), groups);
  }

  /** Takes in a complete dump of one family. Ways that are dead are not kept, nor those through a link that is down. */
  replaceAll(family: Family, dump: readonly NextHops[]): void {
    const slots = new Map<string, NextHops[]>();
    for (const hops of dump) {
      const living = hops.filter((hop) => isKept(hop) && !this.#isAsleep(hop));
      for (const hop of hops.filter((hop) => this.#isAsleep(hop))) this.#letSleep(hop);
      const [first] = living;
      if (first === undefined) continue;
      const groups = slots.get(slotOf(first)) ?? [];
      slots.set(slotOf(first), [...groups, living]);
    }
    for (const slot of this.#slots.keys()) {
      if (slot.startsWith(`${family} `) && !slots.has(slot)) this.#set(slot, []);
    }
    for (const [slot, groups] of slots) this.#set(slot, groups);
  }

  /** `hops`: a multipath route lives on by its other next hops; `routes`: it goes with any of them. */
  drop(isGone: (route: Route) => boolean, extent: 'hops' | 'routes'): void {
    for (const [slot, groups] of this.#slots) {
      if (!groups.some((group) => group.some(isGone))) continue;
      const left: NextHops[] = [];
      for (const group of groups) {
        const living = group.filter((hop) => !isGone(hop));
        if (living.length === 0 || (extent === 'routes' && living.length < group.length)) continue;
        left.push(living);
        for (const hop of group.filter(isGone)) this.#letSleep(hop);
      }
      this.#set(slot, left);
      this.#doubtProtocols(slot, groups);
    }
  }

  /** The kernel forgets the preferred source of IPv6 routes when its address goes, and says nothing. */
  forgetSource(linkIndex: number, address: string): void {
    for (const [slot, groups] of this.#slots) {
      const isMeant = (hop: Route): boolean =>
        hop.family === 'ipv6' && hop.linkIndex === linkIndex && hop.preferredSource === address;
      if (!groups.some((group) => group.some(isMeant))) continue;
      this.#set(
        slot,
        groups.map((group) => group.map((hop) => (isMeant(hop) ? { ...hop, preferredSource: null } : hop))),
      );
    }
  }

  /** The link is back, or has an address, or is gone: its sleeping next hops come back, or take an IPv4 route with them. */
  wake(linkIndex: number): void {
    for (const family of this.#sleepers.get(linkIndex) ?? []) this.#doubts.add(family);
    this.#sleepers.delete(linkIndex);
  }

  /** Families whose routes must be dumped: the kernel changed them and did not say how. */
  takeDoubts(): readonly Family[] {
    const doubts = [...this.#doubts];
    this.#doubts.clear();
    return doubts;
  }

  /** All of an IPv6 multipath route is reported with one protocol; whose that is changes as next hops come and go. */
  #doubtProtocols(slot: string, before: readonly NextHops[]): void {
    const after = this.#slots.get(slot) ?? [];
    const isMultipath = (group: NextHops): boolean => group.length > 1 && group[0]?.family === 'ipv6';
    if (before.length > 0 && after.length > 0 && [...before, ...after].some(isMultipath)) this.#doubts.add('ipv6');
  }

  #isAsleep(hop: NextHop): boolean {
    return hop.isDead === true || (hop.linkIndex !== null && this.#isDown(hop.linkIndex));
  }

  #letSleep(hop: Route): void {
    if (hop.linkIndex === null) return;
    this.#sleepers.set(hop.linkIndex, (this.#sleepers.get(hop.linkIndex) ?? new Set()).add(hop.family));
  }

  #set(slot: string, groups: readonly NextHops[]): void {
    const after = new Map(groups.flat().map((route) => [routeKey(route), route]));
    for (const route of (this.#slots.get(slot) ?? []).flat()) {
      if (!after.has(routeKey(route))) this.#routes.remove(routeKey(route));
    }
    for (const [key, route] of after) this.#routes.put(key, route);
    if (groups.length === 0) this.#slots.delete(slot);
    else this.#slots.set(slot, groups);
  }
}
