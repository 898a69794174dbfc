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
import type { Problem } from '../../../src/model/errors.ts';
import type { KernelChange, KernelState } from '../../../src/model/kernel.ts';
import type { OperationResult } from '../../../src/model/network.ts';
import type { KernelOperation } from '../../../src/effects/ports.ts';
import type { Kernel, KernelDriver } from '../../../src/adapters/netlink/driver.ts';
import { routeDeletion, routePlacement, ruleDeletion, stands } from '../../../src/adapters/netlink/guards.ts';
import { Listeners } from '../../../src/adapters/netlink/listeners.ts';
import { type KernelMessage, KernelMirror } from '../../../src/adapters/netlink/mirror.ts';
import { type Errno, resultOfErrno } from './errno.ts';
import { type FakeClock, FakeMachine } from './fake-machine.ts';
import { putRoute, routeOf, ruleOf } from './operations.ts';

export interface FakeKernelOptions {
  readonly clock?: FakeClock;
  readonly onProblem?: (problem: Problem) => void;
  readonly onDefect?: (error: unknown) => void;
}

type OperationKind = KernelOperation['type'];
type RouteReplace = Extract<KernelOperation, { type: 'route.replace' }>;
type Fault = { readonly type: OperationKind; readonly effect: Errno | 'answerLost' | (() => void) };

const closed: OperationResult = { ok: false, retry: 'permanent', code: 'kernel.vanished', message: 'closed' };
const unanswered: OperationResult = { ok: false, retry: 'retryable', code: 'kernel.busy', message: 'no answer' };

/** Messages reach it while the machine is being made, before its own fields are. */
interface Inbox {
  take: (message: KernelMessage) => void;
}

export class FakeKernel extends FakeMachine implements Kernel {
  readonly driver: KernelDriver = 'ffi';
  readonly state: KernelState;
  /** Operations in the order in which they were asked for, those that failed included. */
  readonly executed: KernelOperation[] = [];
  readonly #mirror = new KernelMirror();
  readonly #listeners: Listeners;
  readonly #onProblem: (problem: Problem) => void;
  #queue: KernelMessage[] = [];
  #isScheduled = false;
  #faults: Fault[] = [];
  #lost: 'none' | 'noticed' | 'unseen' = 'none';
  #isClosed = false;

  constructor({ clock, onProblem, onDefect }: FakeKernelOptions = {}) {
    const inbox: Inbox = { take: () => {} };
    super(clock, (message) => {
      inbox.take(message);
    });
    this.#listeners = new Listeners(onDefect);
    this.#onProblem = onProblem ?? (() => {});
    this.state = this.#mirror.state;
    this.#dumpAll();
    this.#mirror.takeChanges();
    inbox.take = (message) => {
      if (this.#lost === 'none') this.#queue.push(message);
      this.#schedule();
    };
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
    this.#dumpAll();
    this.#deliver();
    return Promise.resolve();
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#listeners.clear();
    return Promise.resolve();
  }

  async execute(operation: KernelOperation): Promise<OperationResult> {
    if (this.#isClosed) return closed;
    this.executed.push(operation);
    const fault = this.#faults.find(({ type }) => type === operation.type);
    this.#faults = this.#faults.filter((other) => other !== fault);
    const effect = fault?.effect;
    if (typeof effect === 'function') effect();
    const isRefused = typeof effect === 'string' && effect !== 'answerLost';
    const result = isRefused ? resultOfErrno(operation.type, effect) : this.#carryOut(operation);
    await Promise.resolve();
    return effect === 'answerLost' ? unanswered : result;
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
    this.#schedule();
  }

  loseNotifications(): void {
    this.#lost = 'unseen';
  }

  /** The truth in the form of `state`: equal to it once settled, unless notifications are lost. */
  truth(): KernelState {
    const mirror = new KernelMirror();
    for (const dump of this.dumps()) mirror.replaceAll(dump);
    return mirror.state;
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
        return answer ?? resultOfErrno(type, this.network.fib.delete(route));
      }
      case 'rule.add':
        return resultOfErrno(type, this.network.addRule(ruleOf(operation.rule)));
      case 'rule.delete': {
        const answer = ruleDeletion(this.state.rules.values(), operation.rule);
        return answer ?? resultOfErrno(type, this.network.removeRule(operation.rule));
      }
      case 'neighbour.resolve':
        return resultOfErrno(type, this.resolve(operation.neighbour.linkIndex, operation.neighbour.address));
      default:
        return operation satisfies never;
    }
  }

  /** As the drivers do it: a route of someone else is never replaced. */
  #replaceRoute({ type, route }: RouteReplace): OperationResult {
    const inPlace = this.#mirror.routesInPlaceOf(route);
    const placement = routePlacement(inPlace, route);
    if (typeof placement === 'object') return placement.answer;
    const result = resultOfErrno(type, putRoute(this.network, this.context(), [routeOf(route)], placement));
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
    for (const dump of this.dumps()) {
      if (dump.object === 'route' && doubts.includes(dump.family)) this.#mirror.replaceAll(dump);
    }
  }

  #dumpAll(): void {
    for (const dump of this.dumps()) this.#mirror.replaceAll(dump);
  }
}
