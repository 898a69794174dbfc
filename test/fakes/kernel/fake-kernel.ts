/**
 * A kernel in memory, with the quirks of the real one, for tests of everything that observes or changes the network.
 *
 *   const kernel = new FakeKernel();                          // `lo` and the standard rules are there
 *   const wan = kernel.network.addLink({ name: 'eth0', isUp: true });
 *   kernel.addAddress(wan, '192.0.2.2/24');                   // the connected routes appear, as in the kernel
 *   await kernel.execute(operation);                          // as any KernelTarget; `kernel.executed` keeps them
 *   kernel.lookup({ family: 'ipv4', destination: '8.8.8.8' }) // → { linkIndex, gateway } | null, from the truth
 *   kernel.unplug(wan); kernel.setDown(wan); kernel.removeLink(wan); kernel.rename(wan, 'wan0');
 *   kernel.load({ routes: [[route]], rules: [rule] });        // arbitrary content, unchecked
 *   kernel.failNext('route.replace', 'ENETUNREACH');          // the next one is refused
 *   kernel.loseAnswerOfNext('rule.add');                      // the next one is done, and answered as failed
 *   kernel.beforeNext('route.delete', () => kernel.removeLink(wan)); // something happens just before
 *   kernel.overflow();                                        // notifications are lost; it is reported and healed
 *   kernel.loseNotifications();                               // they are lost unseen, until `resync()`
 *
 * There is the truth (`network`, `truth()`, `lookup`), which changes at once, and what has been told (`state`,
 * listeners), which follows in a microtask or with `settle()`. The telling goes through the KernelMirror of the
 * production code, with the messages that the kernel would send, and without those it does not send.
 *
 * With `clock`, carriers are noticed as on a real NIC (at most one link event a second), and neighbours fail after 3 s;
 * without one all of it happens at once.
 */
import { parseAddress } from '../../../src/model/address.ts';
import type { Problem } from '../../../src/model/errors.ts';
import { families } from '../../../src/model/family.ts';
import {
  type Address,
  type KernelChange,
  type KernelState,
  neighbourKey,
  type NeighbourState,
  type Route,
  type Rule,
} from '../../../src/model/kernel.ts';
import { type DesiredNeighbour, done, type OperationResult, type Setting } from '../../../src/model/network.ts';
import type { KernelSource } from '../../../src/streams/ports.ts';
import type { KernelOperation, KernelTarget } from '../../../src/effects/ports.ts';
import { type KernelDump, type KernelMessage, KernelMirror } from '../../../src/adapters/netlink/mirror.ts';
import { type Errno, failureOf } from './errno.ts';
import { FakeNetwork } from './fake-network.ts';
import { type Flow, type LookupContext, lookupRoute } from './fib-lookup.ts';
import type { RouteMode } from './fib.ts';
import { askNeighbour, putRoute, routeOf, ruleOf } from './operations.ts';

/** The clock of links and neighbours. */
export interface FakeClock {
  now(): number;
  setTimeout(callback: () => void, delay: number): unknown;
}

export interface FakeKernelOptions {
  readonly clock?: FakeClock;
  /** Told of overflows and of listeners that throw. */
  readonly onProblem?: (problem: Problem) => void;
}

type OperationKind = KernelOperation['type'];
type Fault = { readonly type: OperationKind; readonly effect: Errno | 'answerLost' | (() => void) };

const linkEventInterval = 1000;
const neighbourTimeout = 3000;

export class FakeKernel implements KernelSource, KernelTarget {
  readonly network: FakeNetwork;
  /** Operations in the order in which they were asked for, those that failed included. */
  readonly executed: KernelOperation[] = [];
  readonly #mirror = new KernelMirror();
  readonly #listeners = new Set<(changes: readonly KernelChange[]) => void>();
  readonly #settings = new Map<string, string>();
  readonly #answering = new Set<string>();
  readonly #clock: FakeClock | undefined;
  readonly #onProblem: (problem: Problem) => void;
  #queue: KernelMessage[] = [];
  #faults: Fault[] = [];
  #lost: 'none' | 'noticed' | 'unseen' = 'none';
  #lastLinkEvent = Number.NEGATIVE_INFINITY;

  constructor({ clock, onProblem }: FakeKernelOptions = {}) {
    this.#clock = clock;
    this.#onProblem = onProblem ?? (() => undefined);
    this.network = new FakeNetwork((message) => {
      this.#enqueue(message);
    });
    this.#dumpAll();
    this.#mirror.takeChanges();
    this.#queue = [];
  }

  get state(): KernelState {
    return this.#mirror.state;
  }

  subscribe(listener: (changes: readonly KernelChange[]) => void): () => void {
    const own = (changes: readonly KernelChange[]): void => listener(changes);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  async settle(): Promise<void> {
    this.#deliver();
    return Promise.resolve();
  }

  async resync(): Promise<void> {
    this.#queue = [];
    this.#lost = 'none';
    this.#dumpAll();
    this.#report();
    return Promise.resolve();
  }

  async execute(operation: KernelOperation): Promise<OperationResult> {
    this.executed.push(operation);
    const fault = this.#faults.find(({ type }) => type === operation.type);
    if (fault !== undefined) this.#faults = this.#faults.filter((other) => other !== fault);
    const effect = fault?.effect;
    if (typeof effect === 'function') effect();
    const isRefused = effect !== undefined && effect !== 'answerLost' && typeof effect !== 'function';
    const errno = isRefused ? effect : this.#carryOut(operation);
    await Promise.resolve();
    if (effect === 'answerLost') return { ...failureOf('EBUSY'), message: 'the answer was lost' };
    return errno === null ? done : failureOf(errno);
  }

  failNext(type: OperationKind, errno: Errno): void {
    this.#faults.push({ type, effect: errno });
  }

  loseAnswerOfNext(type: OperationKind): void {
    this.#faults.push({ type, effect: 'answerLost' });
  }

  beforeNext(type: OperationKind, happens: () => void): void {
    this.#faults.push({ type, effect: happens });
  }

  /** The notification socket overflows: what is on its way is lost; that is noticed, reported and healed. */
  overflow(): void {
    this.#queue = [];
    this.#lost = 'noticed';
    queueMicrotask(() => {
      this.#deliver();
    });
  }

  loseNotifications(): void {
    this.#lost = 'unseen';
  }

  /** The way a packet takes now; null where the kernel would answer with an error. */
  lookup(flow: Flow): { readonly linkIndex: number; readonly gateway: string | null } | null {
    const route = lookupRoute(flow, this.#context());
    if (route === null || route.linkIndex === null) return null;
    return { linkIndex: route.linkIndex, gateway: route.gateway };
  }

  /** The truth in the form of `state`: equal to it once settled, unless notifications are lost. */
  truth(): KernelState {
    const mirror = new KernelMirror();
    for (const dump of this.#dumps()) mirror.replaceAll(dump);
    return mirror.state;
  }

  setUp(index: number): void {
    this.network.setUp(index);
    this.#watchCarrier(index);
  }

  setDown(index: number): void {
    this.network.setDown(index);
  }

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

  addAddress(index: number, text: string, more: Partial<Address> = {}): Errno | null {
    return this.network.addAddress({ ...this.#addressOf(index, text), ...more });
  }

  removeAddress(index: number, text: string): Errno | null {
    return this.network.removeAddress(this.#addressOf(index, text));
  }

  /** A route of someone else; several next hops make a multipath route. */
  addRoute(hops: readonly Route[], mode: RouteMode = 'create'): Errno | null {
    return putRoute(this.network, this.#context(), hops, mode);
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

  /** `ignore_routes_with_linkdown` and the others: kept by link and gone with it. */
  setSetting({ linkIndex, family, key }: Pick<Setting, 'linkIndex' | 'family' | 'key'>, value: string): void {
    this.#settings.set(`${linkIndex} ${family} ${key}`, value);
  }

  /** Null when there is no such link; `0` when it was never set. */
  setting({ linkIndex, interface: name, family, key }: Setting): string | null {
    if (this.network.links.get(linkIndex)?.name !== name) return null;
    return this.#settings.get(`${linkIndex} ${family} ${key}`) ?? '0';
  }

  #addressOf(index: number, text: string): Address {
    const [address = '', length = ''] = text.split('/');
    return this.network.address(index, address, Number(length));
  }

  #context(): LookupContext {
    const { links, fib, rules } = this.network;
    return {
      rules,
      routes: fib.routes.flat(),
      nameOf: (index) => links.get(index)?.name,
      isPassedOver: ({ linkIndex, family, type }) => {
        const link = linkIndex === null ? undefined : links.get(linkIndex);
        if (link === undefined || type === 'local') return false;
        const ignores = this.#settings.get(`${linkIndex} ${family} ignore_routes_with_linkdown`) === '1';
        return !link.isUp || (!link.hasCarrier && ignores);
      },
    };
  }

  #carryOut(operation: KernelOperation): Errno | null {
    switch (operation.type) {
      case 'route.replace':
        return putRoute(this.network, this.#context(), [routeOf(operation.route)], 'replace');
      case 'route.delete':
        return this.network.fib.delete(operation.route);
      case 'rule.add':
        return this.network.addRule(ruleOf(operation.rule));
      case 'rule.delete':
        return this.network.removeRule(operation.rule);
      case 'neighbour.resolve':
        return this.#resolve(operation.neighbour);
      default:
        return operation satisfies never;
    }
  }

  #resolve(wanted: DesiredNeighbour): Errno | null {
    const { linkIndex, address } = wanted;
    const errno = askNeighbour(this.network, wanted);
    if (errno !== null) return errno;
    const answers = this.#answering.has(neighbourKey({ linkIndex, address })) && this.network.plugged.has(linkIndex);
    this.#after(answers ? 0 : neighbourTimeout, () => {
      if (!this.network.links.has(linkIndex)) return;
      this.setNeighbour(linkIndex, address, answers ? 'reachable' : 'failed', answers ? '02:00:00:00:ff:fe' : null);
    });
    return null;
  }

  #watchCarrier(index: number): void {
    const now = this.#clock?.now() ?? 0;
    const wait = Math.max(0, this.#lastLinkEvent + linkEventInterval - now);
    this.#lastLinkEvent = now + wait;
    this.#after(wait, () => {
      this.network.noticeCarrier(index);
    });
  }

  #after(delay: number, callback: () => void): void {
    if (this.#clock === undefined || delay === 0) callback();
    else this.#clock.setTimeout(callback, delay);
  }

  #enqueue(message: KernelMessage): void {
    if (message.object === 'link' && message.type === 'delete') this.#forgetSettings(message.value.index);
    if (this.#lost !== 'none') return;
    this.#queue.push(message);
    if (this.#queue.length > 1) return;
    queueMicrotask(() => {
      this.#deliver();
    });
  }

  #forgetSettings(index: number): void {
    for (const key of this.#settings.keys()) if (key.startsWith(`${index} `)) this.#settings.delete(key);
  }

  #deliver(): void {
    if (this.#lost === 'noticed') {
      this.#lost = 'none';
      this.#onProblem({ code: 'netlink.overflow', message: 'the kernel dropped notifications' });
      this.#dumpAll();
    }
    const messages = this.#queue;
    this.#queue = [];
    for (const message of messages) this.#mirror.apply(message);
    const doubts = this.#mirror.takeDoubts();
    for (const dump of this.#dumps()) {
      if (dump.object === 'route' && doubts.includes(dump.family)) this.#mirror.replaceAll(dump);
    }
    this.#report();
  }

  #report(): void {
    const changes = this.#mirror.takeChanges();
    if (changes.length === 0) return;
    for (const listener of this.#listeners) {
      try {
        listener(changes);
      } catch (error) {
        this.#onProblem({ code: 'actor.failed', message: `a listener of the kernel threw: ${String(error)}` });
      }
    }
  }

  #dumpAll(): void {
    for (const dump of this.#dumps()) this.#mirror.replaceAll(dump);
  }

  #dumps(): readonly KernelDump[] {
    const { links, addresses, fib, rules, neighbours } = this.network;
    return [
      { object: 'link', values: [...links.values()] },
      ...families.flatMap((family): KernelDump[] => [
        { object: 'address', family, values: [...addresses.values()].filter((one) => one.family === family) },
        { object: 'route', family, values: fib.routes.filter(([hop]) => hop?.family === family) },
        { object: 'rule', family, values: rules.filter((one) => one.family === family) },
        { object: 'neighbour', family, values: [...neighbours.values()].filter((one) => one.family === family) },
      ]),
    ];
  }
}
