import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { callControl } from '../src/adapters/control/client.ts';
import type { HotspotMode } from '../src/model/hotspot.ts';
import type { Operation } from '../src/model/network.ts';
import type { Status } from '../src/model/status.ts';
import type { Namespace } from './namespace.ts';
import type { Service } from './process.ts';

const projectFile = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Where a daemon lives: a lab, or any namespace and a directory for its files. */
export interface DaemonHome {
  readonly node: Pick<Namespace, 'spawn'>;
  readonly directory: string;
}

export interface DaemonOptions {
  /** The program and what stands before `run`; the sources, run by this Node, where nothing is said. */
  readonly command?: readonly string[];
  /** lab/node.toml where nothing is said. */
  readonly config?: string;
  /** The control socket; in the home's directory where nothing is said. */
  readonly socket?: string;
}

/** The sources as a command; the environment's BACKHAULD names another build of it (`bin/backhauld.js`). */
export const sourceCommand = (): readonly string[] => [
  process.execPath,
  process.env['BACKHAULD'] ?? projectFile('src/commands/cli.ts'),
];

/** The real daemon. It may be killed and started again: socket and state stay where they are. */
export class Daemon {
  readonly #home: DaemonHome;
  readonly #arguments: readonly string[];
  readonly #socket: string;
  readonly #log: string;
  #logFile: WriteStream | undefined;
  #service: Service | undefined;

  constructor(home: DaemonHome, options: DaemonOptions = {}) {
    const { command = sourceCommand(), config = projectFile('lab/node.toml') } = options;
    this.#home = home;
    this.#socket = options.socket ?? join(home.directory, 'control.sock');
    this.#log = join(home.directory, 'daemon.log');
    const state = join(home.directory, 'state');
    this.#arguments = [...command, 'run', '--config', config, '--socket', this.#socket, '--state-dir', state];
  }

  get socket(): string {
    return this.#socket;
  }

  get isRunning(): boolean {
    return this.#service?.isRunning ?? false;
  }

  get pid(): number {
    return this.#service?.pid ?? 0;
  }

  get logFile(): string {
    return this.#log;
  }

  /** What it said last, on stdout and stderr. */
  get lastLines(): string {
    return this.#service?.lastLines ?? '';
  }

  /** Starts it without waiting. */
  launch(): void {
    const [file = '', ...args] = this.#arguments;
    const log = (this.#logFile ??= createWriteStream(this.#log, { flags: 'a', mode: 0o600 }));
    this.#service = this.#home.node.spawn(file, args, { onLine: (line) => void log.write(`${line}\n`) });
  }

  /** Resolves when `status` answers, which is when it is ready. */
  async start(timeoutMs = 15_000): Promise<Status> {
    this.launch();
    return this.until(() => true, 'the daemon is ready', timeoutMs);
  }

  async status(): Promise<Status> {
    return (await callControl(this.#socket, { method: 'GET', path: '/status' })) as Status;
  }

  async plan(): Promise<readonly Operation[]> {
    return (await callControl(this.#socket, { method: 'GET', path: '/plan' })) as readonly Operation[];
  }

  async pin(name: string | null): Promise<void> {
    const call = name === null ? { method: 'DELETE' as const } : { method: 'PUT' as const, body: { name } };
    await callControl(this.#socket, { ...call, path: '/pin' });
  }

  async switchHotspot(mode: HotspotMode): Promise<void> {
    await callControl(this.#socket, { method: 'PUT', path: '/hotspot', body: { mode } });
  }

  /** Resolves with the first status that meets the condition; rejects when the daemon ends, or after `timeoutMs`. */
  async until(condition: (status: Status) => boolean, what: string, timeoutMs: number): Promise<Status> {
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      // Until it listens, and while it is stopped, nobody answers.
      const status = await this.status().catch(() => null);
      if (status !== null && condition(status)) return status;
      if (!this.isRunning) throw new Error(`${what}: the daemon has ended\n${this.lastLines}`);
      if (performance.now() > deadline) throw new Error(`${what}: not within ${timeoutMs / 1000} s`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }

  signal(name: NodeJS.Signals): void {
    this.#service?.signal(name);
  }

  /** Kills it by SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.#service?.ended;
  }

  /** Ends it politely and resolves with its exit code; null when it had to be killed. */
  async stop(graceMs = 5000): Promise<number | null> {
    const code = (await this.#service?.end(graceMs)) ?? null;
    this.#logFile?.end();
    this.#logFile = undefined;
    return code;
  }
}
