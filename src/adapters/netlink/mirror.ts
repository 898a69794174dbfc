import type { Family } from '../../model/family.ts';
import {
  type Address,
  addressKey,
  type KernelChange,
  type KernelState,
  type Link,
  mainTable,
  type Neighbour,
  neighbourKey,
  type Route,
  type Rule,
  ruleKey,
} from '../../model/kernel.ts';
import { ObjectTable } from './object-table.ts';
import { RouteTable } from './route-table.ts';
import type { NextHops } from './route-slots.ts';

interface Message<Kind extends string, T> {
  readonly type: 'new' | 'delete';
  readonly object: Kind;
  readonly value: T;
}

/** A route with all its next hops: one, or several for a multipath route. */
export interface RouteMessage extends Message<'route', NextHops> {
  /** NLM_F_REPLACE and NLM_F_APPEND of the announcement; undefined where the source of the message does not tell. */
  readonly replace?: boolean;
  readonly append?: boolean;
}

/** One notification of the kernel, decoded. */
export type KernelMessage =
  | Message<'link', Link>
  | Message<'address', Address>
  | Message<'rule', Rule>
  | Message<'neighbour', Neighbour>
  | RouteMessage;

/** Everything of one kind and family at one time. */
export type KernelDump =
  | { readonly object: 'link'; readonly values: readonly Link[] }
  | { readonly object: 'address'; readonly family: Family; readonly values: readonly Address[] }
  | { readonly object: 'route'; readonly family: Family; readonly values: readonly NextHops[] }
  | { readonly object: 'rule'; readonly family: Family; readonly values: readonly Rule[] }
  | { readonly object: 'neighbour'; readonly family: Family; readonly values: readonly Neighbour[] };

const order = { link: 0, address: 1, route: 2, rule: 3, neighbour: 4 } as const;

const isMulticast = ({ address }: Neighbour): boolean =>
  address.includes(':') ? /^ff/iu.test(address) : /^(?:22[4-9]|23\d)\./u.test(address);

/**
 * The kernel as last told: it takes notifications and dumps, and collects what became different by them. What the
 * kernel does without saying so, it does by itself:
 * - a link that is set down loses its routes of both families in every table (IPv4 tells nothing; IPv6 tells, except
 *   of next hops of a multipath route that lives on);
 * - a deleted link takes its addresses, routes and neighbours with it;
 * - the last IPv4 address of a link takes all IPv4 routes through the link with it; next hops of a multipath route that
 *   lives on come back with the next address;
 * - an IPv4 address that stands nowhere any more takes those routes of the main table that prefer it as their source
 *   (told only since kernel 6.6); IPv6 routes merely forget it;
 * - the first of a veth pair is announced before it has its other end, and not again when it has.
 *
 * Not kept: routes of the local table and of the types local, broadcast, multicast and anycast; neighbours with a
 * multicast address. Two rules that are equal in every respect count as one.
 */
export class KernelMirror {
  readonly #links = new ObjectTable<number, Link>((before, after) => {
    this.#changes.push({ object: 'link', before, after });
  });
  readonly #addresses = new ObjectTable<string, Address>((before, after) => {
    this.#changes.push({ object: 'address', before, after });
  });
  readonly #routes = new ObjectTable<string, Route>((before, after) => {
    this.#changes.push({ object: 'route', before, after });
  });
  readonly #rules = new ObjectTable<string, Rule>((before, after) => {
    this.#changes.push({ object: 'rule', before, after });
  });
  readonly #neighbours = new ObjectTable<string, Neighbour>((before, after) => {
    this.#changes.push({ object: 'neighbour', before, after });
  });
  readonly #routeTable = new RouteTable(this.#routes, (index) => this.#links.map.get(index)?.isUp === false);
  #changes: KernelChange[] = [];

  readonly state: KernelState = {
    links: this.#links.map,
    addresses: this.#addresses.map,
    routes: this.#routes.map,
    rules: this.#rules.map,
    neighbours: this.#neighbours.map,
  };

  /** What stands in the place of a route (family, table, destination, metric), in the kernel's order. */
  routesInPlaceOf(route: Pick<Route, 'family' | 'table' | 'destination' | 'metric'>): readonly Route[] {
    return this.#routeTable.inPlaceOf(route);
  }

  /** Takes in one notification. */
  apply(message: KernelMessage): void {
    const isNew = message.type === 'new';
    switch (message.object) {
      case 'link':
        if (isNew) this.#putLink(message.value);
        else this.#removeLink(message.value.index);
        break;
      case 'address':
        if (isNew) this.#putAddress(message.value);
        else this.#removeAddress(message.value);
        break;
      case 'route':
        if (isNew) this.#addRoute(message);
        else this.#routeTable.remove(message.value);
        break;
      case 'rule':
        if (isNew) this.#rules.put(ruleKey(message.value), message.value);
        else this.#rules.remove(ruleKey(message.value));
        break;
      case 'neighbour':
        if (isNew && !isMulticast(message.value)) this.#neighbours.put(neighbourKey(message.value), message.value);
        else this.#neighbours.remove(neighbourKey(message.value));
        break;
    }
  }

  /** Takes in a complete dump: what is not in it is gone. Links first, for the other kinds rest on them. */
  replaceAll(dump: KernelDump): void {
    switch (dump.object) {
      case 'link': {
        const present = new Set(dump.values.map((link) => link.index));
        for (const index of this.#links.map.keys()) if (!present.has(index)) this.#removeLink(index);
        for (const link of dump.values) this.#putLink(link);
        break;
      }
      case 'address':
        this.#addresses.replaceAll(
          dump.values.map((value) => [addressKey(value), value]),
          ({ family }) => family === dump.family,
        );
        break;
      case 'route':
        this.#routeTable.replaceAll(dump.family, dump.values);
        break;
      case 'rule':
        this.#rules.replaceAll(
          dump.values.map((value) => [ruleKey(value), value]),
          ({ family }) => family === dump.family,
        );
        break;
      case 'neighbour':
        this.#neighbours.replaceAll(
          dump.values.filter((value) => !isMulticast(value)).map((value) => [neighbourKey(value), value]),
          ({ family }) => family === dump.family,
        );
        break;
    }
  }

  /** What became different since the last call: links first, then addresses, routes, rules, neighbours. */
  takeChanges(): readonly KernelChange[] {
    const changes = this.#changes.toSorted((a, b) => order[a.object] - order[b.object]);
    this.#changes = [];
    return changes;
  }

  /** Families whose routes changed in a way that only a dump of them can tell: dump them, and `replaceAll`. */
  takeDoubts(): readonly Family[] {
    return this.#routeTable.takeDoubts();
  }

  #putLink(link: Link): void {
    const before = this.#links.map.get(link.index);
    this.#links.put(link.index, link);
    const peer = this.#links.map.get(link.lowerIndex);
    if (link.kind === 'veth' && peer?.kind === 'veth' && peer.lowerIndex === 0) {
      this.#links.put(peer.index, { ...peer, lowerIndex: link.index });
    }
    if (!link.isUp) {
      this.#routeTable.drop((route) => route.linkIndex === link.index, 'hops');
    } else if (before?.isUp === false || (before?.hasCarrier === false && link.hasCarrier)) {
      // Without a carrier ways are dead, too, where ignore_routes_with_linkdown is set.
      this.#routeTable.wake(link.index);
    }
  }

  #removeLink(index: number): void {
    if (!this.#links.remove(index)) return;
    this.#addresses.removeWhere(({ linkIndex }) => linkIndex === index);
    this.#routeTable.drop(({ linkIndex }) => linkIndex === index, 'routes');
    this.#neighbours.removeWhere(({ linkIndex }) => linkIndex === index);
    this.#routeTable.wake(index);
  }

  #putAddress(address: Address): void {
    this.#addresses.put(addressKey(address), address);
    if (address.family === 'ipv4') this.#routeTable.wake(address.linkIndex);
  }

  #removeAddress(gone: Address): void {
    if (!this.#addresses.remove(addressKey(gone))) return;
    if (gone.family === 'ipv6') {
      this.#routeTable.forgetSource(gone.linkIndex, gone.address);
      return;
    }
    const left = [...this.#addresses.map.values()].filter(({ family }) => family === 'ipv4');
    if (!left.some(({ linkIndex }) => linkIndex === gone.linkIndex)) {
      this.#routeTable.drop(({ family, linkIndex }) => family === 'ipv4' && linkIndex === gone.linkIndex, 'hops');
    }
    if (!left.some(({ address }) => address === gone.address)) {
      this.#routeTable.drop(
        ({ family, table, preferredSource }) =>
          family === 'ipv4' && table === mainTable && preferredSource === gone.address,
        'routes',
      );
    }
  }

  #addRoute({ value, replace, append }: RouteMessage): void {
    const isTold = replace !== undefined;
    this.#routeTable.add(
      value,
      replace === true ? 'replace' : append === true ? 'append' : isTold ? 'create' : undefined,
    );
  }
}
