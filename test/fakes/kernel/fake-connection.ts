import type { Problem } from '../../../src/model/errors.ts';
import type { KernelChange, KernelState, LinkCounters } from '../../../src/model/kernel.ts';
import type { OperationResult } from '../../../src/model/network.ts';
import type { KernelOperation } from '../../../src/effects/ports.ts';
import type { Kernel, KernelDriver, KernelOptions } from '../../../src/adapters/netlink/driver.ts';
import { routeDeletion, routePlacement, ruleDeletion, stands } from '../../../src/adapters/netlink/guards.ts';
import { Listeners } from '../../../src/adapters/netlink/listeners.ts';
import { type KernelMessage, KernelMirror } from '../../../src/adapters/netlink/mirror.ts';
import { resultOfErrno } from './errno.ts';
import type { FakeMachine } from './fake-machine.ts';
import { routeOf, ruleOf } from './operations.ts';

type RouteReplace = Extract<KernelOperation, { type: 'route.replace' }>;

const closed: OperationResult = { ok: false, retry: 'permanent', code: 'kernel.vanished', message: 'closed' };

/** What a driver is to the kernel: hears its messages into a mirror, and carries operations out behind the same guards. */
export class FakeConnection implements Kernel {
  readonly driver: KernelDriver = 'ffi';
  readonly state: KernelState;
  readonly #machine: FakeMachine;
  readonly #mirror = new KernelMirror();
  readonly #listeners: Listeners;
  readonly #onProblem: (problem: Problem) => void;
  #queue: KernelMessage[] = [];
  #isScheduled = false;
  #lost: 'none' | 'noticed' | 'unseen' = 'none';
  #isClosed = false;

  constructor(machine: FakeMachine, { onProblem, onDefect }: KernelOptions) {
    this.#machine = machine;
    this.#listeners = new Listeners(onDefect);
    this.#onProblem = onProblem ?? (() => {});
    this.state = this.#mirror.state;
    this.#dumpAll();
    this.#mirror.takeChanges();
  }

  /** The kernel tells. */
  tell(message: KernelMessage): void {
    if (this.#isClosed) return;
    if (this.#lost === 'none') this.#queue.push(message);
    this.#schedule();
  }

  /** What is on its way, and what follows, is lost: until that is noticed at the next delivery, or for good. */
  lose(how: 'noticed' | 'unseen'): void {
    this.#queue = [];
    this.#lost = how;
    if (how === 'noticed') this.#schedule();
  }

  subscribe(listener: (changes: readonly KernelChange[]) => void): () => void {
    return this.#listeners.add(listener);
  }

  async settle(): Promise<void> {
    this.#deliver();
    return Promise.resolve();
  }

  async resync(): Promise<void> {
    this.#queue = [];
    this.#lost = 'none';
    if (!this.#isClosed) this.#dumpAll();
    this.#deliver();
    return Promise.resolve();
  }

  counters(linkIndex: number): LinkCounters | null {
    return this.#isClosed ? null : this.#machine.counters(linkIndex);
  }

  finalCounters(linkIndex: number): LinkCounters | null {
    return this.#machine.finalCounters(linkIndex);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#queue = [];
    this.#listeners.clear();
    return Promise.resolve();
  }

  async execute(operation: KernelOperation): Promise<OperationResult> {
    const result = this.#isClosed ? closed : this.#carryOut(operation);
    return Promise.resolve(result);
  }

  #carryOut(operation: KernelOperation): OperationResult {
    this.#takeIn();
    const { type } = operation;
    switch (type) {
      case 'route.replace':
        return this.#replaceRoute(operation);
      case 'route.delete': {
        const { route } = operation;
        const answer = routeDeletion(this.#mirror.routesInPlaceOf(route), route);
        return answer ?? resultOfErrno(type, this.#machine.removeRoute(route));
      }
      case 'rule.add':
        return resultOfErrno(type, this.#machine.addRule(ruleOf(operation.rule)));
      case 'rule.delete': {
        const answer = ruleDeletion(this.state.rules.values(), operation.rule);
        return answer ?? resultOfErrno(type, this.#machine.removeRule(operation.rule));
      }
      case 'address.add': {
        const { linkIndex, address, prefixLength, metric } = operation.address;
        return resultOfErrno(type, this.#machine.addAddress(linkIndex, `${address}/${prefixLength}`, {}, metric));
      }
      case 'address.delete': {
        const { linkIndex, address, prefixLength } = operation.address;
        return resultOfErrno(type, this.#machine.removeAddress(linkIndex, `${address}/${prefixLength}`));
      }
      case 'link.set':
        return resultOfErrno(type, this.#machine.changeLink(operation.change));
      case 'neighbour.resolve':
        return resultOfErrno(type, this.#machine.resolve(operation.neighbour.linkIndex, operation.neighbour.address));
      default:
        return operation satisfies never;
    }
  }

  /** As the drivers do it: a route of someone else is never replaced. */
  #replaceRoute({ type, route }: RouteReplace): OperationResult {
    const inPlace = this.#mirror.routesInPlaceOf(route);
    const placement = routePlacement(inPlace, route);
    if (typeof placement === 'object') return placement.answer;
    const result = resultOfErrno(type, this.#machine.addRoute([routeOf(route)], placement));
    const isThere = !result.ok && result.retry === 'retryable' && stands(inPlace, route);
    return isThere && result.code === 'kernel.refused' ? { ...result, retry: 'satisfied' } : result;
  }

  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    queueMicrotask(() => {
      this.#deliver();
    });
  }

  #deliver(): void {
    this.#isScheduled = false;
    this.#takeIn();
    this.#listeners.notify(this.#mirror.takeChanges());
  }

  #takeIn(): void {
    if (this.#lost === 'noticed') {
      this.#lost = 'none';
      this.#onProblem({ code: 'netlink.overflow', message: 'The kernel dropped notifications' });
      this.#dumpAll();
    }
    for (const message of this.#queue.splice(0)) this.#mirror.apply(message);
    const doubts = this.#mirror.takeDoubts();
    if (doubts.length === 0) return;
    for (const dump of this.#machine.dumps()) {
      if (dump.object === 'route' && doubts.includes(dump.family)) this.#mirror.replaceAll(dump);
    }
  }

  #dumpAll(): void {
    for (const dump of this.#machine.dumps()) this.#mirror.replaceAll(dump);
  }
}
