import { parseAddress } from '../../../src/model/address.ts';
import { families } from '../../../src/model/family.ts';
import {
  type Address,
  type LinkCounters,
  neighbourKey,
  type NeighbourState,
  type Route,
  type Rule,
} from '../../../src/model/kernel.ts';
import type { LinkChange, Setting } from '../../../src/model/network.ts';
import type { KernelDump, KernelMessage } from '../../../src/adapters/netlink/mirror.ts';
import type { NextHops } from '../../../src/adapters/netlink/route-slots.ts';
import { addressOf } from './connected-routes.ts';
import type { Errno } from './errno.ts';
import { FakeNetwork } from './fake-network.ts';
import { type Flow, type LookupContext, lookupRoute } from './fib-lookup.ts';
import type { RouteMode } from './fib.ts';
import { putRoute } from './operations.ts';

/** The clock of links and neighbours. */
export interface FakeClock {
  now(): number;
  setTimeout(callback: () => void, delay: number): unknown;
}

const linkEventInterval = 1000;
const neighbourTimeout = 3000;
const noCounters: LinkCounters = { receivedPackets: 0, sentPackets: 0, receivedBytes: 0, sentBytes: 0 };

/** The machine around the network of the fake: cables, clocks, neighbours that answer, settings; what tests play with. */
export class FakeMachine {
  readonly network: FakeNetwork;
  readonly #settings = new Map<string, string>();
  readonly #answering = new Set<string>();
  readonly #counters = new Map<number, LinkCounters>();
  readonly #finalCounters = new Map<number, LinkCounters>();
  readonly #clock: FakeClock | undefined;
  #lastLinkEvent = Number.NEGATIVE_INFINITY;

  constructor(clock: FakeClock | undefined, tell: (message: KernelMessage) => void) {
    this.#clock = clock;
    this.network = new FakeNetwork((message) => {
      if (message.object === 'link' && message.type === 'delete') this.#forget(message.value.index);
      tell(message);
    });
  }

  /** The way a packet takes now; null where the kernel would answer with an error. */
  lookup(flow: Flow): { readonly linkIndex: number; readonly gateway: string | null } | null {
    const route = lookupRoute(flow, this.context());
    if (route === null || route.linkIndex === null) return null;
    return { linkIndex: route.linkIndex, gateway: route.gateway };
  }

  setUp(index: number): void {
    this.network.setUp(index);
    this.#watchCarrier(index);
  }

  setDown(index: number): void {
    this.network.setDown(index);
  }

  /** The cable goes in, or the far end comes to life. */
  plug(index: number): void {
    this.network.plugged.add(index);
    this.#watchCarrier(index);
  }

  unplug(index: number): void {
    this.network.plugged.delete(index);
    this.#watchCarrier(index);
  }

  /** Reading `carrier` in sysfs: shows the cable as it is, and makes the kernel notice it. */
  readCarrier(index: number): boolean {
    this.network.noticeCarrier(index);
    return this.network.plugged.has(index);
  }

  rename(index: number, name: string): void {
    this.network.rename(index, name);
  }

  removeLink(index: number): void {
    this.network.removeLink(index);
  }

  /** `text` is `address/length`. */
  addAddress(index: number, text: string, more: Partial<Address> = {}, metric = 0): Errno | null {
    return this.network.addAddress({ ...this.#addressOf(index, text), ...more }, metric);
  }

  removeAddress(index: number, text: string): Errno | null {
    return this.network.removeAddress(this.#addressOf(index, text));
  }

  changeLink({ linkIndex, isUp, mtu }: LinkChange): Errno | null {
    const link = this.network.links.get(linkIndex);
    if (link === undefined) return 'ENODEV';
    if (mtu !== null && (mtu < 68 || mtu > 65_535)) return 'EINVAL';
    if (mtu !== null) this.network.setMtu(linkIndex, mtu);
    if (isUp === true && !link.isUp) this.setUp(linkIndex);
    if (isUp === false) this.setDown(linkIndex);
    return null;
  }

  /** A route of someone else, checked as the kernel does; several next hops make a multipath route. */
  addRoute(hops: readonly Route[], mode: RouteMode = 'create'): Errno | null {
    return putRoute(this.network, this.context(), hops, mode);
  }

  removeRoute(route: Route): Errno | null {
    return this.network.fib.delete(route);
  }

  addRule(rule: Rule): Errno | null {
    return this.network.addRule(rule);
  }

  removeRule(rule: Rule): Errno | null {
    return this.network.removeRule(rule);
  }

  /** Content from before: nothing is checked, duplicates and routes through links without addresses are taken. */
  load({ routes = [], rules = [] }: { routes?: readonly (readonly Route[])[]; rules?: readonly Rule[] }): void {
    for (const hops of routes) this.network.fib.insert(hops, 'append');
    for (const rule of rules) this.network.addRule(rule);
  }

  setNeighbour(linkIndex: number, address: string, state: NeighbourState, macAddress: string | null = null): void {
    const family = parseAddress(address)?.family ?? 'ipv4';
    this.network.putNeighbour({ family, linkIndex, address, macAddress, state, isRouter: false });
  }

  /** Whether `neighbour.resolve` for this address will be answered. */
  setAnswering(linkIndex: number, address: string, answers: boolean): void {
    if (answers) this.#answering.add(neighbourKey({ linkIndex, address }));
    else this.#answering.delete(neighbourKey({ linkIndex, address }));
  }

  /** `ignore_routes_with_linkdown` and the others: they belong to the link and go with it. */
  setSetting({ linkIndex, family, key }: Pick<Setting, 'linkIndex' | 'family' | 'key'>, value: string): void {
    this.#settings.set(`${linkIndex} ${family} ${key}`, value);
    if (key === 'promote_secondaries') this.network.setPromoting(linkIndex, value !== '0');
  }

  /** Null when there is no such link; `0` when it was never set. */
  setting({ linkIndex, interface: name, family, key }: Setting): string | null {
    if (this.network.links.get(linkIndex)?.name !== name) return null;
    return this.#settings.get(`${linkIndex} ${family} ${key}`) ?? '0';
  }

  setCounters(linkIndex: number, counters: LinkCounters): void {
    this.#counters.set(linkIndex, counters);
  }

  counters(linkIndex: number): LinkCounters | null {
    return this.network.links.has(linkIndex) ? (this.#counters.get(linkIndex) ?? noCounters) : null;
  }

  finalCounters(linkIndex: number): LinkCounters | null {
    return this.#finalCounters.get(linkIndex) ?? null;
  }

  protected context(): LookupContext {
    const { links, fib, rules } = this.network;
    return {
      rules,
      routes: fib.routes.flat(),
      nameOf: (index) => links.get(index)?.name,
      isPassedOver: ({ linkIndex, family, type }) => {
        const link = linkIndex === null ? undefined : links.get(linkIndex);
        if (link === undefined || type === 'local') return false;
        const ignores = this.#settings.get(`${linkIndex} ${family} ignore_routes_with_linkdown`) === '1';
        const isDead = family === 'ipv4' ? this.network.isDead(link.index) : !link.isUp;
        return isDead || (!link.hasCarrier && ignores);
      },
    };
  }

  /** Everything that is true, as a dump of it would say. */
  dumps(): readonly KernelDump[] {
    const { links, addresses, fib, rules, neighbours, dead } = this.network;
    const withDead = (hops: NextHops): NextHops =>
      hops.map((hop) =>
        hop.family === 'ipv4' && hop.linkIndex !== null && dead.has(hop.linkIndex) ? { ...hop, isDead: true } : hop,
      );
    return [
      { object: 'link', values: [...links.values()] },
      ...families.flatMap((family): KernelDump[] => [
        { object: 'address', family, values: [...addresses.values()].filter((one) => one.family === family) },
        { object: 'route', family, values: fib.routes.filter(([hop]) => hop?.family === family).map(withDead) },
        { object: 'rule', family, values: rules.filter((one) => one.family === family) },
        { object: 'neighbour', family, values: [...neighbours.values()].filter((one) => one.family === family) },
      ]),
    ];
  }

  /** The kernel asks for a neighbour, and tells when it has found it or given up. Known ones are not asked for. */
  resolve(linkIndex: number, address: string): Errno | null {
    const link = this.network.links.get(linkIndex);
    if (link === undefined) return 'ENODEV';
    if (!link.isUp) return 'ENETDOWN';
    const known = this.network.neighbours.get(neighbourKey({ linkIndex, address }))?.state;
    if (known === 'reachable' || known === 'permanent') return null;
    const answers = this.#answering.has(neighbourKey({ linkIndex, address })) && this.network.plugged.has(linkIndex);
    this.#after(answers ? 0 : neighbourTimeout, () => {
      if (!this.network.links.has(linkIndex)) return;
      this.setNeighbour(linkIndex, address, answers ? 'reachable' : 'failed', answers ? '02:00:00:00:ff:fe' : null);
    });
    return null;
  }

  #addressOf(index: number, text: string): Address {
    const [address = '', length = ''] = text.split('/');
    return addressOf(index, address, Number(length));
  }

  #watchCarrier(index: number): void {
    const now = this.#clock?.now() ?? 0;
    const wait = this.#clock === undefined ? 0 : Math.max(0, this.#lastLinkEvent + linkEventInterval - now);
    this.#lastLinkEvent = now + wait;
    this.#after(wait, () => {
      this.network.noticeCarrier(index);
    });
  }

  #after(delay: number, callback: () => void): void {
    if (this.#clock === undefined || delay === 0) callback();
    else this.#clock.setTimeout(callback, delay);
  }

  #forget(index: number): void {
    for (const key of this.#settings.keys()) if (key.startsWith(`${index} `)) this.#settings.delete(key);
    this.#finalCounters.set(index, this.#counters.get(index) ?? noCounters);
    this.#counters.delete(index);
  }
}
