import {
  type Address,
  addressKey,
  type Link,
  mainTable,
  type Neighbour,
  neighbourKey,
  type Route,
  type Rule,
} from '../../../src/model/kernel.ts';
import type { KernelMessage } from '../../../src/adapters/netlink/mirror.ts';
import { addressOf, connectedRoutes, isSameNetwork, linkLocalAddress, multicastRoute } from './connected-routes.ts';
import type { Errno } from './errno.ts';
import { Fib } from './fib.ts';
import { FakeRules } from './fake-rules.ts';
import { linkOf, loopback, type NewLink } from './initial-content.ts';

/**
 * The network inside the fake: what is true, as opposed to what has been told. It changes at once and tells what the
 * kernel would tell, in the kernel's order; what the kernel does in silence is silent here too.
 */
export class FakeNetwork {
  readonly links = new Map<number, Link>();
  readonly addresses = new Map<string, Address>();
  readonly neighbours = new Map<string, Neighbour>();
  readonly fib: Fib;
  readonly #rules: FakeRules;
  /** Links without an IPv4 address since their last one went: ways by them are dead in what is left of multipath routes. */
  readonly dead = new Set<number>();
  /** Links with a cable in and a living other end, whether they are up or not. */
  readonly plugged = new Set<number>();
  /** Metrics of the routes that addresses bring, where they were given one. */
  readonly #metrics = new Map<string, number>();
  /** Links on which a secondary address takes the place of a primary one that goes. */
  readonly #promoting = new Set<number>();
  readonly #tell: (message: KernelMessage) => void;
  #lastIndex = 1;

  constructor(tell: (message: KernelMessage) => void) {
    this.#tell = tell;
    this.fib = new Fib(({ hops, type, ...flags }) => {
      tell({ type, object: 'route', value: hops, ...flags });
    });
    this.#rules = new FakeRules(tell);
    this.links.set(1, loopback);
    this.plugged.add(1);
    this.addAddress({ ...addressOf(1, '127.0.0.1', 8), scope: 'host' });
    this.addAddress({ ...addressOf(1, '::1', 128), scope: 'host' });
  }

  addLink({ name, isUp = false, isPlugged = true, ...rest }: NewLink): number {
    const index = rest.index ?? this.#lastIndex + 1;
    if (this.links.has(index)) throw new RangeError(`there is a link ${index} already`);
    this.#lastIndex = Math.max(this.#lastIndex, index);
    this.#putLink(linkOf(index, name, rest));
    if (isPlugged) this.plugged.add(index);
    if (isUp) {
      this.setUp(index);
      this.noticeCarrier(index);
    }
    return index;
  }

  /** The carrier is reported apart, after it: `noticeCarrier`. */
  setUp(index: number): void {
    const link = this.links.get(index);
    if (link === undefined || link.isUp) return;
    this.dead.delete(index);
    this.#putLink({ ...link, isUp: true });
    this.#makeConnectedRoutes(index);
  }

  /** linkwatch: the kernel looks at the cable, tells what it found, and routes become linkdown or good by it. */
  noticeCarrier(index: number): void {
    const link = this.links.get(index);
    const hasCarrier = link?.isUp === true && this.plugged.has(index);
    if (link === undefined || link.hasCarrier === hasCarrier) return;
    this.#putLink({ ...link, hasCarrier });
    if (!hasCarrier || link.isLoopback) return;
    const own = linkLocalAddress(link);
    if (own !== null && !this.addresses.has(addressKey(own))) this.#putAddress(own);
    for (const address of this.#addressesOf(index)) {
      if (address.isTentative) this.#putAddress({ ...address, isTentative: false });
    }
    this.fib.insert([multicastRoute(index)], 'append');
    this.#makeConnectedRoutes(index);
  }

  /** IPv6 loses its addresses and says all; IPv4 keeps its addresses, loses all routes, and says nothing of it. */
  setDown(index: number): void {
    const link = this.links.get(index);
    if (link === undefined || !link.isUp) return;
    this.#putLink({ ...link, isUp: false, hasCarrier: false });
    const isDead = ({ linkIndex, family }: Route): boolean =>
      linkIndex !== null && (family === 'ipv4' ? this.isDead(linkIndex) : this.links.get(linkIndex)?.isUp === false);
    this.fib.remove((hops) => isIpv4(hops) && hops.every((hop) => isDead(hop) && hop.type !== 'local'), 'silently');
    this.fib.remove((hops) => !isIpv4(hops) && hops.every(isDead), 'announced');
    for (const neighbour of this.#neighboursOf(index)) this.removeNeighbour(neighbour);
    for (const address of this.#addressesOf(index)) if (address.family === 'ipv6') this.#dropAddress(address);
  }

  /** Whether IPv4 takes no way by this link. */
  isDead(index: number): boolean {
    return this.dead.has(index) || this.links.get(index)?.isUp === false;
  }

  removeLink(index: number): void {
    this.setDown(index);
    const link = this.links.get(index);
    if (link === undefined) return;
    const uses = (hops: readonly Route[]): boolean => hops.some((hop) => hop.linkIndex === index);
    this.fib.remove((hops) => isIpv4(hops) && uses(hops), 'silently');
    this.fib.remove(uses, 'announced');
    for (const address of this.#addressesOf(index)) this.#dropAddress(address);
    this.links.delete(index);
    this.plugged.delete(index);
    this.dead.delete(index);
    this.#tell({ type: 'delete', object: 'link', value: link });
  }

  rename(index: number, name: string): void {
    const link = this.links.get(index);
    if (link !== undefined) this.#putLink({ ...link, name });
  }

  setMtu(index: number, mtu: number): void {
    const link = this.links.get(index);
    if (link !== undefined && link.mtu !== mtu) this.#putLink({ ...link, mtu });
  }

  setPromoting(index: number, isPromoting: boolean): void {
    if (isPromoting) this.#promoting.add(index);
    else this.#promoting.delete(index);
  }

  addAddress(address: Address, metric = 0): Errno | null {
    const link = this.links.get(address.linkIndex);
    if (link === undefined) return 'ENODEV';
    if (this.addresses.has(addressKey(address))) return 'EEXIST';
    const isTentative = address.isTentative || (address.family === 'ipv6' && !link.hasCarrier);
    const added = { ...address, isTentative };
    if (address.family === 'ipv4') this.dead.delete(address.linkIndex);
    this.#metrics.set(addressKey(address), metric);
    this.#putAddress(added);
    for (const route of this.#routesOf(added, link)) this.fib.insert([route], 'append');
    return null;
  }

  /** Also: the last IPv4 address takes all IPv4 routes of the link with it, in silence; each takes main's routes that prefer it. */
  removeAddress(address: Address): Errno | null {
    const link = this.links.get(address.linkIndex);
    const found = this.addresses.get(addressKey(address));
    if (link === undefined) return 'ENODEV';
    if (found === undefined) return 'EADDRNOTAVAIL';
    // Without promote_secondaries they go before their primary does.
    const isPrimary = this.#primaryOf(found) === null;
    const secondaries = this.#addressesOf(link.index).filter((other) => other !== found && isSameNetwork(other, found));
    const isPromoting = this.#promoting.has(link.index);
    for (const secondary of isPrimary && !isPromoting ? secondaries : []) this.removeAddress(secondary);
    const made = this.#routesOf(found, link);
    this.#dropAddress(found);
    if (isPrimary && isPromoting) this.#promote(secondaries, link);
    const others = this.#addressesOf(link.index).filter(({ family }) => family === found.family);
    const kept = new Set(others.flatMap((other) => this.#routesOf(other, link)).map((route) => route.destination));
    const gone = made.filter((route) => !kept.has(route.destination));
    const isGone = (hop: Route): boolean =>
      gone.some((r) => r.table === hop.table && r.type === hop.type && r.destination === hop.destination);
    this.fib.remove(
      (hops) => hops.every((hop) => hop.protocol === 2 && hop.linkIndex === link.index && isGone(hop)),
      'announced',
    );
    if (found.family === 'ipv6') {
      this.fib.rewrite((hop) => (hop.preferredSource === found.address ? { ...hop, preferredSource: null } : hop));
      return null;
    }
    if (others.length === 0) this.dead.add(link.index);
    const isUsed = [...this.addresses.values()].some((other) => other.address === found.address);
    this.fib.remove(
      (hops) =>
        isIpv4(hops) &&
        ((others.length === 0 && hops.every((hop) => hop.linkIndex !== null && this.isDead(hop.linkIndex))) ||
          (!isUsed && hops.some((hop) => hop.table === mainTable && hop.preferredSource === found.address))),
      'silently',
    );
    return null;
  }

  /** In the order in which they are asked. */
  get rules(): readonly Rule[] {
    return this.#rules.all;
  }

  addRule(rule: Rule): Errno | null {
    return this.#rules.add(rule);
  }

  removeRule(rule: Rule): Errno | null {
    return this.#rules.remove(rule);
  }

  putNeighbour(neighbour: Neighbour): void {
    this.neighbours.set(neighbourKey(neighbour), neighbour);
    this.#tell({ type: 'new', object: 'neighbour', value: neighbour });
  }

  removeNeighbour(neighbour: Neighbour): void {
    if (!this.neighbours.delete(neighbourKey(neighbour))) return;
    this.#tell({ type: 'delete', object: 'neighbour', value: neighbour });
  }

  #putLink(link: Link): void {
    this.links.set(link.index, link);
    this.#tell({ type: 'new', object: 'link', value: link });
  }

  #putAddress(address: Address): void {
    this.addresses.set(addressKey(address), address);
    this.#tell({ type: 'new', object: 'address', value: address });
  }

  #dropAddress(address: Address): void {
    this.addresses.delete(addressKey(address));
    this.#tell({ type: 'delete', object: 'address', value: address });
  }

  #makeConnectedRoutes(index: number): void {
    const link = this.links.get(index);
    if (link === undefined) return;
    for (const address of this.#addressesOf(index)) {
      for (const route of this.#routesOf(address, link)) this.fib.insert([route], 'append');
    }
  }

  #routesOf(address: Address, link: Link): readonly Route[] {
    const metric = this.#metrics.get(addressKey(address)) ?? 0;
    const routes = connectedRoutes(address, link, this.#primaryOf(address));
    const withMetric = (route: Route): Route => (route.table === mainTable ? { ...route, metric } : route);
    return metric > 0 ? routes.map(withMetric) : routes;
  }

  /** The first of them is the primary now: the routes of all are made anew with it as their source. */
  #promote(secondaries: readonly Address[], link: Link): void {
    const isTheirs = (hop: Route): boolean =>
      hop.protocol === 2 &&
      hop.type === 'local' &&
      secondaries.some(({ address }) => hop.destination === `${address}/32`);
    this.fib.remove((hops) => hops.every((hop) => hop.linkIndex === link.index && isTheirs(hop)), 'announced');
    for (const address of secondaries) {
      for (const route of this.#routesOf(address, link)) this.fib.insert([route], 'append');
    }
  }

  /** The first address of the network on the link; null for that one itself. */
  #primaryOf(address: Address): Address | null {
    const first = this.#addressesOf(address.linkIndex).find((other) => isSameNetwork(other, address));
    return first === undefined || addressKey(first) === addressKey(address) ? null : first;
  }

  #addressesOf(index: number): readonly Address[] {
    return [...this.addresses.values()].filter(({ linkIndex }) => linkIndex === index);
  }

  #neighboursOf(index: number): readonly Neighbour[] {
    return [...this.neighbours.values()].filter(({ linkIndex }) => linkIndex === index);
  }
}

const isIpv4 = (hops: readonly Route[]): boolean => hops[0]?.family === 'ipv4';
