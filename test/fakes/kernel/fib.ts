import type { Family } from '../../../src/model/family.ts';
import type { Route } from '../../../src/model/kernel.ts';
import type { NextHops } from '../../../src/adapters/netlink/route-slots.ts';
import type { Errno } from './errno.ts';

/** `create` is `ip route add`; `append` and `replace` are what iproute2 calls so. */
export type RouteMode = 'create' | 'append' | 'replace';

/** What became of a route: what the kernel announces. `replace` and `append` are the announcement's flags. */
export interface RouteNews {
  readonly type: 'new' | 'delete';
  readonly hops: NextHops;
  readonly replace?: boolean;
  readonly append?: boolean;
}

const slotOf = ([hop]: NextHops): string =>
  hop === undefined ? '' : `${hop.family} ${hop.table} ${hop.destination} ${hop.metric}`;

const isSameHop = (a: Route, b: Route): boolean => a.linkIndex === b.linkIndex && a.gateway === b.gateway;

const isSame = (a: NextHops, b: NextHops): boolean =>
  a.length === b.length &&
  a.every((hop, position) => {
    const other = b[position];
    return (
      other !== undefined &&
      isSameHop(hop, other) &&
      hop.type === other.type &&
      hop.protocol === other.protocol &&
      hop.scope === other.scope &&
      hop.preferredSource === other.preferredSource &&
      hop.isOnLink === other.isOnLink
    );
  });

/** IPv6 joins what has a gateway in one slot to one multipath route; what has none stands by itself. */
const joins = ([hop]: NextHops): boolean => hop !== undefined && hop.gateway !== null && hop.protocol !== 9;

/**
 * The routes of both families, with the rules by which the kernel puts them in and takes them out: fib_table_insert
 * (net/ipv4/fib_trie.c) and fib6_add_rt2node (net/ipv6/ip6_fib.c). A slot (family, table, destination, metric) may hold
 * several routes; they stand in the order in which they are asked.
 */
export class Fib {
  #routes: NextHops[] = [];
  readonly #announce: (news: RouteNews) => void;

  constructor(announce: (news: RouteNews) => void) {
    this.#announce = announce;
  }

  get routes(): readonly NextHops[] {
    return this.#routes;
  }

  /** Puts a route in; its link and gateway are checked before. */
  insert(hops: NextHops, mode: RouteMode): Errno | null {
    const slot = this.#routes.filter((other) => slotOf(other) === slotOf(hops));
    const [first] = slot;
    if (first === undefined) return this.#append(hops, {});
    if (mode === 'create') return 'EEXIST';
    return hops[0]?.family === 'ipv4' ? this.#insertIpv4(hops, mode, slot) : this.#insertIpv6(hops, mode, slot);
  }

  /** Replaces the first of the slot, and refuses when the same route stands further back in it. */
  #insertIpv4(hops: NextHops, mode: RouteMode, slot: readonly NextHops[]): Errno | null {
    const same = slot.find((other) => isSame(other, hops));
    if (same !== undefined) return mode === 'replace' && same === slot[0] ? null : 'EEXIST';
    return mode === 'replace' ? this.#exchange(slot[0], hops) : this.#append(hops, { append: true });
  }

  /** Replaces the one of its own sort (multipath or not), else the first of the slot. */
  #insertIpv6(hops: NextHops, mode: RouteMode, slot: readonly NextHops[]): Errno | null {
    const alike = slot.find((other) => joins(other) === joins(hops));
    if (mode === 'replace') return this.#exchange(alike ?? slot[0], hops);
    if (slot.flat().some((hop) => hops.some((one) => isSameHop(one, hop)))) return 'EEXIST';
    if (alike === undefined || !joins(hops)) return this.#append(hops, { append: true });
    const protocol = alike[0]?.protocol ?? 0;
    const joined = [...alike, ...hops.map((hop) => ({ ...hop, protocol }))];
    this.#routes = this.#routes.with(this.#routes.indexOf(alike), joined);
    this.#announce({ type: 'new', hops: joined, append: true });
    return null;
  }

  #append(hops: NextHops, flags: { readonly append?: boolean }): null {
    this.#routes.push(hops);
    this.#announce({ type: 'new', hops, replace: false, append: false, ...flags });
    return null;
  }

  /** In one step for whoever looks a way up: there is no instant with neither. */
  #exchange(old: NextHops | undefined, hops: NextHops): null {
    if (old !== undefined && isSame(old, hops)) return null;
    this.#routes = this.#routes.map((one) => (one === old ? hops : one));
    this.#announce({ type: 'new', hops, replace: true, append: false });
    return null;
  }

  /**
   * Removes the first route that fits. What a request leaves out fits everything: no gateway fits any gateway, metric 0
   * (IPv4) any metric; IPv6 does not look at the type.
   */
  delete(route: Route): Errno | null {
    for (const hops of this.#routes) {
      const found = hops.find(
        (hop) =>
          hop.family === route.family &&
          hop.table === route.table &&
          hop.destination === route.destination &&
          (route.metric === 0 || hop.metric === route.metric) &&
          (route.family === 'ipv6' || hop.type === route.type) &&
          (route.gateway === null || hop.gateway === route.gateway) &&
          (route.linkIndex === null || hop.linkIndex === route.linkIndex) &&
          hop.protocol === route.protocol,
      );
      // IPv4 takes a multipath route for a single one no more than the other way round.
      if (found === undefined || (route.family === 'ipv4' && hops.length > 1)) continue;
      const left = hops.filter((hop) => hop !== found);
      this.#routes = this.#routes.flatMap((one) => (one === hops ? (left.length === 0 ? [] : [left]) : [one]));
      this.#announce({ type: 'delete', hops: [found] });
      return null;
    }
    return 'ESRCH';
  }

  /** Removes whole routes, announced or in silence. */
  remove(isGone: (hops: NextHops) => boolean, how: 'announced' | 'silently'): void {
    const gone = this.#routes.filter(isGone);
    this.#routes = this.#routes.filter((hops) => !gone.includes(hops));
    if (how === 'announced') for (const hops of gone) this.#announce({ type: 'delete', hops });
  }

  /** Changes what a route says without telling anyone. */
  rewrite(make: (hop: Route) => Route): void {
    this.#routes = this.#routes.map((hops) => hops.map(make));
  }

  hasTable(family: Family, table: number): boolean {
    return this.#routes.some(([hop]) => hop?.family === family && hop.table === table);
  }
}
