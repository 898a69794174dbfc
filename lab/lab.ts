import { mkdir, rm } from 'node:fs/promises';
import { Internet, providerLink } from './internet.ts';
import { LinkMonitor } from './link-monitor.ts';
import { Meter } from './meter.ts';
import { listNamespaces, Namespace } from './namespace.ts';
import { Router } from './router.ts';
import { foreignInterfaces } from './sandbox.ts';
import { defaultUplinks, routerName, type UplinkPlan } from './topology.ts';
import { LabUplink } from './uplink.ts';

export interface LabOptions {
  readonly uplinks?: readonly UplinkPlan[];
  /**
   * The node's interfaces have their own ifindex as iflink, as a real NIC has: the kernel then reports link changes
   * at most about once a second.
   */
  readonly nicLike?: boolean;
  /** Who gives the node its addresses: a DHCP client per uplink and the kernel, or nobody: someone else will. */
  readonly dhcp?: 'udhcpc' | 'none';
}

/** A node with several providers and an internet, all of it in network namespaces of this sandbox. */
export interface Lab extends AsyncDisposable {
  readonly node: Namespace;
  readonly internet: Namespace;
  /** A directory of its own for files; removed at the end. */
  readonly directory: string;
  readonly uplinks: readonly LabUplink[];
  /** Throws for a name that is none of the uplinks'. */
  uplink(name: string): LabUplink;
  /** An address that is probed; killed and revived for everyone at once. */
  target(address: string): { kill(): Promise<void>; revive(): Promise<void> };
  meter(options?: { readonly family?: 'ipv4' | 'ipv6'; readonly intervalMs?: number }): Promise<Meter>;
  /** Ends every process and removes every namespace; throws when one is left. May be called again. */
  close(): Promise<void>;
}

/** Where the numbers of labs are claimed, and their files kept. In a sandbox it is gone with it, even after a kill. */
const claims = '/run/backhaul-lab';

/**
 * Several labs may stand in one sandbox: each has a number of its own, which none has after it. Only the first one's
 * namespaces are called by their bare names.
 */
async function claim(): Promise<{ readonly prefix: string; readonly directory: string }> {
  await mkdir(claims, { recursive: true });
  for (let number = 1; ; number += 1) {
    try {
      await mkdir(`${claims}/${number}`);
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'EEXIST') continue;
      throw error;
    }
    const directory = `${claims}/${number}/files`;
    await mkdir(directory, { mode: 0o700 });
    return { prefix: number === 1 ? '' : `lab${number}-`, directory };
  }
}

/** Builds the lab. Resolves when every uplink has its addresses and default routes, and everything answers. */
export async function createLab(options: LabOptions = {}): Promise<Lab> {
  const { uplinks: plans = defaultUplinks, nicLike = false, dhcp = 'udhcpc' } = options;
  const foreign = await foreignInterfaces();
  if (foreign.length > 0) {
    const found = foreign.join(', ');
    throw new Error(`the lab needs a network namespace of its own, and here is ${found}: use scripts/sandbox.mjs`);
  }
  const { prefix, directory } = await claim();
  const node = await Namespace.create(`${prefix}node`);
  const namespaces = [node];

  let closing: Promise<void> | undefined;
  const close = async () => (closing ??= tearDown(namespaces, directory));
  try {
    const create = async (name: string) => {
      const namespace = await Namespace.create(prefix + name);
      namespaces.push(namespace);
      // Nobody else is on these links: looking for duplicates would only cost a second or two.
      await namespace.sysctl('net.ipv6.conf.default.accept_dad=0', 'net.ipv6.conf.default.dad_transmits=0');
      return namespace;
    };
    const internetNamespace = await create('internet');
    await node.sysctl(
      'net.ipv6.conf.default.accept_dad=0',
      'net.ipv6.conf.default.dad_transmits=0',
      'net.ipv6.conf.default.router_solicitation_delay=0',
      `net.ipv6.conf.default.accept_ra=${dhcp === 'none' ? 0 : 1}`,
    );
    const internet = new Internet(internetNamespace);
    const monitor = await LinkMonitor.start(node);
    const uplinks = await Promise.all(
      plans.map(async (plan, position) => {
        const routerNamespace = await create(routerName(position));
        // Left to itself the kernel may give both ends the same number, which is what makes a veth look like a NIC.
        const index = 11 + position;
        const peer = `lan index ${nicLike ? index : 100 + index} netns ${routerNamespace.name}`;
        await node.ip(`link add ${plan.name} index ${index} type veth peer name ${peer}`);
        await internetNamespace.ip(
          `link add ${providerLink(plan)} type veth peer name wan netns ${routerNamespace.name}`,
        );
        await internetNamespace.exec('ethtool', ['-K', providerLink(plan), 'tx', 'off']);
        await node.exec('ethtool', ['-K', plan.name, 'tx', 'off']);
        const router = new Router(routerNamespace, plan, directory);
        return { uplink: new LabUplink({ plan, node, router, routerNamespace, monitor }), router };
      }),
    );
    await Promise.all([internet.start(plans), ...uplinks.map(({ router }) => router.start())]);
    await Promise.all(uplinks.map(({ router }) => router.untilOnline()));
    await Promise.all(
      uplinks.map(async ({ uplink }) => {
        await node.ip(`link set ${uplink.name} up`);
        await uplink.untilCarrier(true);
        if (dhcp === 'none') return;
        await uplink.startDhcp();
        if (uplink.plan.hasIpv6) await uplink.untilReady('ipv6');
      }),
    );
    return {
      node,
      internet: internetNamespace,
      directory,
      uplinks: uplinks.map(({ uplink }) => uplink),
      uplink(name) {
        const found = uplinks.find(({ uplink }) => uplink.name === name);
        if (found === undefined) throw new Error(`the lab has no uplink ${name}`);
        return found.uplink;
      },
      target: (address) => ({
        kill: async () => internet.kill(address),
        revive: async () => internet.revive(address),
      }),
      meter: async ({ family = 'ipv4', intervalMs = 1 } = {}) => Meter.start(node, plans, family, intervalMs),
      close,
      [Symbol.asyncDispose]: close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function tearDown(namespaces: readonly Namespace[], directory: string): Promise<void> {
  await Promise.all(namespaces.map(async (namespace) => namespace.close()));
  await rm(directory, { recursive: true, force: true });
  const left = await listNamespaces();
  const own = namespaces.filter(({ name }) => left.includes(name));
  if (own.length > 0) throw new Error(`namespaces are left: ${own.map(({ name }) => name).join(', ')}`);
}
