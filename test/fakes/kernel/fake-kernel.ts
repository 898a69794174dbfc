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
 *   const next = kernel.another({ onProblem });               // as after a restart: the same network, told anew
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
import type { Kernel, KernelDriver, KernelOptions } from '../../../src/adapters/netlink/driver.ts';
import { type KernelMessage, KernelMirror } from '../../../src/adapters/netlink/mirror.ts';
import { type Errno, resultOfErrno } from './errno.ts';
import { FakeConnection } from './fake-connection.ts';
import { type FakeClock, FakeMachine } from './fake-machine.ts';

export interface FakeKernelOptions extends KernelOptions {
  readonly clock?: FakeClock;
  readonly onProblem?: (problem: Problem) => void;
}

type OperationKind = KernelOperation['type'];
type Fault = { readonly type: OperationKind; readonly effect: Errno | 'answerLost' | (() => void) };

const unanswered: OperationResult = { ok: false, retry: 'retryable', code: 'kernel.busy', message: 'no answer' };

export class FakeKernel extends FakeMachine implements Kernel {
  readonly driver: KernelDriver = 'ffi';
  /** Operations in the order in which they were asked for, those that failed included. */
  readonly executed: KernelOperation[] = [];
  readonly #connections: FakeConnection[];
  readonly #connection: FakeConnection;
  #faults: Fault[] = [];

  constructor({ clock, ...options }: FakeKernelOptions = {}) {
    const connections: FakeConnection[] = [];
    super(clock, (message: KernelMessage) => {
      for (const connection of connections) connection.tell(message);
    });
    this.#connection = new FakeConnection(this, options);
    this.#connections = connections;
    connections.push(this.#connection);
  }

  get state(): KernelState {
    return this.#connection.state;
  }

  /** Opens the same kernel once more. Faults are only met by what is done through the first. */
  another(options: KernelOptions = {}): Kernel {
    const connection = new FakeConnection(this, options);
    this.#connections.push(connection);
    return connection;
  }

  subscribe(listener: (changes: readonly KernelChange[]) => void): () => void {
    return this.#connection.subscribe(listener);
  }

  async settle(): Promise<void> {
    return this.#connection.settle();
  }

  async resync(): Promise<void> {
    return this.#connection.resync();
  }

  async close(): Promise<void> {
    return this.#connection.close();
  }

  async execute(operation: KernelOperation): Promise<OperationResult> {
    this.executed.push(operation);
    const fault = this.#faults.find(({ type }) => type === operation.type);
    this.#faults = this.#faults.filter((other) => other !== fault);
    const effect = fault?.effect;
    if (typeof effect === 'function') effect();
    if (typeof effect === 'string' && effect !== 'answerLost') return resultOfErrno(operation.type, effect);
    const result = await this.#connection.execute(operation);
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
    this.#connection.lose('noticed');
  }

  loseNotifications(): void {
    this.#connection.lose('unseen');
  }

  /** The truth in the form of `state`: equal to it once settled, unless notifications are lost. */
  truth(): KernelState {
    const mirror = new KernelMirror();
    for (const dump of this.dumps()) mirror.replaceAll(dump);
    return mirror.state;
  }
}
