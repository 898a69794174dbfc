import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Namespace } from '../../../lab/namespace.ts';
import type { Service } from '../../../lab/process.ts';
import type { Status } from '../../../src/model/status.ts';
import { quick, Site } from './site.ts';

export const bridge = 'br-hs';

/** A hotspot on a bridge: where a radio would be. */
export const onBridge = `${quick.replace('[dns]', '[recorder]\nenabled = false\n[dns]')}
[hotspot]
enabled = true
interface = "${bridge}"
startAfter = "1s"
stopAfter = "2s"
`;

const hook = fileURLToPath(new URL('../../../lab/dhcp-hook.sh', import.meta.url));
const program = fileURLToPath(new URL('hotspot-client.ts', import.meta.url));

/** A device that is plugged to the bridge, as it would join by radio. */
export class Client {
  readonly namespace: Namespace;
  readonly #dhcp: Service;
  #hasLeft = false;

  private constructor(namespace: Namespace, dhcp: Service) {
    this.namespace = namespace;
    this.#dhcp = dhcp;
  }

  /** Resolves when it has a lease. */
  static async join(site: Site, name: string): Promise<Client> {
    const namespace = await Namespace.create(`${site.node.name}-${name}`);
    await namespace.sysctl(
      'net.ipv6.conf.default.accept_dad=0',
      'net.ipv6.conf.default.router_solicitation_delay=0',
      'net.ipv6.conf.default.router_solicitation_interval=1',
    );
    await site.node.ip(`link add ${name} type veth peer name eth0 netns ${namespace.name}`);
    await site.node.ip(`link set ${name} master ${bridge} up`);
    await site.node.exec('ethtool', ['-K', name, 'tx', 'off']);
    await namespace.exec('ethtool', ['-K', 'eth0', 'tx', 'off']);
    await namespace.ip('link set eth0 up');
    const dhcp = namespace.spawn('udhcpc', ['-f', '-i', 'eth0', '-s', hook, '-t', '20', '-T', '1', '-A', '1', '-R'], {
      env: { METRIC: '10' },
    });
    await dhcp.line((line) => line.startsWith('dhcp bound'));
    return new Client(namespace, dhcp);
  }

  /** Its addresses of global scope. */
  async addresses(): Promise<readonly string[]> {
    const shown = await this.namespace.exec('ip', ['-o', 'address', 'show', 'dev', 'eth0', 'scope', 'global']);
    return [...shown.matchAll(/inet6? (\S+)/gu)].map(([, address = '']) => address);
  }

  /** Its address of a family; waits for it. */
  async address(family: 'ipv4' | 'ipv6'): Promise<string> {
    const deadline = performance.now() + 10_000;
    for (;;) {
      const found = (await this.addresses()).find((one) => one.includes(':') === (family === 'ipv6'));
      if (found !== undefined) return found.split('/')[0] ?? '';
      if (performance.now() > deadline) throw new Error(`no ${family} address`);
    }
  }

  async does(...words: readonly string[]): Promise<unknown> {
    return JSON.parse(await this.namespace.exec(process.execPath, [program, ...words])) as unknown;
  }

  async routes(): Promise<string> {
    return this.namespace.exec('ip', ['-6', 'route', 'show', 'default']);
  }

  /** Idempotent. */
  async leave(): Promise<void> {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    await this.#dhcp.end();
    await this.namespace.close();
  }
}

/** A node with a bridge in the place of a radio, and the daemon on it. */
export class HotspotSite implements AsyncDisposable {
  readonly site: Site;
  readonly #clients: Client[] = [];

  private constructor(site: Site) {
    this.site = site;
  }

  static async create(): Promise<HotspotSite> {
    const site = await Site.create();
    await site.node.ip(`link add ${bridge} type bridge`, `link set ${bridge} up`);
    return new HotspotSite(site);
  }

  async join(name: string): Promise<Client> {
    const client = await Client.join(this.site, name);
    this.#clients.push(client);
    return client;
  }

  async untilState(
    state: Status['hotspot'] extends infer H ? (H extends { state: infer S } ? S : never) : never,
    timeoutMs = 10_000,
  ): Promise<Status> {
    return this.site.until(({ hotspot }) => hotspot?.state === state, `the hotspot is ${state}`, timeoutMs);
  }

  /** Resolves when nothing of a hotspot is left, or tells what is. */
  async leftovers(): Promise<readonly string[]> {
    const { node, daemon } = this.site;
    const tables = await node.exec('nft', ['list', 'tables']);
    const addresses = await node.exec('ip', ['-o', 'address', 'show', 'dev', bridge, 'scope', 'global']);
    const files = join(daemon.socket, '..', 'hotspot');
    return [
      ...tables.split('\n').filter((line) => line.includes('backhauld_hotspot')),
      ...addresses.split('\n').filter((line) => line !== ''),
      ...(existsSync(files) ? [files] : []),
      ...(await this.services()).map(({ command }) => command),
      ...(await this.forwarding()),
    ];
  }

  /** The services that run on the node. */
  async services(): Promise<readonly { readonly pid: number; readonly command: string }[]> {
    const pids = await this.site.node.exec('ip', ['netns', 'pids', this.site.node.name]);
    return pids.split('\n').flatMap((word) => {
      const pid = Number(word);
      const command = pid > 0 ? commandOf(pid) : '';
      return /^(?:dnsmasq|hostapd)\b/u.test(command) ? [{ pid, command }] : [];
    });
  }

  /** Interfaces that forward. */
  async forwarding(): Promise<readonly string[]> {
    const shown = await this.site.node.exec('sysctl', [
      '-a',
      '--pattern',
      String.raw`^net\.ipv[46]\.conf\..*\.forwarding`,
    ]);
    return shown.split('\n').filter((line) => line.endsWith('= 1'));
  }

  async ruleset(): Promise<string> {
    return new Promise((resolve) => {
      const words = ['netns', 'exec', this.site.node.name, 'nft', 'list', 'table', 'inet', 'backhauld_hotspot'];
      execFile('ip', words, (_error, stdout) => resolve(stdout));
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#clients.map(async (client) => client.leave()));
    await this.site[Symbol.asyncDispose]();
  }
}

function commandOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    return '';
  }
}
