import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Namespace } from '../../../lab/namespace.ts';
import type { Service } from '../../../lab/process.ts';
import type { AgentCommand, Count, ProbeCommand, ProbeReport } from './agent.ts';

/** The address that is probed; whoever stands at the far end of an uplink has it. */
export const targets = { ipv4: '192.0.2.1', ipv6: '2001:db8:ffff::1' } as const;

interface Uplink {
  readonly name: string;
  readonly index: number;
  readonly number: number;
}

/** The uplink that unbound traffic takes, and the one that is measured. */
const uplinks = { active: { name: 'eth0', index: 11, number: 1 }, measured: { name: 'wlan0', index: 12, number: 2 } };

const files = new URL('.', import.meta.url).pathname;

/** What came from and went to the node at one far end, at the IP level. */
export interface Traffic {
  readonly packets: number;
  readonly bytes: number;
}

/** A node with two uplinks. Both lead to somebody who answers on the target's address. */
export class Testbed implements AsyncDisposable {
  readonly node: Namespace;
  readonly #ends: Readonly<Record<keyof typeof uplinks, Namespace>>;
  readonly #agent: Service;
  readonly #directory: string;

  private constructor(
    node: Namespace,
    ends: Readonly<Record<keyof typeof uplinks, Namespace>>,
    agent: Service,
    directory: string,
  ) {
    this.node = node;
    this.#ends = ends;
    this.#agent = agent;
    this.#directory = directory;
  }

  static async create(prefix: string): Promise<Testbed> {
    const directory = await mkdtemp(join(tmpdir(), 'backhaul-probes-'));
    const node = await Namespace.create(`${prefix}-node`);
    await node.exec('openssl', [
      'req',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-subj',
      '/CN=another.example',
      '-keyout',
      join(directory, 'key'),
      '-out',
      join(directory, 'request'),
    ]);
    // One that expired yesterday: to it, our clock is wrong.
    await node.exec('openssl', [
      'x509',
      '-req',
      '-days',
      '-1',
      '-in',
      join(directory, 'request'),
      '-signkey',
      join(directory, 'key'),
      '-out',
      join(directory, 'certificate'),
    ]);
    const [active, measured] = await Promise.all([
      createEnd(`${prefix}-active`, node, uplinks.active, directory),
      createEnd(`${prefix}-measured`, node, uplinks.measured, directory),
    ]);
    const agent = node.spawn(process.execPath, [join(files, 'agent.ts')]);
    await agent.line((line) => line === 'ready');
    return new Testbed(node, { active, measured }, agent, directory);
  }

  async #ask<Answer>(command: AgentCommand): Promise<Answer> {
    const answer = this.#agent.line((line) => line.startsWith('{'), 60_000);
    this.#agent.write(`${JSON.stringify(command)}\n`);
    return JSON.parse(await answer) as Answer;
  }

  /** Probes through the measured uplink. */
  async probes(target: string, options: Partial<Omit<ProbeCommand, 'do' | 'target'>> = {}): Promise<ProbeReport> {
    const { index, name, number } = uplinks.measured;
    const source =
      options.servers?.[0]?.includes(':') === true || target.includes('[')
        ? `2001:db8:${number}::2`
        : `10.1.${number}.2`;
    return this.#ask({ do: 'probe', mode: 'device', index, name, source, timeoutMs: 3000, ...options, target });
  }

  async probe(target: string, options: Partial<Omit<ProbeCommand, 'do' | 'target'>> = {}) {
    const { outcomes } = await this.probes(target, options);
    return outcomes[0];
  }

  async count(): Promise<Count> {
    return this.#ask({ do: 'count' });
  }

  /** What the far end of an uplink saw since the last call. */
  async traffic(end: keyof typeof uplinks): Promise<Traffic> {
    const listed = await this.#ends[end].exec('nft', ['-j', 'reset', 'counters']);
    const { nftables } = JSON.parse(listed) as { readonly nftables: readonly { readonly counter?: Traffic }[] };
    return nftables.reduce(
      ({ packets, bytes }, { counter }) => ({
        packets: packets + (counter?.packets ?? 0),
        bytes: bytes + (counter?.bytes ?? 0),
      }),
      { packets: 0, bytes: 0 },
    );
  }

  /** Installs the rules that send what has an uplink's address to that uplink's table. */
  async routeBySource(): Promise<void> {
    for (const { number } of Object.values(uplinks)) {
      const table = String(100 + number);
      await this.node.exec('ip', ['rule', 'add', 'from', `10.1.${number}.2`, 'lookup', table]);
      await this.node.exec('ip', ['-6', 'rule', 'add', 'from', `2001:db8:${number}::2`, 'lookup', table]);
    }
  }

  /** Whether the far end of the measured uplink hears nothing that is sent to the target. */
  async blackhole(isOn: boolean): Promise<void> {
    await this.#ends.measured.nft(
      'flush chain inet probes blackhole',
      ...(isOn ? [`add rule inet probes blackhole ip daddr ${targets.ipv4} drop`] : []),
      ...(isOn ? [`add rule inet probes blackhole ip6 daddr ${targets.ipv6} drop`] : []),
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.node, ...Object.values(this.#ends)].map((namespace) => namespace.close()));
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** Counts what the node sends to the target and gets from it, and gives some ports manners of their own. */
const peerRules = `table inet probes {
  counter seen { }
  chain from_node { type filter hook prerouting priority -300;
    ip daddr ${targets.ipv4} counter name seen
    ip6 daddr ${targets.ipv6} counter name seen
  }
  chain to_node { type filter hook postrouting priority 300;
    ip saddr ${targets.ipv4} counter name seen
    ip6 saddr ${targets.ipv6} counter name seen
  }
  chain blackhole { type filter hook input priority -10; }
  chain manners { type filter hook input priority 0;
    tcp dport 55 reject with icmpx port-unreachable
    tcp dport 57 reject with icmpx host-unreachable
    tcp dport 56 tcp flags & (syn | ack) == syn numgen inc mod 2 0 drop
  }
}`;

async function createEnd(name: string, node: Namespace, uplink: Uplink, directory: string): Promise<Namespace> {
  const end = await Namespace.create(name);
  const { number, index } = uplink;
  const table = 100 + number;
  for (const namespace of [node, end]) await namespace.sysctl('net.ipv6.conf.default.accept_dad=0');
  await node.ip(`link add ${uplink.name} index ${index} type veth peer name lan netns ${end.name}`);
  await end.ip(
    `address add 10.1.${number}.1/24 dev lan`,
    `address add 2001:db8:${number}::1/64 dev lan nodad`,
    `address add ${targets.ipv4}/32 dev lo`,
    `address add ${targets.ipv6}/128 dev lo nodad`,
    'link set lan up',
  );
  await node.ip(
    `address add 10.1.${number}.2/24 dev ${uplink.name}`,
    `address add 2001:db8:${number}::2/64 dev ${uplink.name} nodad`,
    `link set ${uplink.name} up`,
    `route add default via 10.1.${number}.1 dev ${uplink.name} metric ${number}`,
    `route add default via 2001:db8:${number}::1 dev ${uplink.name} metric ${number}`,
    `route add default via 10.1.${number}.1 dev ${uplink.name} table ${table}`,
    `route add default via 2001:db8:${number}::1 dev ${uplink.name} table ${table}`,
  );
  await end.nft(peerRules);
  // Each of its answers is awaited, however close they follow each other.
  await end.sysctl('net.ipv4.icmp_ratelimit=0', 'net.ipv6.icmp.ratelimit=0');
  const peer = end.spawn(process.execPath, [
    join(files, 'peer.ts'),
    join(directory, 'key'),
    join(directory, 'certificate'),
    ...Object.values(targets),
  ]);
  await peer.line((line) => line === 'ready');
  return end;
}
