import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { childEnvironment, isProgramMissing } from './child-environment.ts';

/** What a line of `ip monitor` is about. */
export type MonitoredKind = 'link' | 'address' | 'route' | 'rule' | 'neighbour' | 'nextHop' | 'unknown';

export interface MonitorEvents {
  /** Something of these kinds changed; called once for all lines that came together. */
  readonly changed: (kinds: ReadonlySet<MonitoredKind>) => void;
  /** The kernel dropped notifications. */
  readonly overflowed: () => void;
  readonly ended: (reason: { readonly isMissing: boolean; readonly message: string }) => void;
}

const kinds: Readonly<Record<string, MonitoredKind>> = {
  LINK: 'link',
  ADDR: 'address',
  ROUTE: 'route',
  RULE: 'rule',
  NEIGH: 'neighbour',
  NEXTHOP: 'nextHop',
};

/** The kind of a line: `label` writes it first, whatever the rest looks like in this version of `ip`. */
export const kindOf = (line: string): MonitoredKind => kinds[/^\[([A-Z]+)\]/u.exec(line)?.[1] ?? ''] ?? 'unknown';

/**
 * `ip monitor` as a bell: its lines say that something changed and of which kind, and nothing more is read from them.
 * Their text leaves out whether a route replaced another, and changes from version to version.
 *
 * It ends with this process: by the parent-death signal where setpriv(1) can set it, and without that at the next
 * notification, which finds its pipe broken.
 */
export class IpMonitor {
  readonly #child: ChildProcess;
  #rest = '';
  #pending = new Set<MonitoredKind>();

  constructor(program: string, launcher: readonly string[], events: MonitorEvents) {
    const objects = ['link', 'address', 'route', 'rule', 'neigh', 'nexthop'];
    const [command = program, ...rest] = [...launcher, program, '-o', 'monitor', 'label', ...objects];
    const child = spawn(command, rest, { stdio: ['ignore', 'pipe', 'pipe'], env: childEnvironment() });
    this.#child = child;
    let errors = '';
    child.stdout.setEncoding('latin1').on('data', (text: string) => {
      this.#takeLines(text);
      if (this.#pending.size === 0) return;
      const changed = this.#pending;
      this.#pending = new Set();
      events.changed(changed);
    });
    child.stderr.setEncoding('latin1').on('data', (text: string) => {
      errors = (errors + text).slice(-1000);
      if (text.includes('No buffer space')) events.overflowed();
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      events.ended({ isMissing: isProgramMissing(error), message: error.message });
    });
    child.on('close', (code, signal) => {
      const message = `\`ip monitor\` ended (${signal ?? code}): ${errors.trim()}`;
      // setpriv starts and does not find `ip`.
      events.ended({ isMissing: code === 127, message });
    });
  }

  /**
   * Resolves when the kernel knows the monitor as a listener: what changes from then on will be told. `ip` says nothing
   * by which to know it; the kernel lists its listeners in /proc/thread-self/net/netlink. After half a second it is believed to listen.
   */
  async listening(): Promise<void> {
    for (let attempt = 0; attempt < 250 && this.#child.exitCode === null; attempt += 1) {
      if (this.#child.pid === undefined || isListening(this.#child.pid)) return;
      await wait(2);
    }
  }

  async close(): Promise<void> {
    const child = this.#child;
    if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    child.kill('SIGKILL');
    await closed;
  }

  #takeLines(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) this.#pending.add(kindOf(line));
  }
}

function isListening(pid: number): boolean {
  try {
    return readFileSync('/proc/thread-self/net/netlink', 'latin1')
      .split('\n')
      .some((line) => {
        const [, protocol, port, groups] = line.trim().split(/\s+/u);
        return protocol === '0' && port === String(pid) && groups !== '00000000';
      });
  } catch {
    return false;
  }
}
