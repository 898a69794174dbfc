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

/** A thousand link changes a second, ten at a time. Resolves with how many it were. */
async function changeLinks(node: Namespace, count: number, seconds: number): Promise<number> {
  const changes = node.spawn('ip', ['-batch', '-']);
  const began = performance.now();
  let changed = 0;
  while (performance.now() - began < seconds * 1000) {
    const lines: string[] = [];
    for (const due = Math.floor(performance.now() - began); changed < due; changed += 1) {
      lines.push(`link set eth${changed % count} mtu ${1400 + (Math.floor(changed / count) % 100)}\n`);
    }
    changes.write(lines.join(''));
    await wait(10);
  }
  await wait(500);
  await changes.end();
  return changed;
}

/** Each second a cable is pulled, not that of the active uplink, and plugged in again. Resolves with how many it were. */
async function pullCables(hub: Namespace, count: number, seconds: number): Promise<number> {
  const pulls = seconds;
  for (let pulled = 0; pulled < pulls; pulled += 1) {
    const cable = `hub${1 + (pulled % (count - 1))}`;
    await hub.ip(`link set ${cable} down`);
    await wait(500);
    await hub.ip(`link set ${cable} up`);
    await wait(500);
  }
  return pulls;
}

/** In how many interfaces the daemon and the kernel differ. */
async function differences(node: Namespace, daemon: Service): Promise<number> {
  const links = JSON.parse(await node.exec('ip', ['-j', 'link'])) as readonly { ifname: string; mtu: number }[];
  const { interfaces } = await ask<BusyStatus>(daemon, 'status');
  return interfaces.filter(({ name, mtu }) => links.find(({ ifname }) => ifname === name)?.mtu !== mtu).length;
}

/** What the daemon makes of a thousand events a second, at first of links that change and then of some lost too. */
export async function manyUplinks(count: number, seconds: number): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'backhauld-bench-'));
  const { node, hub } = await build(count);
  try {
    const daemon = node.spawn(process.execPath, [file('busy-node.ts'), directory]);
    await daemon.line((line) => line === 'ready', 60_000);
    await untilHealthy(daemon, count);
    await wait(3000);
    const during = async (load: Promise<unknown>) => {
      daemon.write('begin\n');
      await load;
      return ask<BusyReport>(daemon, 'report');
    };
    const idle = await during(wait(seconds * 500));
    const changes = changeLinks(node, count, seconds);
    const busy = await during(changes);
    const cables = Promise.all([changeLinks(node, count, seconds), pullCables(hub, count, seconds - 1)]);
    const lossy = await during(cables);
    const [, pulls] = await cables;
    const lost = (await differences(node, daemon)) + Math.abs(pulls - lossy.downs);
    await daemon.end(20_000);
    const problems = Object.entries(lossy.problems).map(([code, times]) => `${code} ${times} times`);
    return {
      cell: 'many',
      contender: `backhauld, ${count} uplinks`,
      note: [`${await changes} events, and as many with ${pulls} cables pulled`, ...problems].join(', '),
      series: [
        { what: 'lost', unit: 'lost', values: [lost] },
        { what: 'loop delay p99 ms', unit: 'ms', values: [busy.p99Ms] },
        { what: 'with cables pulled ms', unit: 'ms', values: [lossy.p99Ms] },
        { what: 'an event CPU ms', unit: 'ms', values: [(busy.cpuMs - 2 * idle.cpuMs) / (await changes)] },
      ],
    };
  } finally {
    await Promise.all([node.close(), hub.close()]);
    await rm(directory, { recursive: true, force: true });
  }
}
