import { fileURLToPath } from 'node:url';
import type { LinkMonitor } from './link-monitor.ts';
import type { Namespace } from './namespace.ts';
import type { Service } from './process.ts';
import type { Direction, Router } from './router.ts';
import type { UplinkPlan } from './topology.ts';

interface Parts {
  readonly plan: UplinkPlan;
  readonly node: Namespace;
  readonly router: Router;
  readonly routerNamespace: Namespace;
  readonly monitor: LinkMonitor;
}

/** One of the node's ways out, and everything that can happen to it. */
export class LabUplink {
  readonly #node: Namespace;
  readonly #router: Router;
  readonly #monitor: LinkMonitor;
  #client: Service | undefined;
  readonly plan: UplinkPlan;
  readonly name: string;
  /** The namespace behind the cable. */
  readonly routerNamespace: Namespace;

  constructor({ plan, node, router, routerNamespace, monitor }: Parts) {
    this.plan = plan;
    this.name = plan.name;
    this.#node = node;
    this.#router = router;
    this.routerNamespace = routerNamespace;
    this.#monitor = monitor;
  }

  get gateway(): string {
    return this.#router.gateway;
  }

  /** Starts another manager's DHCP client. Resolves when address and default route are there. */
  async startDhcp(): Promise<void> {
    const hook = fileURLToPath(new URL('dhcp-hook.sh', import.meta.url));
    const client = this.#node.spawn(
      'udhcpc',
      ['-f', '-i', this.name, '-s', hook, '-t', '10', '-T', '1', '-A', '1', '-S'],
      { env: { METRIC: String(this.plan.metric) } },
    );
    this.#client = client;
    await client.line((line) => line.startsWith(`dhcp bound ${this.name} `));
  }

  /** Asks for the lease again: address and default route are put back. Resolves when they are there. */
  async renew(): Promise<void> {
    const renewed = this.#client?.line((line) => /^dhcp (?:renew|bound) /u.test(line));
    this.#client?.signal('SIGUSR1');
    await renewed;
  }

  /** The cable is pulled: no carrier at the node. Resolves when it is done, not when the node has noticed. */
  async pull(): Promise<void> {
    await this.#router.lan('down');
  }

  async plug(): Promise<void> {
    await this.#router.lan('up');
  }

  /** Resolves when the node's kernel has told of the carrier being so. */
  async untilCarrier(hasCarrier: boolean): Promise<void> {
    await this.#monitor.until(
      () => this.#monitor.link(this.name)?.hasCarrier === hasCarrier,
      `${this.name}: carrier ${hasCarrier ? 'up' : 'lost'}`,
    );
  }

  async adminDown(): Promise<void> {
    await this.#node.ip(`link set ${this.name} down`);
  }

  /** Up again; the other manager renews its lease, which restores the routes that the kernel has flushed. */
  async adminUp(): Promise<void> {
    await this.#node.ip(`link set ${this.name} up`);
    await this.untilCarrier(true);
    await this.renew();
  }

  /** The router forwards nothing any more, and still answers ARP, DHCP and ping itself. */
  async blackhole(on: boolean): Promise<void> {
    await (on ? this.#router.blackhole() : this.#router.heal());
  }

  /** Random loss of `percent` beyond the link; 0 ends it. `up`: what the node sends; `down`: what it would receive. */
  async loss(percent: number, direction: Direction = 'both'): Promise<void> {
    await (percent === 0 ? this.#router.heal() : this.#router.loss(percent, direction));
  }

  /** The cable comes and goes for a while; at the end it is plugged. */
  async flap(upMs: number, downMs: number, forSeconds: number): Promise<void> {
    const wait = async (ms: number) => {
      await new Promise((resolve) => setTimeout(resolve, ms));
    };
    const end = performance.now() + forSeconds * 1000;
    while (performance.now() < end) {
      await this.pull();
      await wait(downMs);
      await this.plug();
      await wait(upMs);
    }
  }

  /** Every global address goes, and with them the routes that need them. `renew` brings IPv4 back. */
  async flushAddress(): Promise<void> {
    await this.#node.exec('ip', ['address', 'flush', 'dev', this.name, 'scope', 'global']);
  }

  /** The router gives its LAN another network. The node hears of it when its lease is renewed. */
  async renumber(): Promise<void> {
    await this.#router.renumber();
  }

  /** The router's dnsmasq goes on with these options besides its own. */
  async serve(...options: readonly string[]): Promise<void> {
    await this.#router.serve(...options);
  }

  /** Resolves when the interface has an address of the family that may be used, and a default route by it. */
  async untilReady(family: 'ipv4' | 'ipv6'): Promise<void> {
    const flag = family === 'ipv4' ? '-4' : '-6';
    const show = async (...args: readonly string[]) => this.#node.exec('ip', [flag, '-o', ...args]);
    await this.#monitor.until(async () => {
      const addresses = await show('address', 'show', 'dev', this.name, 'scope', 'global', '-tentative');
      const routes = await show('route', 'show', 'default', 'dev', this.name);
      return addresses !== '' && routes !== '';
    }, `${this.name}: ${family} address and default route`);
  }
}
