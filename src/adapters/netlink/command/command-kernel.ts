import { setTimeout as wait } from 'node:timers/promises';
import type { KernelOperation } from '../../../effects/ports.ts';
import type { Problem } from '../../../model/errors.ts';
import { families, type PerFamily, perFamily } from '../../../model/family.ts';
import type { KernelChange, KernelState, LinkCounters } from '../../../model/kernel.ts';
import type { OperationResult } from '../../../model/network.ts';
import type { Kernel, KernelOptions, OpenResult } from '../driver.ts';
import { Listeners } from '../listeners.ts';
import { KernelMirror } from '../mirror.ts';
import { carryOut } from './changes.ts';
import { IpBatch } from './ip-batch.ts';
import { allKinds, Dumper, type DumpKind } from './ip-dumps.ts';
import { IpMonitor, type MonitoredKind } from './ip-monitor.ts';
import { readCounters } from './proc-net-dev.ts';

export interface CommandKernelOptions extends KernelOptions {
  /** The program; `ip`, found on the PATH, when not said. */
  readonly program?: string;
}

/** What to read when something of this kind is told: what the kernel changes along with it in silence, too. */
const affected: Readonly<Record<MonitoredKind, readonly DumpKind[]>> = {
  link: allKinds,
  address: ['address', 'route'],
  route: ['route'],
  rule: ['rule'],
  neighbour: ['neighbour'],
  nextHop: ['route'],
  unknown: allKinds,
};

const restartDelays = [0, 100, 500, 2000, 5000] as const;
/** A monitor that lived this long is no longer said to end again and again. */
const steadyAfter = 10_000;

const delayOf = (attempt: number): number => restartDelays[Math.min(attempt, restartDelays.length - 1)] ?? 0;

/**
 * The kernel by the `ip` command of iproute2 (5.16 or later), without native code: `ip monitor` as a bell, JSON dumps as
 * the truth, and a batch for changes.
 *
 * Why dumps, when the monitor prints each change: its text does not say whether a route replaced another, looks different
 * from version to version, and says nothing where the kernel says nothing. A dump is complete. From persistent
 * `ip -json -batch -` processes, one for each family, it takes 0.2–0.4 ms. Its price: two changes within the same
 * millisecond are seen as one, and the cost grows with the tables.
 *
 * INVARIANTS. One reading at a time; what is told while it runs is read after it. One operation at a time, in the order
 * of the calls. The state never goes back: each reading begins after the one before has been taken in.
 */
class CommandKernel implements Kernel {
  readonly driver = 'command';
  readonly state: KernelState;
  readonly #mirror = new KernelMirror();
  readonly #listeners: Listeners;
  readonly #onProblem: (problem: Problem) => void;
  readonly #program: string;
  readonly #readers: PerFamily<Dumper>;
  readonly #writers: PerFamily<IpBatch>;
  readonly #wanted = new Set<DumpKind>();
  readonly #closing = new AbortController();
  #monitor: IpMonitor | undefined;
  #launcher: readonly string[] = ['setpriv', '--pdeathsig', 'KILL', '--'];
  #reading: Promise<Problem | null> = Promise.resolve(null);
  #nextReading: Promise<Problem | null> | undefined;
  #lastOperation: Promise<unknown> = Promise.resolve();

  constructor({ program = 'ip', onProblem, onDefect }: CommandKernelOptions) {
    this.#program = program;
    this.#listeners = new Listeners(onDefect);
    this.#onProblem = onProblem ?? (() => {});
    const dumping = ['-json', '-details', '-Numeric'];
    this.#readers = perFamily((family) => new Dumper(family, new IpBatch(family, dumping, program)));
    this.#writers = perFamily((family) => new IpBatch(family, [], program));
    this.state = this.#mirror.state;
  }

  async start(): Promise<Problem | null> {
    await this.#startMonitor();
    const problem = await this.#readOnce(allKinds);
    this.#mirror.takeChanges();
    return problem;
  }

  subscribe(listener: (changes: readonly KernelChange[]) => void): () => void {
    return this.#listeners.add(listener);
  }

  async execute(operation: KernelOperation): Promise<OperationResult> {
    const result = this.#lastOperation.then(async () => this.#execute(operation));
    this.#lastOperation = result;
    return result;
  }

  async settle(): Promise<void> {
    await this.#read(allKinds);
  }

  async resync(): Promise<void> {
    await this.#read(allKinds);
  }

  counters(linkIndex: number): LinkCounters | null {
    const name = this.#isClosed ? undefined : this.state.links.get(linkIndex)?.name;
    return name === undefined ? null : readCounters(name);
  }

  /** `ip monitor` does not say. */
  finalCounters(): null {
    return null;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#listeners.clear();
    const batches = families.flatMap((family) => [this.#readers[family], this.#writers[family]]);
    await Promise.all([this.#monitor?.close(), ...batches.map(async (batch) => batch.close())]);
    await this.#reading;
  }

  get #isClosed(): boolean {
    return this.#closing.signal.aborted;
  }

  async #execute(operation: KernelOperation): Promise<OperationResult> {
    if (this.#isClosed) {
      const message = 'the connection to the kernel is closed';
      return { ok: false, retry: 'permanent', code: 'kernel.vanished', message };
    }
    const [object] = operation.type.split('.');
    const kind: DumpKind = object === 'rule' ? 'rule' : 'route';
    return carryOut(operation, {
      batch: this.#writers[familyOf(operation)],
      program: this.#program,
      mirror: this.#mirror,
      refresh: async () => this.#read([kind]),
    });
  }

  /** Resolves when what the kernel had at the time of the call has been taken in. */
  async #read(kinds: readonly DumpKind[]): Promise<void> {
    for (const kind of kinds) this.#wanted.add(kind);
    this.#nextReading ??= this.#reading.then(async () => {
      this.#nextReading = undefined;
      const wanted = [...this.#wanted];
      this.#wanted.clear();
      this.#reading = this.#readUntilDone(wanted);
      return this.#reading;
    });
    await this.#nextReading;
  }

  async #readUntilDone(kinds: readonly DumpKind[]): Promise<null> {
    for (let attempt = 0; !this.#isClosed; attempt += 1) {
      // What came to nothing may leave the links older than the rest: all is read anew.
      const problem = await this.#readOnce(attempt === 0 ? kinds : allKinds);
      this.#listeners.notify(this.#isClosed ? [] : this.#mirror.takeChanges());
      if (problem === null || this.#isClosed) break;
      this.#onProblem(problem);
      await this.#pause(delayOf(attempt + 1));
    }
    return null;
  }

  async #readOnce(kinds: readonly DumpKind[]): Promise<Problem | null> {
    const wanted = new Set(kinds);
    const [ipv4, ipv6] = await Promise.all([this.#readers.ipv4.dump(wanted), this.#readers.ipv6.dump(wanted)]);
    if (!ipv4.ok) return this.#unreadable(ipv4);
    if (!ipv6.ok) return this.#unreadable(ipv6);
    this.#mirror.replaceAll({ object: 'link', values: ipv4.links });
    for (const one of [...ipv4.dumps, ...ipv6.dumps]) this.#mirror.replaceAll(one);
    // A complete dump leaves none; those of the other kinds are read when the monitor tells of them.
    this.#mirror.takeDoubts();
    return null;
  }

  #unreadable({ isMissing, message }: { readonly isMissing: boolean; readonly message: string }): Problem {
    if (!isMissing) return { code: 'kernel.unreadable', message: `The kernel cannot be read by \`ip\`: ${message}` };
    const remedy = 'install iproute2';
    return {
      code: 'tool.missing',
      message: `The program \`${this.#program}\` was not found on the PATH, or may not be run`,
      remedy,
    };
  }

  async #startMonitor(attempt = 0): Promise<void> {
    if (this.#isClosed) return;
    const startedAt = performance.now();
    let hasEnded = false;
    const monitor = new IpMonitor(this.#program, this.#launcher, {
      changed: (kinds) => {
        void this.#read([...kinds].flatMap((kind) => affected[kind]));
      },
      overflowed: () => {
        this.#onProblem({
          code: 'netlink.overflow',
          message:
            'The kernel dropped notifications: more came at once than the socket holds; everything was read anew',
        });
        void this.#read(allKinds);
      },
      ended: ({ isMissing, message }) => {
        if (hasEnded || this.#isClosed) return;
        hasEnded = true;
        // Without setpriv the monitor may outlive this process until the next notification. Without `ip` there is no
        // reading either, and that says it.
        if (isMissing) this.#launcher = [];
        else this.#onProblem({ code: 'tool.failed', message: `${message}; it is started again` });
        const isSteady = performance.now() - startedAt > steadyAfter;
        void this.#restartMonitor(isSteady ? 0 : attempt);
      },
    });
    this.#monitor = monitor;
    await monitor.listening();
  }

  /** What happened while nobody listened is found by reading everything. */
  async #restartMonitor(attempt: number): Promise<void> {
    await this.#pause(delayOf(attempt));
    await this.#startMonitor(attempt + 1);
    if (!this.#isClosed) await this.#read(allKinds);
  }

  async #pause(delay: number): Promise<void> {
    try {
      await wait(delay, undefined, { signal: this.#closing.signal });
    } catch {
      // Closed meanwhile: there is nothing left to wait for.
    }
  }
}

const familyOf = (operation: KernelOperation): 'ipv4' | 'ipv6' => {
  if ('route' in operation) return operation.route.family;
  if ('address' in operation) return operation.address.family;
  if ('rule' in operation) return operation.rule.family;
  return 'neighbour' in operation ? operation.neighbour.family : 'ipv4';
};

/** Opens the kernel by the `ip` command: state complete, notifications on their way. */
export async function openCommandKernel(options: CommandKernelOptions): Promise<OpenResult> {
  const kernel = new CommandKernel(options);
  const problem = await kernel.start();
  if (problem === null) return { ok: true, kernel };
  await kernel.close();
  return { ok: false, problem };
}
