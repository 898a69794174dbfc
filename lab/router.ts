import { join } from 'node:path';
import type { Namespace } from './namespace.ts';
import type { Service } from './process.ts';
import { providerAddresses, routerAddresses, type UplinkPlan } from './topology.ts';

export type Direction = 'up' | 'down' | 'both';

/** A provider's box: DHCP, router advertisements, NAT, and everything that can go wrong behind it. */
export class Router {
  readonly #namespace: Namespace;
  readonly #plan: UplinkPlan;
  readonly #directory: string;
  #lan: string;
  #number: number;
  #dnsmasq: Service | undefined;

  constructor(namespace: Namespace, plan: UplinkPlan, directory: string) {
    this.#namespace = namespace;
    this.#plan = plan;
    this.#directory = directory;
    this.#number = plan.number;
    this.#lan = routerAddresses(plan.number).lan;
  }

  /** Brings the router up; its links `lan` and `wan` must exist. Resolves when it would answer DHCP. */
  async start(): Promise<void> {
    const own = routerAddresses(this.#plan.number);
    const provider = providerAddresses(this.#plan.number);
    // A veth leaves checksums to a NIC that is not there; DHCP clients that read raw packets would drop them.
    await Promise.all(['lan', 'wan'].map((link) => this.#namespace.exec('ethtool', ['-K', link, 'tx', 'off'])));
    await this.#namespace.sysctl(
      'net.ipv4.ip_forward=1',
      'net.ipv6.conf.all.forwarding=1',
      // Pulling the cable is taking this end down: without it the router would lose its IPv6 address.
      'net.ipv6.conf.lan.keep_addr_on_down=1',
    );
    await this.#namespace.ip(
      `address add ${this.#lan}/24 dev lan`,
      `address add ${own.wan}/30 dev wan`,
      `address add ${own.wan6}/64 dev wan`,
      ...(this.#plan.hasIpv6 ? [`address add ${own.lan6}/64 dev lan`] : []),
      'link set lan up',
      'link set wan up',
      `route add default via ${provider.ipv4}`,
      `route add ::/0 via ${provider.ipv6}`,
    );
    await this.#namespace.nft(
      'add table inet lab',
      'add chain inet lab forward { type filter hook forward priority 0; }',
      'add chain inet lab postrouting { type nat hook postrouting priority 100; }',
      'add rule inet lab postrouting oifname "wan" meta nfproto ipv4 masquerade',
    );
    await this.#serve();
  }

  /** Resolves when the internet answers the router, by both protocols. */
  async untilOnline(): Promise<void> {
    const addresses = ['1.1.1.1', '2606:4700:4700::1111'];
    await Promise.all(
      addresses.map((address) => this.#namespace.exec('ping', ['-q', '-c', '1', '-i', '0.2', '-w', '10', address])),
    );
  }

  /** Goes on with other options of dnsmasq. */
  async serve(...options: readonly string[]): Promise<void> {
    await this.#dnsmasq?.end();
    await this.#serve(options);
  }

  async #serve(options: readonly string[] = []): Promise<void> {
    const network = `192.168.${this.#number}`;
    const dnsmasq = this.#namespace.spawn('dnsmasq', [
      // Its debug mode: in the foreground, and still root, for in a user namespace it can become nobody else.
      '--no-daemon',
      '--conf-file=/dev/null',
      '--log-facility=-',
      '--pid-file=',
      '--interface=lan',
      '--except-interface=lo',
      '--bind-interfaces',
      '--no-resolv',
      '--no-hosts',
      '--server=8.8.8.8',
      '--no-ping',
      '--dhcp-authoritative',
      `--dhcp-leasefile=${join(this.#directory, `${this.#namespace.name}-${this.#number}.leases`)}`,
      `--dhcp-range=${network}.50,${network}.99,255.255.255.0,2m`,
      ...(this.#plan.hasIpv6
        ? ['--enable-ra', '--dhcp-range=::,constructor:lan,ra-only', '--ra-param=lan,10,1800']
        : []),
      ...options,
    ]);
    this.#dnsmasq = dnsmasq;
    await dnsmasq.line((line) => line.includes('sockets bound exclusively to interface lan'));
  }

  get gateway(): string {
    return this.#lan;
  }

  async lan(state: 'up' | 'down'): Promise<void> {
    await this.#namespace.ip(`link set lan ${state}`);
  }

  /** Nothing is forwarded any more; the router itself still answers. */
  async blackhole(): Promise<void> {
    await this.#faults('add rule inet lab forward drop');
  }

  /** Drops packets at random. `up`: from the node; `down`: to the node. */
  async loss(percent: number, direction: Direction): Promise<void> {
    const from = { up: 'iifname "lan" ', down: 'oifname "lan" ', both: '' }[direction];
    await this.#faults(`add rule inet lab forward ${from}numgen random mod 100 < ${percent} drop`);
  }

  async heal(): Promise<void> {
    await this.#faults();
  }

  async #faults(...rules: readonly string[]): Promise<void> {
    await this.#namespace.nft('flush chain inet lab forward', ...rules);
  }

  /** Gives the LAN another network, as a router does that was reset or replaced. Nobody is told. */
  async renumber(): Promise<void> {
    await this.#dnsmasq?.end();
    const before = this.#lan;
    this.#number += this.#number < 200 ? 100 : -100;
    this.#lan = routerAddresses(this.#number).lan;
    await this.#namespace.ip(`address delete ${before}/24 dev lan`, `address add ${this.#lan}/24 dev lan`);
    await this.#serve();
  }
}
