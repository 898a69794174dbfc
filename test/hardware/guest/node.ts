import { existsSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Daemon } from '../../../lab/daemon.ts';
import { compareSnapshots, snapshotNetwork } from '../../../lab/network-snapshot.ts';
import { run, Service } from '../../../lab/process.ts';
import type { Status } from '../../../src/model/status.ts';
import { options, workFolder } from './machine.ts';

/** Asking costs the emulated processor tens of milliseconds. */
const pauseMs = 200;

/** Hold-downs shortened, one probe a second: a test of something else need not wait them out. */
export const quick = `
[probe]
interval = "1s"
timeout = "1s"
targets = ["tcp://1.1.1.1:53", "tcp://8.8.8.8:53"]
[selection]
switchAfter = "0s"
damping = { halfLife = "1s" }
[lifecycle]
upToDegraded = "500ms"
degradedToDown = "500ms"
downToProbing = "500ms"
probingToUp = "200ms"
minStateDuration = "0s"
[dns]
mode = "none"
# A veth has no driver that tells what it is.
[[uplink]]
match = "cable*"
type = "ethernet"
dns = ["1.1.1.1"]
[[uplink]]
match = "spare*"
type = "wifi"
[[uplink]]
match = "wlan0"
dns = ["1.1.1.1"]
`;

/** What a daemon may leave behind, as sorted lines. */
export interface Surroundings {
  readonly network: readonly string[];
  readonly firewall: string;
  readonly programs: readonly string[];
  readonly files: readonly string[];
}

/** The guest itself as the node, and the real daemon on it. */
export class GuestNode implements AsyncDisposable {
  readonly daemon: Daemon;
  readonly #directory: string;
  readonly #config: string;
  #before: Surroundings | undefined;

  constructor(toml: string) {
    this.#directory = join(workFolder, 'node');
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    this.#config = join(this.#directory, 'config.toml');
    writeFileSync(this.#config, toml, { mode: 0o600 });
    this.daemon = new Daemon(
      { directory: this.#directory, node: { spawn: (file, args, how) => new Service(file, args ?? [], how) } },
      { command: [process.execPath, options.daemon], config: this.#config },
    );
  }

  /** Resolves when it answers. */
  async start(): Promise<Status> {
    this.#before ??= await surroundings();
    this.daemon.launch();
    return this.until(() => true, 'the daemon answers', 30_000);
  }

  /** Resolves with the first status that meets the condition. */
  async until(condition: (status: Status) => boolean, what: string, timeoutMs = 20_000): Promise<Status> {
    const began = performance.now();
    for (;;) {
      const status = await this.daemon.status().catch(() => null);
      if (status !== null && condition(status)) return status;
      if (!this.daemon.isRunning) throw new Error(`${what}: the daemon has ended\n${this.daemon.lastLines}`);
      if (performance.now() - began > timeoutMs) {
        const told = [...this.messages().slice(-25), JSON.stringify(status?.hotspot), JSON.stringify(status?.problems)];
        throw new Error([`${what}: not within ${timeoutMs / 1000} s`, ...told].join('\n'));
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  }

  async untilActive(name: string | null, timeoutMs = 20_000): Promise<number> {
    const began = performance.now();
    const isIt = ({ active }: Status): boolean => (active.ipv4?.iface ?? null) === name;
    await this.until(isIt, `${name ?? 'nothing'} is the active uplink`, timeoutMs);
    return Math.round(performance.now() - began);
  }

  async untilReachable(uplink: string, timeoutMs = 20_000): Promise<Status> {
    const isIt = ({ interfaces }: Status): boolean =>
      interfaces.some(({ name, reachable }) => name === uplink && reachable.ipv4);
    return this.until(isIt, `${uplink} is reachable`, timeoutMs);
  }

  /** Runs `backhauld COMMAND …` against the daemon; rejects when it ends with another code than 0. */
  async command(...words: readonly string[]): Promise<string> {
    return run(process.execPath, [options.daemon, ...words, '--socket', this.daemon.socket]);
  }

  /** Ends the daemon. Resolves with its exit code and what is not as it was before it. */
  async stop(): Promise<{ readonly code: number | null; readonly left: readonly string[] }> {
    const code = await this.daemon.stop(10_000);
    return { code, left: await this.leftovers() };
  }

  /** What is not as it was before the daemon was started. */
  async leftovers(): Promise<readonly string[]> {
    if (this.#before === undefined) throw new Error('no daemon was started');
    return differences(this.#before, await surroundings());
  }

  /** What its log says, in words: `17:03:21.250 …`. */
  messages(): readonly string[] {
    const lines = readFileSync(this.daemon.logFile, 'utf8').trim().split('\n');
    return lines.map((line) => {
      if (!line.startsWith('{')) return line;
      const { time, msg } = JSON.parse(line) as { readonly time: string; readonly msg: string };
      return `${time.slice(11, 23)} ${msg}`;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.daemon.stop(10_000);
    console.log(['── what the daemon said', ...this.messages()].join('\n'));
  }
}

/** What is there, of all that a daemon may leave behind. */
export async function surroundings(): Promise<Surroundings> {
  return {
    network: await snapshotNetwork({ exec: async (file, args) => run(file, args ?? []) }),
    // Without what its counters have counted.
    firewall: await run('nft', ['--stateless', 'list', 'ruleset']),
    programs: programsOf(/hostapd|dnsmasq|udhcpc|tc$|^ip$/u),
    files: ['/run/backhauld', '/run/hostapd'].flatMap((folder) =>
      existsSync(folder) ? readdirSync(folder).map((name) => join(folder, name)) : [],
    ),
  };
}

/** What has come and what has gone, a line each. */
export function differences(before: Surroundings, after: Surroundings): readonly string[] {
  const { missing, additional } = compareSnapshots(before.network, after.network);
  return [
    ...missing.map((line) => `- ${line}`),
    ...additional.map((line) => `+ ${line}`),
    ...(before.firewall === after.firewall ? [] : [`ruleset: ${after.firewall}`]),
    ...after.programs.filter((program) => !before.programs.includes(program)).map((program) => `+ ${program}`),
    ...after.files.filter((file) => !before.files.includes(file)).map((file) => `+ ${file}`),
  ];
}

/** `PID COMMAND…` of each running program of the node whose name is one of these; not of machines in other namespaces. */
export function programsOf(name: RegExp): readonly string[] {
  const own = readlinkSync('/proc/self/ns/net');
  return readdirSync('/proc').flatMap((pid) => {
    if (!/^\d+$/u.test(pid)) return [];
    try {
      if (readlinkSync(`/proc/${pid}/ns/net`) !== own) return [];
      const called = readFileSync(`/proc/${pid}/comm`, 'utf8').trim();
      if (!name.test(called)) return [];
      return [`${pid} ${readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim()}`];
    } catch {
      // It has ended meanwhile.
      return [];
    }
  });
}
