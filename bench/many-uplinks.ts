import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Namespace } from '../lab/namespace.ts';
import type { Service } from '../lab/process.ts';
import { farHost, targets } from '../lab/topology.ts';
import type { Result } from './results.ts';

const file = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

interface BusyStatus {
  readonly interfaces: readonly { readonly name: string; readonly mtu: number; readonly verdict: string }[];
  readonly active: string | null;
}

interface BusyReport {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
  readonly cpuMs: number;
  readonly downs: number;
  readonly problems: Readonly<Record<string, number>>;
}

/** A node with many uplinks, each a cable to one hub that is the internet too. */
async function build(count: number): Promise<{ readonly node: Namespace; readonly hub: Namespace }> {
  const [node, hub] = [await Namespace.create('busy-node'), await Namespace.create('busy-hub')];
  for (const namespace of [node, hub]) {
    await namespace.sysctl('net.ipv6.conf.default.disable_ipv6=1', 'net.ipv4.conf.all.rp_filter=0');
    await namespace.sysctl('net.ipv4.conf.default.rp_filter=0');
  }
  const numbers = Array.from({ length: count }, (_, number) => number);
  await node.ip(...numbers.map((number) => `link add eth${number} type veth peer name hub${number} netns ${hub.name}`));
  await hub.ip(
    ...[...targets, farHost.ipv4, farHost.ipv6].map(
      (address) => `address add ${address}/${address.includes(':') ? 128 : 32} dev lo`,
    ),
    ...numbers.flatMap((number) => [`address add 10.1.${number}.1/24 dev hub${number}`, `link set hub${number} up`]),
  );
  await node.ip(
    ...numbers.flatMap((number) => [`address add 10.1.${number}.2/24 dev eth${number}`, `link set eth${number} up`]),
    ...numbers.map((number) => `route add default via 10.1.${number}.1 dev eth${number} metric ${number + 100}`),
  );
  const services = hub.spawn(process.execPath, [file('../lab/internet-services.ts')]);
  await services.line((line) => line === 'ready');
  return { node, hub };
}

async function ask<T>(service: Service, what: 'status' | 'report'): Promise<T> {
  const line = service.line((text) => text.startsWith('{'), 30_000);
  service.write(`${what}\n`);
  return JSON.parse(await line) as T;
}

async function untilHealthy(daemon: Service, count: number): Promise<void> {
  const deadline = performance.now() + 60_000;
  for (;;) {
    const { interfaces, active } = await ask<BusyStatus>(daemon, 'status');
    const healthy = interfaces.filter(({ verdict }) => verdict === 'healthy').length;
    if (healthy === count && active !== null) return;
    if (performance.now() > deadline) throw new Error(`${healthy} of ${count} uplinks are healthy after 60 s`);
    await wait(500);
  }
}

interface Load {
  readonly events: number;
  readonly pulls: number;
  /** What the MTU of each interface was set to last. */
  readonly mtus: ReadonlyMap<string, number>;
}

/** A thousand link changes a second, ten at a time; and twice a second a cable is pulled, half a second after put back. */
async function makeEvents(node: Namespace, hub: Namespace, count: number, seconds: number): Promise<Load> {
  const changes = node.spawn('ip', ['-batch', '-']);
  const cables = hub.spawn('ip', ['-batch', '-']);
  const mtus = new Map<string, number>();
  const began = performance.now();
  let pulls = 0;
  let events = 0;
  let pulled: number | null = null;
  while (performance.now() - began < seconds * 1000) {
    const due = Math.floor(performance.now() - began) - events;
    const lines: string[] = [];
    for (let number = events; number < events + due; number += 1) {
      const name = `eth${number % count}`;
      const mtu = 1400 + (Math.floor(number / count) % 100);
      mtus.set(name, mtu);
      lines.push(`link set ${name} mtu ${mtu}\n`);
    }
    changes.write(lines.join(''));
    events += Math.max(0, due);
    if (
      performance.now() - began > (pulls + (pulled === null ? 0 : 0.5)) * 500 &&
      performance.now() - began < (seconds - 2) * 1000
    ) {
      if (pulled === null) {
        // Never the one that is active.
        pulled = 1 + (pulls % (count - 1));
        cables.write(`link set hub${pulled} down\n`);
        pulls += 1;
      } else {
        cables.write(`link set hub${pulled} up\n`);
        pulled = null;
      }
    }
    await wait(10);
  }
  if (pulled !== null) cables.write(`link set hub${pulled} up\n`);
  await Promise.all([changes.end(), cables.end()]);
  return { events, pulls, mtus };
}

/** What the daemon makes of a thousand events a second, and whether it misses one. */
export async function manyUplinks(count: number, seconds: number): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'backhauld-bench-'));
  const { node, hub } = await build(count);
  try {
    const daemon = node.spawn(process.execPath, [file('busy-node.ts'), directory]);
    await daemon.line((line) => line === 'ready', 60_000);
    await untilHealthy(daemon, count);
    await wait(3000);
    daemon.write('begin\n');
    await wait(seconds * 500);
    const idle = await ask<BusyReport>(daemon, 'report');
    daemon.write('begin\n');
    const load = await makeEvents(node, hub, count, seconds);
    const busy = await ask<BusyReport>(daemon, 'report');
    await wait(1000);
    const { interfaces } = await ask<BusyStatus>(daemon, 'status');
    const wrong = interfaces.filter(({ name, mtu }) => mtu !== load.mtus.get(name)).length;
    const { downs } = await ask<BusyReport>(daemon, 'report');
    await daemon.end(20_000);
    const lost = wrong + Math.abs(load.pulls - downs);
    const problems = Object.entries(busy.problems).map(([code, times]) => `${code} ${times} times`);
    return {
      cell: 'many',
      contender: `backhauld, ${count} uplinks`,
      note: [`${load.events} events, ${load.pulls} cables pulled`, ...problems].join(', '),
      series: [
        { what: 'lost', unit: 'lost', values: [lost] },
        { what: 'loop delay p99 ms', unit: 'ms', values: [busy.p99Ms] },
        { what: 'longest ms', unit: 'ms', values: [busy.maxMs] },
        { what: 'an event CPU ms', unit: 'ms', values: [(busy.cpuMs - 2 * idle.cpuMs) / load.events] },
      ],
    };
  } finally {
    await Promise.all([node.close(), hub.close()]);
    await rm(directory, { recursive: true, force: true });
  }
}
