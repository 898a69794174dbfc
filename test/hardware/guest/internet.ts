import { join } from 'node:path';
import { Namespace } from '../../../lab/namespace.ts';
import { run, type Service } from '../../../lab/process.ts';
import { serveLeases } from './dhcp.ts';
import { workFolder } from './machine.ts';

/** Hosts in the internet. The first two are probed; the third is whom people talk to. */
export const hosts = { targets: ['1.1.1.1', '8.8.8.8'], far: '203.0.113.10' } as const;
/** The one name that the internet's name servers know. */
export const farName = 'far.example';

/**
 * All that is beyond the uplinks: a namespace with the hosts, which answer ping and DNS (UDP and TCP, port 53). It has
 * no way back to any private address but those of its links, so whoever is answered came through NAT.
 */
export class Internet implements AsyncDisposable {
  readonly namespace: Namespace;

  private constructor(namespace: Namespace) {
    this.namespace = namespace;
  }

  static async create(): Promise<Internet> {
    const namespace = await Namespace.create('internet');
    const addresses = [...hosts.targets, hosts.far];
    await namespace.ip(...addresses.map((address) => `address add ${address}/32 dev lo`));
    await namespace.sysctl('net.ipv4.ip_forward=1');
    const dnsmasq = namespace.spawn('dnsmasq', [
      '--keep-in-foreground',
      '--conf-file=/dev/null',
      '--user=root',
      '--no-resolv',
      '--no-hosts',
      `--pid-file=${join(workFolder, 'internet.pid')}`,
      '--log-facility=-',
      '--bind-interfaces',
      ...addresses.map((address) => `--listen-address=${address}`),
      `--address=/${farName}/${hosts.far}`,
    ]);
    await dnsmasq.line((line) => line.includes('started'));
    return new Internet(namespace);
  }

  /** A cable to the node: `name` there, `10.NUMBER.0.2/24` with a default by 10.NUMBER.0.1. */
  async connect(name: string, number: number, metric: number): Promise<Cable> {
    const far = `to-${name}`;
    await run('ip', ['link', 'add', name, 'type', 'veth', 'peer', 'name', far, 'netns', this.namespace.name]);
    await this.namespace.ip(`address add 10.${number}.0.1/24 dev ${far}`, `link set ${far} up`);
    await ip(
      `address add 10.${number}.0.2/24 dev ${name}`,
      `link set ${name} up`,
      `route add default via 10.${number}.0.1 dev ${name} metric ${metric}`,
    );
    return new Cable(this.namespace, far, name);
  }

  /**
   * Another machine between the node and the internet: a phone, a modem's provider. Whatever comes out of it bears its
   * own address.
   */
  async provider(name: string, number: number): Promise<Provider> {
    const namespace = await Namespace.create(name);
    await this.giveWayOut(namespace, number);
    return new Provider(namespace, `10.${number}.0`);
  }

  /** Makes a provider of a namespace: `wan` there leads here. */
  async giveWayOut(namespace: Namespace, number: number): Promise<void> {
    const far = `to-${namespace.name}`;
    const ends = ['link', 'add', 'wan', 'type', 'veth', 'peer', 'name', far, 'netns', this.namespace.name];
    await run('ip', ['-n', namespace.name, ...ends]);
    await this.namespace.ip(`address add 10.${number}.1.1/24 dev ${far}`, `link set ${far} up`);
    await namespace.ip(
      `address add 10.${number}.1.2/24 dev wan`,
      'link set wan up',
      `route add default via 10.${number}.1.1`,
    );
    await namespace.sysctl('net.ipv4.ip_forward=1');
    await namespace.nft(
      'add table ip provider',
      'add chain ip provider out { type nat hook postrouting priority 100; }',
      'add rule ip provider out oifname wan masquerade',
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.namespace.close();
  }
}

/** Shares its way out with whoever is on its link. */
export class Provider {
  readonly namespace: Namespace;
  /** First three bytes of what it serves; it has .1. */
  readonly network: string;
  #server: Service | undefined;

  constructor(namespace: Namespace, network: string) {
    this.namespace = namespace;
    this.network = network;
  }

  /** Takes a link of the node's, which is its end of the cable, and serves addresses on it. */
  async share(link: string, addresses: 'dhcp' | 'none' = 'dhcp'): Promise<void> {
    await run('ip', ['link', 'set', link, 'netns', this.namespace.name]);
    await this.namespace.ip(`address add ${this.network}.1/24 dev ${link}`, `link set ${link} up`);
    if (addresses === 'none') return;
    await this.#server?.end();
    this.#server = await serveLeases(this.namespace, link, this.network);
  }
}

/** A cable that can be pulled. Its routes stay: they are of no use without it. */
export class Cable {
  readonly #namespace: Namespace;
  readonly #far: string;
  readonly name: string;

  constructor(namespace: Namespace, far: string, name: string) {
    this.#namespace = namespace;
    this.#far = far;
    this.name = name;
  }

  async pull(): Promise<void> {
    await this.#namespace.ip(`link set ${this.#far} down`);
  }

  async plug(): Promise<void> {
    await this.#namespace.ip(`link set ${this.#far} up`);
  }
}

/** Carries out iproute2 commands on the node itself. */
export async function ip(...lines: readonly string[]): Promise<void> {
  await run('ip', ['-batch', '-'], `${lines.join('\n')}\n`);
}
