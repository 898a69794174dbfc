import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Namespace } from '../../../lab/namespace.ts';
import { farHost, routerAddresses } from '../../../lab/topology.ts';
import { families } from '../../../src/model/family.ts';
import { givenBack, nodeAddress, nodeAddress6, Site } from './site.ts';
import { answers, hop } from './ways.ts';

/** The numbers of the uplinks, by name. */
const numbers = { eth0: 101, wlan0: 102, wwan0: 103 } as const;
type Uplink = keyof typeof numbers;
const uplinks = Object.keys(numbers) as readonly Uplink[];

const addressOf = {
  ipv4: (name: Uplink) => nodeAddress(numbers[name]),
  ipv6: (name: Uplink) => nodeAddress6(numbers[name]),
};
const routerOf = {
  ipv4: (name: Uplink) => routerAddresses(numbers[name]).lan,
  ipv6: (name: Uplink) => routerAddresses(numbers[name]).lan6,
};

/** Behind `bridge` of the node, with everything else by way of it. */
async function attach(site: Site, name: string, bridge: string, net4: string, net6: string): Promise<Namespace> {
  const inside = await Namespace.create(`${site.node.name}-${name}`);
  await site.node.ip(
    ...(bridge === 'lan0' ? [] : [`link add ${bridge} type bridge`]),
    bridge === 'lan0'
      ? `link add lan0 type veth peer name uplink netns ${inside.name}`
      : `link add veth1 master ${bridge} type veth peer name uplink netns ${inside.name}`,
    ...(bridge === 'lan0' ? [] : ['link set veth1 up']),
    `address add ${net4}.1/24 dev ${bridge}`,
    `address add ${net6}::1/64 dev ${bridge} nodad`,
    `link set ${bridge} up`,
  );
  await inside.ip(
    `address add ${net4}.5/24 dev uplink`,
    `address add ${net6}::5/64 dev uplink nodad`,
    'link set uplink up',
    `route add default via ${net4}.1`,
    `route add ::/0 via ${net6}::1`,
  );
  return inside;
}

describe('ROUT-1: traffic that has its own way keeps it, whichever uplink is active', () => {
  let site: Site;
  let container: Namespace;
  let lan: Namespace;
  let vpn: Namespace;
  const others: Namespace[] = [];

  beforeAll(async () => {
    site = await Site.create();
    await site.node.sysctl('net.ipv4.ip_forward=1', 'net.ipv6.conf.all.forwarding=1');
    container = await attach(site, 'container', 'docker0', '172.17.0', 'fd00:17');
    lan = await attach(site, 'lan', 'lan0', '10.7.0', 'fd00:7');
    // A network behind a host of the LAN, by a static route in main.
    await lan.ip('address add 10.8.0.1/32 dev lo', 'address add fd00:8::1/128 dev lo');
    await site.node.ip('route add 10.8.0.0/16 via 10.7.0.5', 'route add fd00:8::/64 via fd00:7::5');
    // As Docker does it.
    await site.node.nft(
      'add table inet docker',
      'add chain inet docker postrouting { type nat hook postrouting priority 100; }',
      'add rule inet docker postrouting ip saddr { 172.17.0.0/24, 10.7.0.0/24 } oifname != { "docker0", "lan0" } masquerade',
      'add rule inet docker postrouting ip6 saddr { fd00:17::/64, fd00:7::/64 } oifname != { "docker0", "lan0" } masquerade',
    );
    // A VPN with a rule and a table of its own: a network, and one destination in the internet that it takes over.
    vpn = await Namespace.create(`${site.node.name}-vpn`);
    await site.node.ip(
      `link add tailscale0 type veth peer name node netns ${vpn.name}`,
      'address add 100.64.0.2/32 dev tailscale0',
      'address add fd7a::2/128 dev tailscale0 nodad',
      'link set tailscale0 up',
      'route add 100.64.0.0/10 dev tailscale0 table 52',
      'route add 198.51.100.0/24 dev tailscale0 table 52',
      'route add fd7a::/64 dev tailscale0 table 52',
      'rule add priority 5270 table 52',
    );
    await site.node.exec('ip', ['-6', 'rule', 'add', 'priority', '5270', 'table', '52']);
    await vpn.ip(
      'address add 100.64.0.1/10 dev node',
      'address add fd7a::1/64 dev node nodad',
      'address add 198.51.100.7/32 dev lo',
      'link set node up',
    );
    others.push(container, lan, vpn);
    // As providers do, each drops what does not come from an address that it gave out.
    const honest = Object.values(numbers).map(async (n, position) =>
      site.lab.uplinks[position]?.routerNamespace.nft(
        'add table inet spoofed',
        'add chain inet spoofed forward { type filter hook forward priority -1; }',
        `add rule inet spoofed forward iifname "lan" ip saddr != 192.168.${n}.0/24 drop`,
        `add rule inet spoofed forward iifname "lan" ip6 saddr != 2001:db8:${n}::/64 drop`,
      ),
    );
    await Promise.all(honest);
    // The internet knows the way to each node's address, as it does where there is no NAT.
    const ways = Object.values(numbers).map((n) => `route add 192.168.${n}.0/24 via 10.0.${n}.2`);
    await site.lab.internet.ip(...ways);
    await site.start();
  });
  afterAll(async () => {
    await Promise.all(others.map(async (one) => one.close()));
    await site[Symbol.asyncDispose]();
  });

  test('bridges, their ports and a VPN are no uplinks', async () => {
    const { interfaces } = await site.daemon.status();
    expect(interfaces.filter(({ candidate }) => candidate).map(({ name }) => name)).toEqual(uplinks);
    expect(interfaces.map(({ name }) => name)).not.toEqual(expect.arrayContaining(['docker0']));
  });

  describe.each(['eth0', 'wlan0'] as const)('while %s is active', (active) => {
    beforeAll(async () => site.pin(active));

    test('unbound traffic leaves by it; what is bound to an uplink, or to its address, by that one', async () => {
      for (const family of families) {
        expect(await hop(site.node, family)).toBe(routerOf[family](active));
        for (const name of uplinks) {
          const boundTo = [name, addressOf[family](name)];
          const seen = await Promise.all(boundTo.map(async (bound) => hop(site.node, family, { boundTo: bound })));
          expect(seen).toEqual([routerOf[family](name), routerOf[family](name)]);
        }
      }
    });

    test('who asks the node by the address of an uplink is answered by that uplink', async () => {
      const asked = families.flatMap((family) => uplinks.map((name) => [farHost[family], addressOf[family](name)]));
      const answered = await Promise.all(
        asked.map(async ([from = '', to = '']) => answers(site.lab.internet, '-I', from, to)),
      );
      expect(answered).toEqual(asked.map(() => true));
    });

    test('a container reaches the addresses of every uplink, and the internet through the active one', async () => {
      for (const family of families) {
        const reached = uplinks.map(async (name) => answers(container, addressOf[family](name)));
        expect(await Promise.all(reached)).toEqual([true, true, true]);
        expect(await hop(container, family, { hops: 2 })).toBe(routerOf[family](active));
        expect(await answers(container, farHost[family])).toBe(true);
      }
    });

    test('hosts of the LAN, and networks behind them, are reached from any address, and reach the internet', async () => {
      const from = { ipv4: ['10.7.0.5', '10.8.0.1'], ipv6: ['fd00:7::5', 'fd00:8::1'] } as const;
      for (const family of families) {
        for (const host of from[family]) {
          expect(await answers(site.node, host)).toBe(true);
          expect(await answers(site.node, '-I', addressOf[family]('wwan0'), host)).toBe(true);
        }
        expect(await hop(lan, family, { hops: 2 })).toBe(routerOf[family](active));
        expect(await answers(lan, addressOf[family]('wwan0'))).toBe(true);
      }
    });

    test('the rule of a VPN has the precedence it had', async () => {
      const reached = ['100.64.0.1', '198.51.100.7', 'fd7a::1'].map(async (to) => answers(site.node, to));
      expect(await Promise.all(reached)).toEqual([true, true, true]);
    });
  });

  test('a VPN that takes all traffic has it, but for what is bound to an uplink', async () => {
    const takeAll = ['route', 'add', '0.0.0.0/1', 'dev', 'tailscale0', 'table', '52'];
    const far = ['route', 'add', '128.0.0.0/1', 'dev', 'tailscale0', 'table', '52'];
    await site.node.ip(takeAll.join(' '), far.join(' '));
    await vpn.ip(`address add ${farHost.ipv4}/32 dev lo`);
    expect(await answers(site.node, farHost.ipv4)).toBe(true);
    expect(await hop(site.node, 'ipv4')).toBeNull();
    expect(await hop(site.node, 'ipv4', { boundTo: 'wlan0' })).toBe(routerOf.ipv4('wlan0'));
    await site.node.ip(takeAll.join(' ').replace('add', 'delete'), far.join(' ').replace('add', 'delete'));
    expect(await hop(site.node, 'ipv4')).toBe(routerOf.ipv4('wlan0'));
  });

  test('at the end the network is as it was found', async () => {
    expect(await site.stop()).toEqual(givenBack);
  });
});
