import { fileURLToPath } from 'node:url';
import type { Namespace } from './namespace.ts';
import { nativeTool } from './native.ts';
import { farHost, providerAddresses, routerAddresses, targets, type UplinkPlan } from './topology.ts';

/** What a router's link is called at the internet's end. */
export const providerLink = (plan: UplinkPlan): string => `isp${plan.number}`;

/** Everything beyond the routers. */
export class Internet {
  readonly #namespace: Namespace;

  constructor(namespace: Namespace) {
    this.#namespace = namespace;
  }

  /** Resolves when every target and the far host answer. */
  async start(uplinks: readonly UplinkPlan[]): Promise<void> {
    const withPrefix = (address: string) => `${address}/${address.includes(':') ? 128 : 32}`;
    await this.#namespace.ip(
      ...[...targets, farHost.ipv4, farHost.ipv6].map((address) => `address add ${withPrefix(address)} dev lo`),
      ...uplinks.flatMap((plan) => [
        `address add ${providerAddresses(plan.number).ipv4}/30 dev ${providerLink(plan)}`,
        `address add ${providerAddresses(plan.number).ipv6}/64 dev ${providerLink(plan)}`,
        `link set ${providerLink(plan)} up`,
        `route add 2001:db8:${plan.number}::/64 via ${routerAddresses(plan.number).wan6}`,
      ]),
    );
    await this.#namespace.nft(
      'add table inet lab',
      'add set inet lab dead4 { type ipv4_addr; }',
      'add set inet lab dead6 { type ipv6_addr; }',
      'add chain inet lab input { type filter hook input priority 0; }',
      'add rule inet lab input ip daddr @dead4 drop',
      'add rule inet lab input ip6 daddr @dead6 drop',
    );
    const services = fileURLToPath(new URL('internet-services.ts', import.meta.url));
    const stream = await nativeTool('stream');
    const port = String(farHost.port);
    await Promise.all([
      this.#startService(process.execPath, [services]),
      this.#startService(stream.file, [...stream.args, 'echo', farHost.ipv4, port, farHost.ipv6, port]),
    ]);
  }

  async #startService(file: string, args: readonly string[]): Promise<void> {
    await this.#namespace.spawn(file, args).line((line) => line === 'ready');
  }

  /** The target answers nobody any more, whichever way the question comes. */
  async kill(address: string): Promise<void> {
    await this.#namespace.nft(`add element inet lab ${deadSet(address)} { ${address} }`);
  }

  async revive(address: string): Promise<void> {
    await this.#namespace.nft(`delete element inet lab ${deadSet(address)} { ${address} }`);
  }
}

const deadSet = (address: string): string => (address.includes(':') ? 'dead6' : 'dead4');
