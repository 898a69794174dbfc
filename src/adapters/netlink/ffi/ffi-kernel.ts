import type { KernelOperation } from '../../../effects/ports.ts';
import type { Problem } from '../../../model/errors.ts';
import type { KernelChange, KernelState, LinkCounters } from '../../../model/kernel.ts';
import type { OperationResult } from '../../../model/network.ts';
import { errnoName, errnos, type Libc } from '../../libc/libc.ts';
import type { Watcher } from '../../libc/watch.ts';
import { decodeCounters, encodeCountersRequest } from '../codec/counters.codec.ts';
import { decodeMessages } from '../codec/message.codec.ts';
import {
  allDumps,
  decodeDump,
  decodeKernelMessage,
  type DumpRequest,
  routeDump,
  routeTypes,
} from '../codec/route-netlink.codec.ts';
import type { Kernel, KernelOptions, OpenResult } from '../driver.ts';
import { FinalCounters } from '../final-counters.ts';
import { Listeners } from '../listeners.ts';
import { KernelMirror } from '../mirror.ts';
import { NetlinkSocket } from './netlink-socket.ts';
import { carryOut } from './operations.ts';
import { Requests } from './requests.ts';

/** Notifications read in one turn of the event loop: the rest waits for the next, so that timers are not starved. */
const turnLimit = 4096;
/** A dump may raise new doubts; a storm must not keep it going. */
const doubtRounds = 3;

/** The kernel over two netlink sockets of this process: one hears, the other asks. */
class FfiKernel implements Kernel {
  readonly driver = 'ffi';
  readonly state: KernelState;
  readonly #libc: Libc;
  readonly #events: NetlinkSocket;
  readonly #requestSocket: NetlinkSocket;
  readonly #requests: Requests;
  readonly #mirror = new KernelMirror();
  readonly #finalCounters = new FinalCounters();
  readonly #listeners: Listeners;
  readonly #onProblem: (problem: Problem) => void;
  #watcher: Watcher | undefined;
  #isLost = false;
  #isClosed = false;

  constructor(libc: Libc, events: NetlinkSocket, requestSocket: NetlinkSocket, options: KernelOptions) {
    this.#libc = libc;
    this.#events = events;
    this.#requestSocket = requestSocket;
    this.#requests = new Requests(requestSocket);
    this.#listeners = new Listeners(options.onDefect);
    this.#onProblem = options.onProblem ?? (() => {});
    this.state = this.#mirror.state;
  }

  /** Dumps everything, then follows; the problem, where it cannot. */
  start(): Problem | null {
    const problem = this.#dump(allDumps());
    if (problem !== null) return problem;
    this.#drain(Infinity);
    this.#mirror.takeChanges();
    this.#watcher = this.#libc.watch(this.#events.fd, { readable: true }, (status) => {
      this.#drain(turnLimit);
      if (status < 0) this.#watcher?.restart();
      this.#notify();
    });
    return null;
  }

  subscribe(listener: (changes: readonly KernelChange[]) => void): () => void {
    return this.#listeners.add(listener);
  }

  execute(operation: KernelOperation): Promise<OperationResult> {
    if (this.#isClosed) {
      const message = 'the connection to the kernel is closed';
      return Promise.resolve({ ok: false, retry: 'permanent', code: 'kernel.vanished', message });
    }
    this.#drain(Infinity);
    const result = carryOut(operation, this.#requests, this.#mirror, () => {
      this.#drain(Infinity);
    });
    this.#drain(Infinity);
    this.#notify();
    return Promise.resolve(result);
  }

  settle(): Promise<void> {
    if (!this.#isClosed) {
      this.#drain(Infinity);
      this.#notify();
    }
    return Promise.resolve();
  }

  resync(): Promise<void> {
    if (!this.#isClosed) {
      this.#drain(Infinity);
      this.#dumpAll();
      this.#drain(Infinity);
      this.#notify();
    }
    return Promise.resolve();
  }

  counters(linkIndex: number): LinkCounters | null {
    if (this.#isClosed) return null;
    const request = encodeCountersRequest(linkIndex);
    return this.#requests.get(routeTypes.getStatistics, request, ({ payload }) => decodeCounters(payload)) ?? null;
  }

  finalCounters(linkIndex: number): LinkCounters | null {
    return this.#finalCounters.get(linkIndex);
  }

  close(): Promise<void> {
    if (!this.#isClosed) {
      this.#isClosed = true;
      this.#listeners.clear();
      this.#watcher?.close();
      this.#events.close();
      this.#requestSocket.close();
    }
    return Promise.resolve();
  }

  /** Takes in what lies ready, at most `limit` datagrams of it. */
  #drain(limit: number): void {
    if (!this.#read(limit)) return;
    // Only now: what lies ready is older than a dump, and what would correct it may be among what was lost.
    if (this.#isLost) {
      this.#isLost = false;
      this.#onProblem({
        code: 'netlink.overflow',
        message: 'The kernel dropped notifications: more came at once than the socket holds; everything was read anew',
      });
      this.#dumpAll();
    }
    for (let round = 0; round < doubtRounds; round++) {
      const doubts = this.#mirror.takeDoubts();
      if (doubts.length === 0) return;
      this.#report(this.#dump(doubts.map((family) => routeDump(family))));
    }
  }

  /** Whether all that lay ready was read. */
  #read(limit: number): boolean {
    for (let count = 0; count < limit; count++) {
      const reading = this.#events.read();
      if (reading === 'empty') return true;
      if (reading === 'lost') {
        this.#isLost = true;
        continue;
      }
      if (!(reading instanceof Uint8Array)) {
        const message = `Notifications of the kernel cannot be read: ${errnoName(reading.errno)}`;
        this.#onProblem({ code: 'kernel.unreadable', message });
        return true;
      }
      for (const message of decodeMessages(reading)) {
        const decoded = decodeKernelMessage(message);
        if (decoded !== null) this.#mirror.apply(decoded);
        this.#finalCounters.hear(message);
      }
    }
    return false;
  }

  #dumpAll(): void {
    this.#report(this.#dump(allDumps()));
  }

  #dump(dumps: readonly DumpRequest[]): Problem | null {
    let problem: Problem | null = null;
    for (const dump of dumps) {
      const answer = this.#requests.dump(dump.type, dump.payload, decodeKernelMessage);
      if ('values' in answer) this.#mirror.replaceAll(decodeDump(dump, answer.values));
      // A kernel without IPv6 has nothing of it.
      else if (answer.errno === errnos.EAFNOSUPPORT || answer.errno === errnos.EOPNOTSUPP) continue;
      else problem ??= dumpProblem(dump, answer.errno, answer.message);
    }
    return problem;
  }

  #report(problem: Problem | null): void {
    if (problem !== null) this.#onProblem(problem);
  }

  #notify(): void {
    this.#listeners.notify(this.#mirror.takeChanges());
  }
}

function dumpProblem({ object, family }: DumpRequest, errno: number, words: string | null): Problem {
  const what = `${family ?? 'all'} ${object}s`;
  const message = `The kernel's ${what} cannot be read: ${words ?? 'refused'} (${errnoName(errno)})`;
  if (errno === errnos.EPERM || errno === errnos.EACCES) return { code: 'privilege.missing', message };
  return { code: errno === errnos.EBUSY ? 'kernel.busy' : 'kernel.unreadable', message };
}

/** Opens the kernel by FFI: state complete, notifications on their way. */
export function openFfiKernel(libc: Libc, options: KernelOptions): OpenResult {
  const events = NetlinkSocket.open(libc, 'events');
  if (typeof events === 'number') return unopened(events);
  const requests = NetlinkSocket.open(libc, 'requests');
  if (typeof requests === 'number') {
    events.close();
    return unopened(requests);
  }
  const kernel = new FfiKernel(libc, events, requests, options);
  const problem = kernel.start();
  if (problem === null) return { ok: true, kernel };
  events.close();
  requests.close();
  return { ok: false, problem };
}

const unopened = (errno: number): OpenResult => ({
  ok: false,
  problem: {
    code: errno === errnos.EPERM || errno === errnos.EACCES ? 'privilege.missing' : 'kernel.unreadable',
    message: `No netlink socket can be opened: ${errnoName(errno)}`,
  },
});
