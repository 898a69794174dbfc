import { readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';
import { Daemon, sourceCommand, type DaemonHome } from '../../../lab/daemon.ts';
import { createLab, type Lab, type LabOptions } from '../../../lab/lab.ts';
import { compareSnapshots, snapshotNetwork } from '../../../lab/network-snapshot.ts';
import { Service } from '../../../lab/process.ts';
import { routerAddresses, type UplinkPlan } from '../../../lab/topology.ts';
import type { InterfaceStatus, Status } from '../../../src/model/status.ts';

/** Hold-downs and damping shortened, so that a test of something else need not wait them out. */
export const quick = `
[probe]
interval = "500ms"
timeout = "1s"
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
`;

/** Three uplinks, all with both families. */
const plans: readonly UplinkPlan[] = [
  { name: 'eth0', number: 101, metric: 100, hasIpv6: true },
  { name: 'wlan0', number: 102, metric: 200, hasIpv6: true },
  { name: 'wwan0', number: 103, metric: 300, hasIpv6: true },
];

/** A line of the daemon's log. */
export interface LogEntry {
  readonly level: number | string;
  readonly msg: string;
  readonly component?: string;
  readonly operation?: string;
  readonly emission?: { readonly type: string; readonly switch?: { readonly from: string; readonly to: string } };
}

/** What a command wrote, and how it ended. */
export interface CommandResult {
  readonly code: number | null;
  readonly output: string;
}

export interface DaemonSetup {
  /** What stands before the daemon's own command: a program that takes something away from it. */
  readonly wrapper?: readonly string[];
  /** `enter`: by `nsenter --net`, with a /sys that shows another machine's devices. */
  readonly how?: 'exec' | 'enter';
  readonly home?: string;
}

/** A node that somebody else has set up by plain `ip` commands, and the real daemon on it. */
export class Site implements AsyncDisposable {
  readonly lab: Lab;
  readonly #daemons: Daemon[] = [];
  #before: readonly string[] = [];

  private constructor(lab: Lab) {
    this.lab = lab;
  }

  /** `addressed`: whether the uplinks have static addresses and defaults in main, of both families. */
  static async create({ addressed = true, ...options }: LabOptions & { addressed?: boolean } = {}): Promise<Site> {
    const lab = await createLab({ uplinks: plans, dhcp: 'none', ...options });
    const site = new Site(lab);
    // The hop that a packet dies at tells which way it went: every one shall answer.
    const unlimited = ['net.ipv4.icmp_ratelimit=0', 'net.ipv6.icmp.ratelimit=0'];
    await Promise.all(lab.uplinks.map(async ({ routerNamespace }) => routerNamespace.sysctl(...unlimited)));
    if (addressed) for (const { plan } of lab.uplinks) await site.address(plan);
    return site;
  }

  get node(): Lab['node'] {
    return this.lab.node;
  }

  /** The daemon that was started last. */
  get daemon(): Daemon {
    const daemon = this.#daemons.at(-1);
    if (daemon === undefined) throw new Error('no daemon was started');
    return daemon;
  }

  /** Static addresses, and a default by each router, as an administrator writes them. */
  async address({ name, number, metric, hasIpv6 }: UplinkPlan): Promise<void> {
    const { lan, lan6 } = routerAddresses(number);
    const six = [`address add 2001:db8:${number}::2/64 dev ${name} nodad`, `route add ::/0 via ${lan6} dev ${name}`];
    await this.node.ip(
      `address add ${nodeAddress(number)}/24 dev ${name}`,
      `route add default via ${lan} dev ${name} metric ${metric}`,
      ...(hasIpv6 ? [six[0] ?? '', `${six[1]} metric ${metric}`] : []),
    );
  }

  /** Prepares a daemon without starting it, and takes down how the network is before it. */
  async prepare(toml: string, { wrapper = [], how = 'exec', home }: DaemonSetup = {}): Promise<Daemon> {
    const directory = home ?? (await mkdtemp(join(this.lab.directory, 'daemon-')));
    const config = join(directory, 'config.toml');
    writeFileSync(config, toml);
    this.#before = await snapshotNetwork(this.node);
    const place: DaemonHome = { directory, node: how === 'exec' ? this.node : this.#entered() };
    const daemon = new Daemon(place, { config, command: [...wrapper, ...sourceCommand()] });
    this.#daemons.push(daemon);
    return daemon;
  }

  #entered(): DaemonHome['node'] {
    const into = `--net=/run/netns/${this.node.name}`;
    return { spawn: (file, args, options) => new Service('nsenter', [into, file, ...(args ?? [])], options) };
  }

  /** Starts a daemon; resolves when it answers. */
  async begin(toml: string = quick, setup: DaemonSetup = {}): Promise<Status> {
    await this.prepare(toml, setup);
    this.daemon.launch();
    return this.until(() => true, 'the daemon answers', 15_000);
  }

  /** Starts a daemon; resolves when it answers and every usable uplink has a verdict. */
  async start(toml: string = quick, setup: DaemonSetup = {}): Promise<Status> {
    await this.begin(toml, setup);
    return this.until(isSettled, 'every uplink has a verdict');
  }

  /** Resolves with the first status that meets the condition; tells the last log lines when none does. */
  async until(condition: (status: Status) => boolean, what: string, timeoutMs = 10_000): Promise<Status> {
    try {
      return await this.daemon.until(condition, what, timeoutMs);
    } catch (error) {
      const log = this.log()
        .slice(-25)
        .map(({ msg }) => msg);
      const status = await this.daemon.status().catch(() => null);
      throw new Error(`${String(error)}\n${log.join('\n')}\n${JSON.stringify(status)}`, { cause: error });
    }
  }

  async untilActive(name: string, timeoutMs = 10_000): Promise<Status> {
    const isIt = ({ active }: Status) => active.ipv4?.iface === name;
    return this.until(isIt, `${name} is the active uplink`, timeoutMs);
  }

  /** Resolves when the network is as desired. */
  async untilDone(): Promise<void> {
    const deadline = performance.now() + 5000;
    for (let left = await this.daemon.plan(); left.length > 0; left = await this.daemon.plan()) {
      if (performance.now() > deadline) throw new Error(`still to be done: ${JSON.stringify(left)}`);
    }
  }

  /** Pins an uplink and waits until it is in use. */
  async pin(name: string | null): Promise<void> {
    await this.daemon.pin(name);
    if (name === null) return;
    await this.untilActive(name);
    await this.untilDone();
  }

  log(): readonly LogEntry[] {
    const text = readFileSync(this.daemon.logFile, 'utf8');
    return text.split('\n').flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as LogEntry] : []));
  }

  /** The switches since the start, as `from → to`. */
  switches(): readonly string[] {
    return this.log().flatMap(({ emission }) =>
      emission?.switch === undefined ? [] : [`${emission.switch.from} → ${emission.switch.to}`],
    );
  }

  /** Runs `backhauld COMMAND …` on the node, for the daemon that was started last. */
  async backhauld(...args: readonly string[]): Promise<CommandResult> {
    const socket = this.daemon.socket;
    const home = join(socket, '..');
    const own = ['--config', join(home, 'config.toml'), '--socket', socket, '--state-dir', join(home, 'state')];
    const [file = '', ...rest] = sourceCommand();
    const [command = '', ...operands] = args;
    const service = this.node.spawn(file, [...rest, command, ...own, ...operands]);
    const code = await service.ended;
    return { code, output: service.lastLines };
  }

  /** Rules and routes with backhauld's mark. */
  async own(): Promise<readonly string[]> {
    const shown = await Promise.all(
      ['-4', '-6'].flatMap((family) => [
        this.node.exec('ip', [family, 'rule', 'show']),
        this.node.exec('ip', [family, 'route', 'show', 'table', 'all']),
      ]),
    );
    const lines = shown.flatMap((text) => text.split('\n')).filter((line) => /proto(?:col)? 144\b/u.test(line));
    // What the kernel says of a carrier is no part of the route.
    return lines.map((line) => line.replaceAll(/ (?:dead|linkdown)/gu, '').trim()).toSorted();
  }

  /** What is different from before the daemon was started, but for its own rules and routes. */
  async changes(): Promise<readonly string[]> {
    const { missing, additional } = compareSnapshots(this.#before, await snapshotNetwork(this.node));
    return [...missing.map((line) => `- ${line}`), ...additional.map((line) => `+ ${line}`)];
  }

  /** Ends the daemon, and tells whether it gave the network back as it was found. */
  async stop(): Promise<{ readonly code: number | null; readonly changes: readonly string[] }> {
    const code = await this.daemon.stop();
    return { code, changes: await this.changes() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#daemons.map(async (daemon) => daemon.stop(3000)));
    await this.lab.close();
  }
}

/** What `stop` resolves to when it went as it should. */
export const givenBack = { code: 0, changes: [] } as const;

export const nodeAddress = (number: number): string => `192.168.${number}.2`;
export const nodeAddress6 = (number: number): string => `2001:db8:${number}::2`;

export const interfaceOf = (status: Status, name: string): InterfaceStatus | undefined =>
  status.interfaces.find((one) => one.name === name);

export const problemCodes = ({ problems }: Status): readonly string[] => problems.map(({ code }) => code).toSorted();

/** Every usable uplink has a verdict, and there is one. */
export const isSettled = ({ interfaces }: Status): boolean =>
  interfaces.some(({ usable }) => usable.ipv4 || usable.ipv6) &&
  interfaces.every(
    ({ usable, verdict }) =>
      (!usable.ipv4 || verdict.ipv4 !== 'unknown') && (!usable.ipv6 || verdict.ipv6 !== 'unknown'),
  );
