import type { Lab } from '../../lab/lab.ts';
import type { Namespace } from '../../lab/namespace.ts';
import { routerAddresses, type UplinkPlan } from '../../lab/topology.ts';
import { families, type Family } from '../../src/model/family.ts';
import { isMisled, lanNumbers, usualNames, type Lan, type Slot, type UplinkWorld } from './world.ts';

export const plans: readonly UplinkPlan[] = lanNumbers.map((number, slot) => ({
  name: usualNames[slot] ?? '',
  number,
  metric: 100 * (slot + 1),
  hasIpv6: true,
}));

export const cidrOf = ({ network, gateway }: Lan): string => `192.168.${network}.${gateway}/24`;
const nodeCidrOf = ({ network }: Lan): string => `192.168.${network}.2/24`;

/** The links between the node and its routers, with what is configured at both ends. */
export class Cables {
  readonly #lab: Lab;
  readonly #isNicLike: boolean;
  #created = 0;

  constructor(lab: Lab, isNicLike: boolean) {
    this.#lab = lab;
    this.#isNicLike = isNicLike;
  }

  get #node(): Namespace {
    return this.#lab.node;
  }

  router(slot: Slot): Namespace {
    const uplink = this.#lab.uplinks[slot];
    if (uplink === undefined) throw new Error(`no uplink ${slot}`);
    return uplink.routerNamespace;
  }

  /** The node's administrator puts addresses and routes in order, as the router has them. */
  async configure(uplink: UplinkWorld): Promise<void> {
    const { slot, name, router } = uplink;
    const number = lanNumbers[slot] ?? 0;
    const metric = 100 * (slot + 1);
    const wanted = nodeCidrOf(router);
    const shown = await this.#node.exec('ip', ['-4', '-o', 'address', 'show', 'dev', name, 'scope', 'global']);
    const old = [...shown.matchAll(/ inet (\S+)/gu)].flatMap(([, cidr]) => (cidr === wanted ? [] : (cidr ?? [])));
    await this.#node.ip(
      `address replace ${wanted} dev ${name}`,
      ...old.map((cidr) => `address delete ${cidr} dev ${name}`),
      `route replace default via 192.168.${router.network}.${router.gateway} dev ${name} metric ${metric}`,
      `address replace 2001:db8:${number}::2/64 dev ${name} nodad`,
      `route replace ::/0 via ${routerAddresses(number).lan6} dev ${name} metric ${metric}`,
    );
    await this.forward(uplink);
  }

  async forward(uplink: UplinkWorld): Promise<void> {
    const { slot, loss } = uplink;
    // Another router than before has another hardware address: who still sends to the old one reaches nobody.
    const isShut = (family: Family): boolean => uplink.isBlackHole[family] || (family === 'ipv4' && isMisled(uplink));
    const direction = { up: 'iifname "lan" ', down: 'oifname "lan" ', both: '' }[loss.direction];
    await this.router(slot).nft(
      'flush chain inet lab forward',
      ...families.flatMap((one) => (isShut(one) ? [`add rule inet lab forward meta nfproto ${one} drop`] : [])),
      ...(loss.percent > 0
        ? [`add rule inet lab forward ${direction}numgen random mod 100 < ${loss.percent} drop`]
        : []),
    );
  }

  async rename(before: UplinkWorld, after: UplinkWorld, isLive: boolean): Promise<void> {
    if (!before.isUp || isLive) return this.#node.ip(`link set ${before.name} name ${after.name}`);
    await this.#node.ip(
      `link set ${before.name} down`,
      `link set ${before.name} name ${after.name}`,
      `link set ${after.name} up`,
    );
    return this.configure(after);
  }

  async create(uplink: UplinkWorld): Promise<void> {
    const { slot, name, router } = uplink;
    const number = lanNumbers[slot] ?? 0;
    // A device that was plugged in again never has the index of before.
    this.#created += 1;
    const index = 200 + this.#created;
    const isNicLike = this.#isNicLike;
    const behind = this.router(slot);
    const peer = `lan index ${isNicLike ? index : 1000 + index} netns ${behind.name}`;
    await this.#node.ip(`link add ${name} index ${index} type veth peer name ${peer}`);
    await this.#node.exec('ethtool', ['-K', name, 'tx', 'off']);
    await behind.exec('ethtool', ['-K', 'lan', 'tx', 'off']);
    await behind.sysctl('net.ipv6.conf.lan.keep_addr_on_down=1');
    await behind.ip(
      `address add ${cidrOf(router)} dev lan`,
      `address add ${routerAddresses(number).lan6}/64 dev lan nodad`,
      'link set lan up',
    );
    await this.#node.ip(`link set ${name} up`);
    await this.configure(uplink);
  }
}
