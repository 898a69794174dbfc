import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asyncScheduler } from 'rxjs';
import { Namespace } from '../../../lab/namespace.ts';
import type { Service } from '../../../lab/process.ts';
import { openShapingJournal } from '../../../src/adapters/shaping/shaping.journal.ts';
import { createShapingTarget } from '../../../src/adapters/shaping/tc.ts';
import { ShapingFollower, type ShapingReport } from '../../../src/effects/shaping/shaping-follower.ts';
import { defaultConfig, type HotspotQosConfig, type RelayQosConfig } from '../../../src/model/config.ts';
import type { NetworkIntent, UplinkIntent } from '../../../src/model/network.ts';
import { kilobitsPerSecond } from '../../../src/model/units.ts';
import { enterOwnNetwork } from '../own-network.ts';
import type { Arrived } from './traffic.ts';

const agent = new URL('traffic.ts', import.meta.url).pathname;

export const clientAddress = { ipv4: '192.168.50.100', ipv6: 'fd00:50::100' } as const;
/** Where the internet is reached, by uplink. */
export const internetAddress = { wan0: '10.0.0.1', wan1: '10.0.1.1' } as const;
export const internetAddress6 = { wan0: 'fd00:0::1', wan1: 'fd00:1::1' } as const;
type Wan = 'wan0' | 'wan1';

/** A client behind `ap0`, and the internet behind `wan0` and `wan1`. The node between them is the namespace of this thread. */
export class ShapingBed implements AsyncDisposable {
  readonly client: Namespace;
  readonly internet: Namespace;
  readonly #directory: string;
  readonly #followers: ShapingFollower[] = [];

  private constructor(client: Namespace, internet: Namespace, directory: string) {
    this.client = client;
    this.internet = internet;
    this.#directory = directory;
  }

  static async create(name: string): Promise<ShapingBed> {
    enterOwnNetwork();
    const client = await Namespace.create(`${name}-client`);
    const internet = await Namespace.create(`${name}-internet`);
    const quiet = ['net.ipv6.conf.all.accept_dad=0', 'net.ipv6.conf.default.accept_dad=0'];
    await Promise.all([client.sysctl(...quiet), internet.sysctl(...quiet)]);
    ip(`link add ap0 type veth peer name eth0 netns ${client.name}`);
    ip(`link add wan0 type veth peer name wan0 netns ${internet.name}`);
    ip(`link add wan1 type veth peer name wan1 netns ${internet.name}`);
    for (const link of ['ap0', 'wan0', 'wan1']) ip(`link set ${link} up`);
    for (const key of ['net.ipv4.ip_forward', 'net.ipv6.conf.all.forwarding']) {
      execFileSync('sysctl', ['-qw', `${key}=1`]);
    }
    ip('address add 192.168.50.1/24 dev ap0');
    ip('address add fd00:50::1/64 dev ap0 nodad');
    for (const number of [0, 1]) {
      ip(`address add 10.0.${number}.2/24 dev wan${number}`);
      ip(`address add fd00:${number}::2/64 dev wan${number} nodad`);
    }
    await client.ip(
      'link set eth0 up',
      `address add ${clientAddress.ipv4}/24 dev eth0`,
      `address add ${clientAddress.ipv6}/64 dev eth0 nodad`,
      'route add default via 192.168.50.1',
      'route add ::/0 via fd00:50::1',
    );
    await internet.ip(
      ...[0, 1].flatMap((number) => [
        `link set wan${number} up`,
        `address add 10.0.${number}.1/24 dev wan${number}`,
        `address add fd00:${number}::1/64 dev wan${number} nodad`,
      ]),
      'route add 192.168.50.0/24 via 10.0.0.2',
      'route add fd00:50::/64 via fd00:0::2',
    );
    return new ShapingBed(client, internet, await mkdtemp(join(tmpdir(), 'backhauld-shaping-')));
  }

  /** A follower with 10 Mbit/s for the hotspot and for the relay, and a rate of 512 kbit/s for uplinks that are slowed down. */
  follow({
    isExecuting = true,
    ceiling = kilobitsPerSecond(10_000),
  } = {}): ShapingFollower & { readonly told: readonly ShapingReport[] } {
    const { journal } = openShapingJournal(this.#directory);
    const hotspot: HotspotQosConfig = { ...defaultConfig.hotspot.qos, maxBandwidth: ceiling };
    const relay: RelayQosConfig = { ...defaultConfig.relayQos, relayMax: ceiling };
    const follower = new ShapingFollower({
      target: createShapingTarget(),
      journal,
      settings: { hotspot, relay, throttleRateOf: () => kilobitsPerSecond(512) },
      execute: isExecuting,
      scheduler: asyncScheduler,
    });
    const told: ShapingReport[] = [];
    follower.reports.subscribe((report) => told.push(report));
    this.#followers.push(follower);
    return Object.assign(follower, { told });
  }

  /** Starts what counts what arrives at these ports. */
  async receiver(at: Namespace, ...ports: readonly number[]): Promise<Receiver> {
    const service = at.spawn(process.execPath, [agent, 'receive', ...ports.map(String)]);
    await service.line((line) => line === 'ready');
    return new Receiver(service);
  }

  /** Sends UDP to a port until it is ended. `from` null: the node itself. */
  async sender(from: Namespace | null, to: string, stream: Stream): Promise<Service> {
    const args = [agent, 'send', to, stream.port, stream.sourcePort, stream.kbit, stream.size].map(String);
    const { Service: Process } = await import('../../../lab/process.ts');
    const service = from === null ? new Process(process.execPath, args) : from.spawn(process.execPath, args);
    await service.line((line) => line === 'sending');
    return service;
  }

  /** Counts packets by DSCP that arrive at a namespace, on the wire of an interface. */
  async countMarks(at: Namespace, name: string): Promise<() => Promise<Readonly<Record<string, number>>>> {
    const rules = ['ip', 'ip6'].flatMap((family) =>
      [46, 34, 10].map((dscp) => `add rule netdev marks in ${family} dscp ${dscp} counter comment "${family} ${dscp}"`),
    );
    await at.nft(
      'add table netdev marks',
      'delete table netdev marks',
      'add table netdev marks',
      `add chain netdev marks in { type filter hook ingress device ${name} priority 0 ; }`,
      ...rules,
    );
    return async () => {
      const listed = await at.exec('nft', ['list', 'table', 'netdev', 'marks']);
      const found = listed.matchAll(/counter packets (?<packets>\d+) .*comment "(?<what>[^"]+)"/gu);
      return Object.fromEntries([...found].map(({ groups }) => [groups?.['what'] ?? '', Number(groups?.['packets'])]));
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#followers.map(async (follower) => follower.stop()));
    await Promise.all([this.client.close(), this.internet.close()]);
    await rm(this.#directory, { recursive: true, force: true });
  }
}

export interface Stream {
  readonly port: number;
  readonly sourcePort: number;
  readonly kbit: number;
  /** Of the payload, in bytes. */
  readonly size: number;
}

export class Receiver {
  readonly #service: Service;

  constructor(service: Service) {
    this.#service = service;
  }

  /** What arrives at each port from now on, until so many packets have come to one of them. */
  async count(port: number, packets: number): Promise<Readonly<Record<number, Arrived>>> {
    const line = this.#service.line((one) => one.startsWith('{'));
    this.#service.write(`${port} ${packets}\n`);
    return JSON.parse(await line) as Readonly<Record<number, Arrived>>;
  }

  async end(): Promise<void> {
    await this.#service.end();
  }
}

export const ip = (command: string): void => void execFileSync('ip', command.split(' '));
export const show = (command: string): string => {
  const [file = '', ...args] = command.split(' ');
  return execFileSync(file, args, { encoding: 'utf8' });
};

/** The intent of a node whose uplinks are `wan0` and `wan1`, the first of `order` being active. */
export function intentOf(order: readonly Wan[], throttled: readonly Wan[] = []): NetworkIntent {
  const links = new Map(
    (JSON.parse(show('ip -j link')) as { ifname: string; ifindex: number }[]).map((one) => [one.ifname, one.ifindex]),
  );
  const indexOf = (name: Wan): number => links.get(name) ?? 0;
  const uplink = (name: Wan): UplinkIntent => ({ index: indexOf(name), name, paths: { ipv4: null, ipv6: null } });
  const ranked = order.map((name) => ({ index: indexOf(name), isReachable: true }));
  return {
    uplinks: [uplink('wan0'), uplink('wan1')],
    ranking: { ipv4: ranked, ipv6: ranked },
    throttled: throttled.map(indexOf),
  };
}
